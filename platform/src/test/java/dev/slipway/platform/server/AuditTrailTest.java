package dev.slipway.platform.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.slipway.base.Json;
import dev.slipway.platform.Eventually;
import dev.slipway.platform.access.KeyFile;
import dev.slipway.platform.access.Limits;
import dev.slipway.platform.access.Scope;
import dev.slipway.platform.audit.AuditVerifier;
import dev.slipway.platform.console.ConsolePage;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What a service tells of its requests. */
@Timeout(120)
class AuditTrailTest {
  private static final String ASK =
      "{\"model\":\"toy\",\"prompt\":\"ask ann@example.org\",\"max_tokens\":3,\"temperature\":0}";

  @TempDir Path folder;
  private final HttpClient client = HttpClient.newHttpClient();
  private Path path = Path.of("");

  @BeforeEach
  void place() {
    path = folder.resolve("audit.jsonl");
  }

  @AfterEach
  void close() {
    client.close();
  }

  private HttpResponse<String> post(URI address, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(address.resolve("/v1/completions"))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(ASK));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private List<JsonNode> lines() throws IOException {
    return Files.readAllLines(path).stream().map(line -> Json.parse(line, "audit")).toList();
  }

  private List<JsonNode> events(String event) throws IOException {
    return lines().stream().filter(line -> line.path("event").asString().equals(event)).toList();
  }

  @Test
  void everyRequestAndItsAnswerAreToldAndNoWordOfThem() throws Exception {
    Path keys = folder.resolve("keys.json");
    String key =
        new KeyFile(keys)
            .create("ann", List.of(Scope.INFER), Instant.now(), null, Limits.NONE)
            .secret();
    Safety safety = Safety.NONE.withKeys(keys).withAudit(path, false);
    try (ModelServer server =
        ModelServer.start(
            ServeOptions.DEFAULT.withPort(0).withSafety(safety),
            "toy",
            FakeEngine::new,
            List.of())) {
      server.awaitReady();
      HttpResponse<String> answer =
          post(server.address(), "Authorization", "Bearer " + key, "X-Request-Id", "mine-1");
      assertThat(answer.headers().firstValue("X-Request-Id")).contains("mine-1");
      HttpResponse<String> refused = post(server.address(), "X-Request-Id", "two\u00e4");
      assertThat(refused.statusCode()).isEqualTo(401);
      assertThat(refused.headers().firstValue("X-Request-Id").orElseThrow()).startsWith("req-");
    }
    assertThat(AuditVerifier.verify(path, null).lines()).isEqualTo(5);
    assertThat(lines().stream().map(line -> line.path("event").asString()))
        .containsExactlyInAnyOrder("start", "request", "answer", "refused", "stop");
    JsonNode request = events("request").getFirst();
    assertThat(request.path("request_id").asString()).isEqualTo("mine-1");
    assertThat(request.path("key").asString()).isEqualTo("ann");
    assertThat(request.path("remote").asString()).isEqualTo("127.0.0.1");
    JsonNode answer = events("answer").getFirst();
    assertThat(answer.path("request_id").asString()).isEqualTo("mine-1");
    assertThat(answer.path("status").asInt()).isEqualTo(200);
    assertThat(answer.path("model").asString()).isEqualTo("toy");
    assertThat(answer.path("prompt_tokens").asInt()).isEqualTo(20);
    assertThat(answer.path("completion_tokens").asInt()).isEqualTo(3);
    assertThat(events("refused").getFirst().path("status").asInt()).isEqualTo(401);
    assertThat(Files.readString(path)).doesNotContain("example").doesNotContain(key);
  }

  @Test
  void wordsAreToldWhereTheyAreAskedForAndMasked() throws Exception {
    Safety safety = Safety.NONE.withAudit(path, true);
    try (ModelServer server =
        ModelServer.start(
            ServeOptions.DEFAULT.withPort(0).withSafety(safety),
            "toy",
            () -> new FakeEngine(null, "call +49 30 1234567"),
            List.of())) {
      server.awaitReady();
      client.send(
          HttpRequest.newBuilder(server.address().resolve("/v1/completions"))
              .header("Content-Type", "application/json")
              .POST(HttpRequest.BodyPublishers.ofString(ASK.replace(":3,", ":40,")))
              .build(),
          HttpResponse.BodyHandlers.ofString());
    }
    JsonNode answer = events("answer").getFirst();
    assertThat(answer.path("prompts").get(0).asString()).endsWith("ask [email]");
    assertThat(answer.path("answers").get(0).asString()).isEqualTo("call [phone]");
  }

