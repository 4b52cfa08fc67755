package dev.slipway.platform.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.platform.Eventually;
import dev.slipway.platform.access.KeyFile;
import dev.slipway.platform.access.Limits;
import dev.slipway.platform.access.Scope;
import dev.slipway.platform.console.ConsolePage;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who is let in, and how much they may ask. */
@Timeout(120)
class GateTest {
  private static final String ASK =
      "{\"model\":\"toy\",\"prompt\":\"abcd\",\"max_tokens\":3,\"temperature\":0}";

  @TempDir Path folder;
  private final HttpClient client = HttpClient.newHttpClient();
  private Path file = Path.of("");
  private String ann = "";
  private String prometheus = "";

  @BeforeEach
  void keys() {
    file = folder.resolve("keys.json");
    KeyFile keys = new KeyFile(file);
    Instant now = Instant.now();
    ann = keys.create("ann", List.of(Scope.INFER), now, null, Limits.NONE).secret();
    prometheus = keys.create("prometheus", List.of(Scope.METRICS), now, null, Limits.NONE).secret();
  }

  @AfterEach
  void close() {
    client.close();
  }

  private ModelServer serve(Limits limits) throws InterruptedException {
    return serve(Safety.NONE.withKeys(file).withLimits(limits));
  }

  private static ModelServer serve(Safety safety) throws InterruptedException {
    ModelServer server =
        ModelServer.start(
            ServeOptions.DEFAULT.withPort(0).withSafety(safety),
            "toy",
            FakeEngine::new,
            List.of(new ConsolePage()));
    server.awaitReady();
    return server;
  }

  private HttpResponse<String> send(
      ModelServer server, String method, String path, String... headers)
      throws IOException, InterruptedException {
    URI address = server.address().resolve(path);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(address)
            .header("Content-Type", "application/json")
            .method(
                method,
                method.equals("GET")
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(ASK));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> ask(ModelServer server, String key)
      throws IOException, InterruptedException {
    return send(server, "POST", "/v1/completions", "Authorization", "Bearer " + key);
  }

  @Test
  void nothingIsOpenWithoutAKeyButHealthAndPages() throws Exception {
    try (ModelServer server = serve(Limits.NONE)) {
      for (String path : List.of("/", "/console/console.js", "/favicon.svg", "/health")) {
        assertThat(send(server, "GET", path).statusCode()).as(path).isEqualTo(200);
      }
      for (String path : List.of("/v1/models", "/metrics", "/v1/models/toy", "/nothing", "/x/y")) {
        HttpResponse<String> refused = send(server, "GET", path);
        assertThat(refused.statusCode()).as(path).isEqualTo(401);
        assertThat(refused.headers().firstValue("WWW-Authenticate")).isPresent();
        assertThat(refused.body())
            .contains("\"type\":\"invalid_request_error\"")
            .contains("\"code\":\"invalid_api_key\"");
      }
      for (String path :
          List.of("/v1/completions", "/v1/chat/completions", "/v1/feedback", "/health", "/")) {
        for (String method : List.of("POST", "PUT", "DELETE", "PATCH")) {
          assertThat(send(server, method, path).statusCode()).as(method + path).isEqualTo(401);
        }
      }
      for (String given : List.of("Basic abc", "Bearer ", "Bearer " + ann + "x", ann)) {
        assertThat(send(server, "POST", "/v1/completions", "Authorization", given).statusCode())
            .as(given)
            .isEqualTo(401);
      }
      assertThat(ask(server, ann).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void aKeyOpensOnlyWhatItsScopesName() throws Exception {
    try (ModelServer server = serve(Limits.NONE)) {
      HttpResponse<String> refused = ask(server, prometheus);
      assertThat(refused.statusCode()).isEqualTo(403);
      assertThat(refused.body())
          .contains("the key 'prometheus' lacks the scope 'infer'")
          .contains("insufficient_permissions");
      assertThat(
              send(server, "GET", "/metrics", "Authorization", "Bearer " + prometheus).statusCode())
          .isEqualTo(200);
      assertThat(send(server, "GET", "/metrics", "Authorization", "Bearer " + ann).statusCode())
          .isEqualTo(403);
      assertThat(
              send(server, "POST", "/v1/admin/any", "Authorization", "Bearer " + ann).statusCode())
          .isEqualTo(403);
    }
  }

  @Test
  void aRevokedKeyIsShutOutWhileTheServiceRuns() throws Exception {
    try (ModelServer server = serve(Limits.NONE)) {
      assertThat(ask(server, ann).statusCode()).isEqualTo(200);
      new KeyFile(file).revoke("ann", Instant.now());
      Eventually.holds("the key is shut out", () -> ask(server, ann).statusCode() != 200);
      assertThat(ask(server, ann).statusCode()).isEqualTo(401);
    }
  }

  @Test
  void whoIsOverALimitIsTold429AndWhen() throws Exception {
    try (ModelServer server = serve(new Limits(2, 0))) {
      HttpResponse<String> first = ask(server, ann);
      assertThat(first.statusCode()).isEqualTo(200);
      assertThat(first.headers().firstValue("x-ratelimit-limit-requests")).contains("2");
      assertThat(first.headers().firstValue("x-ratelimit-remaining-requests")).contains("1");
      assertThat(first.headers().firstValue("x-ratelimit-limit-tokens")).isEmpty();
      ask(server, ann);
      HttpResponse<String> refused = ask(server, ann);
      assertThat(refused.statusCode()).isEqualTo(429);
      assertThat(Integer.parseInt(refused.headers().firstValue("Retry-After").orElseThrow()))
          .isBetween(1, 30);
      assertThat(refused.body())
          .contains("\"type\":\"requests\"")
          .contains("\"code\":\"rate_limit_exceeded\"")
          .contains("the key 'ann' has used its 2 requests a minute");
      // What another key has used is nobody else's loss, and looking costs nothing.
      assertThat(send(server, "GET", "/v1/models", "Authorization", "Bearer " + ann).statusCode())
          .isEqualTo(200);
    }
  }

  @Test
  void tokensOfPromptAndAnswerCount() throws Exception {
    try (ModelServer server = serve(new Limits(0, 10))) {
      // Five of the prompt with its start token, and three that come.
      ask(server, ann);
      HttpResponse<String> second = ask(server, ann);
      assertThat(second.statusCode()).isEqualTo(200);
      assertThat(second.headers().firstValue("x-ratelimit-remaining-tokens").orElseThrow())
          .isIn("2", "3");
      HttpResponse<String> third = ask(server, ann);
      assertThat(third.statusCode()).isEqualTo(429);
      assertThat(third.body()).contains("\"type\":\"tokens\"");
    }
  }

  @Test
  void withoutKeysPagesOfOtherSitesCannotWrite() throws Exception {
    try (ModelServer server = serve(Safety.NONE)) {
      String own = "http://" + server.address().getAuthority();
      assertThat(send(server, "POST", "/v1/completions", "Origin", own).statusCode())
          .isEqualTo(200);
      for (String origin : List.of("http://evil.example", "null", "http://127.0.0.1:1")) {
        HttpResponse<String> refused = send(server, "POST", "/v1/completions", "Origin", origin);
        assertThat(refused.statusCode()).as(origin).isEqualTo(403);
        assertThat(refused.body()).contains("origin_forbidden");
        assertThat(refused.headers().firstValue("Access-Control-Allow-Origin")).isEmpty();
      }
      assertThat(send(server, "POST", "/v1/admin/any").statusCode()).isEqualTo(403);
    }
  }

  /** The first line of the answer to a request by a name that somebody points at this machine. */
  private static String byName(ModelServer server, String line, String host) throws IOException {
    String request = line + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
    try (Socket socket = new Socket(server.address().getHost(), server.port())) {
      socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
      socket.getOutputStream().flush();
      return new String(socket.getInputStream().readNBytes(12), StandardCharsets.UTF_8);
    }
  }

  @Test
  void withoutKeysItAnswersToNoNameThatOthersCanPointHere() throws Exception {
    try (ModelServer server = serve(Safety.NONE)) {
      for (String line :
          List.of(
              "GET /", "GET /health", "GET /metrics", "GET /v1/models", "POST /v1/completions")) {
        for (String host :
            List.of("evil.example", "evil.example:80", "localhost.evil.example", "a b")) {
          assertThat(byName(server, line, host))
              .as(line + " to " + host)
              .matches("HTTP/1.1 40[03]");
        }
      }
      for (String host : List.of("localhost", "LOCALHOST:8080", "127.0.0.1", "[::1]:1")) {
        assertThat(byName(server, "GET /v1/models", host)).as(host).isEqualTo("HTTP/1.1 200");
      }
    }
    // With keys a page can't send what it doesn't have, and proxies send the names that they like.
    try (ModelServer server = serve(Limits.NONE)) {
      assertThat(byName(server, "GET /health", "models.example")).isEqualTo("HTTP/1.1 200");
      assertThat(byName(server, "GET /v1/models", "models.example")).isEqualTo("HTTP/1.1 401");
    }
  }

  @Test
  void itDoesNotListenToOthersUnprotected() {
    ServeOptions everywhere = ServeOptions.DEFAULT.withPort(0).withHost("0.0.0.0");
    assertThatThrownBy(
            () -> ModelServer.start(everywhere, "toy", FakeEngine::new, List.of()).close())
        .hasMessageContaining("without keys anyone could ask");
    assertThatThrownBy(
            () ->
                ModelServer.start(
                        everywhere.withSafety(Safety.NONE.withKeys(file)),
                        "toy",
                        FakeEngine::new,
                        List.of())
                    .close())
        .hasMessageContaining("without TLS");
    ModelServer.start(
            everywhere.withSafety(Safety.NONE.withKeys(file).withPlain(true)),
            "toy",
            FakeEngine::new,
            List.of())
        .close();
  }

  @Test
  void timesAreSpelledAsOpenAiSpellsThem() {
    assertThat(Gate.words(Duration.ofMillis(20))).isEqualTo("20ms");
    assertThat(Gate.words(Duration.ofMillis(1_500))).isEqualTo("1.5s");
    assertThat(Gate.words(Duration.ofSeconds(10))).isEqualTo("10s");
    assertThat(Gate.words(Duration.ofMinutes(6))).isEqualTo("6m0s");
  }
}