  @Test
  void aClientThatHasGoneIsTold() throws Exception {
    Semaphore permits = new Semaphore(2);
    try (ModelServer server =
        ModelServer.start(
            ServeOptions.DEFAULT.withPort(0).withSafety(Safety.NONE.withAudit(path, false)),
            "toy",
            () -> new FakeEngine(permits),
            List.of())) {
      server.awaitReady();
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
        String body = ASK.replace("}", ",\"stream\":true}");
        socket
            .getOutputStream()
            .write(
                ("POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                        + "Content-Length: "
                        + body.length()
                        + "\r\n\r\n"
                        + body)
                    .getBytes(StandardCharsets.UTF_8));
        socket.getOutputStream().flush();
        assertThat(socket.getInputStream().read()).isEqualTo('H');
      }
      Eventually.holds("the answer is in the log", () -> !events("answer").isEmpty());
    }
    assertThat(events("answer")).hasSize(1);
    assertThat(events("answer").getFirst().path("status").asInt()).isEqualTo(499);
  }

  @Test
  void headersKeepBrowsersFromHarm() throws Exception {
    try (ModelServer server =
        ModelServer.start(
            ServeOptions.DEFAULT.withPort(0), "toy", FakeEngine::new, List.of(new ConsolePage()))) {
      server.awaitReady();
      for (String path : List.of("/", "/health", "/v1/models", "/nothing")) {
        HttpResponse<String> answer =
            client.send(
                HttpRequest.newBuilder(server.address().resolve(path))
                    .header("Origin", "http://evil.example")
                    .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(answer.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
        assertThat(answer.headers().firstValue("X-Frame-Options")).contains("DENY");
        assertThat(answer.headers().firstValue("Referrer-Policy")).contains("no-referrer");
        assertThat(answer.headers().firstValue("X-Request-Id")).isPresent();
        assertThat(answer.headers().allValues("Content-Security-Policy")).hasSize(1);
        assertThat(answer.headers().firstValue("Content-Security-Policy").orElseThrow())
            .contains("default-src 'none'")
            .contains("frame-ancestors 'none'");
        assertThat(answer.headers().allValues("Cache-Control"))
            .containsExactly(path.equals("/") ? "no-cache" : "no-store");
        assertThat(answer.headers().map().keySet())
            .noneMatch(name -> name.startsWith("access-control-"));
      }
    }
  }

  /** The system's limit on a file's size stands for a disk that is full. */
  @Test
  void nothingIsAnsweredUntoldAndAKilledServiceLeavesAWholeLog() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "skipped: there is no bash");
    Process process =
        new ProcessBuilder(
                "/bin/bash",
                "-c",
                "ulimit -f 16; exec \"$@\"",
                "bash",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Served.class.getName(),
                path.toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    int answered = 0;
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      URI address = URI.create(out.readLine());
      HttpResponse<String> answer = post(address);
      while (answer.statusCode() == 200) {
        answered++;
        answer = post(address);
      }
      assertThat(answer.statusCode()).isEqualTo(503);
      assertThat(answer.body()).contains("audit_unavailable");
      process.destroyForcibly().waitFor(); // SIGKILL
    } finally {
      process.destroyForcibly();
    }
    assertThat(answered).isGreaterThan(10);
    AuditVerifier.verify(path, null);
    assertThat(events("request").size()).isGreaterThanOrEqualTo(answered);
    try (ModelServer again =
        ModelServer.start(
            ServeOptions.DEFAULT.withPort(0).withSafety(Safety.NONE.withAudit(path, false)),
            "toy",
            FakeEngine::new,
            List.of())) {
      again.awaitReady();
      assertThat(post(again.address()).statusCode()).isEqualTo(200);
    }
    AuditVerifier.verify(path, null);
  }

  /** A process that serves with an audit log. */
  static final class Served {
    public static void main(String[] args) throws InterruptedException {
      ModelServer server =
          ModelServer.start(
              ServeOptions.DEFAULT
                  .withPort(0)
                  .withSafety(Safety.NONE.withAudit(Path.of(args[0]), false)),
              "toy",
              FakeEngine::new,
              List.of());
      server.awaitReady();
      System.out.println(server.address());
      server.awaitStop();
    }
  }
}
