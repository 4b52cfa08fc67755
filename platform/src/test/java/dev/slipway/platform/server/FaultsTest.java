package dev.slipway.platform.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.slipway.base.AtomicFiles;
import dev.slipway.base.SlipwayException;
import dev.slipway.infer.batch.BatchedModel;
import dev.slipway.infer.batch.Batcher;
import dev.slipway.platform.engine.LanguageModelEngine;
import dev.slipway.tensor.DType;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What goes wrong around a service, each with its stated outcome. */
@Timeout(120)
class FaultsTest {
  private static final String ASK = "{\"prompt\":\"a\",\"max_tokens\":3,\"temperature\":0}";

  @TempDir Path folder;
  private final HttpClient client = HttpClient.newHttpClient();

  @AfterEach
  void close() {
    client.shutdownNow();
    client.close();
  }

  /** A service in a process of its own, with little memory. */
  private static Process child() throws IOException {
    return child(List.of());
  }

  /**
   * As above.
   *
   * @param around what starts it
   * @param feedback a file for feedback, or nothing
   */
  private static Process child(List<String> around, String... feedback) throws IOException {
    List<String> command = new ArrayList<>(around);
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            Served.class.getName()));
    command.addAll(List.of(feedback));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
  }

  private static BufferedReader output(Process process) {
    return new BufferedReader(
        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  /** Serves a model that takes some time for a token. */
  static final class Served {
    public static void main(String[] args) throws InterruptedException {
      Semaphore permits = new Semaphore(0);
      Thread.ofPlatform()
          .daemon()
          .start(
              () -> {
                try {
                  while (true) {
                    Thread.sleep(5);
                    permits.release();
                  }
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              });
      ModelServer server =
          ModelServer.start(
              ServeOptions.DEFAULT
                  .withPort(0)
                  .withFeedback(args.length == 0 ? null : Path.of(args[0])),
              "toy",
              () -> new FakeEngine(permits),
              List.of());
      server.awaitReady();
      Runtime.getRuntime().addShutdownHook(new Thread(server::stop));
      System.out.println(server.address());
      if (server.sessionKey() != null) {
        System.out.println(server.sessionKey());
      }
      server.awaitStop();
    }
  }

  private HttpResponse<String> post(URI address, byte[] body)
      throws IOException, InterruptedException {
    return client.send(request(address, body), HttpResponse.BodyHandlers.ofString());
  }

  private static HttpRequest request(URI address, byte[] body) {
    return HttpRequest.newBuilder(address.resolve("/v1/completions"))
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofByteArray(body))
        .build();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void tenThousandHalfOpenConnectionsKeepNobodyOut() throws Exception {
    long most =
        ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system
            ? system.getMaxFileDescriptorCount()
            : 0;
    assumeTrue(most > 12_000, "skipped: a process may have only " + most + " files open here");
    Process process = child();
    List<Socket> open = new ArrayList<>();
    try (BufferedReader out = output(process)) {
      URI address = URI.create(out.readLine());
      for (int i = 0; i < 10_000; i++) {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), address.getPort());
        open.add(socket);
        if (i % 2 == 0) {
          socket.getOutputStream().write(bytes("POST /v1/completions HTTP/1.1\r\nHost: "));
        }
        if (i % 2_500 == 2_499) {
          assertThat(post(address, bytes(ASK)).statusCode()).as("after %d", i).isEqualTo(200);
        }
      }
      assertThat(process.isAlive()).isTrue();
      String metrics =
          client
              .send(
                  HttpRequest.newBuilder(address.resolve("/metrics")).build(),
                  HttpResponse.BodyHandlers.ofString())
              .body();
      double connections =
          metrics
              .lines()
              .filter(line -> line.startsWith("slipway_connections{"))
              .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
              .findFirst()
              .orElseThrow();
      assertThat(connections).isLessThanOrEqualTo(ConnectionBounds.DEFAULT.most());
    } finally {
      for (Socket socket : open) {
        socket.close();
      }
      process.destroyForcibly().waitFor();
    }
  }

  @Test
  void bodiesOf50MegabytesAreRefusedUnreadAndTakeNoMemory() throws Exception {
    Process process = child();
    try (BufferedReader out = output(process)) {
      URI address = URI.create(out.readLine());
      List<CompletableFuture<String>> answers = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        boolean chunked = i % 2 == 1;
        answers.add(CompletableFuture.supplyAsync(() -> large(address, chunked)));
      }
      for (CompletableFuture<String> answer : answers) {
        assertThat(answer.get()).startsWith("HTTP/1.1 413");
      }
      assertThat(post(address, bytes(ASK)).statusCode()).isEqualTo(200);
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  /** Sends 50 MB until the service wants no more; gives its answer's first line. */
  private static String large(URI address, boolean chunked) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), address.getPort())) {
      socket.setSoTimeout(20_000);
      OutputStream out = socket.getOutputStream();
      out.write(
          bytes(
              "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                  + (chunked
                      ? "Transfer-Encoding: chunked\r\n\r\n"
                      : "Content-Length: 52428800\r\n\r\n")));
      byte[] piece =
          bytes(chunked ? "10000\r\n" + " ".repeat(65_536) + "\r\n" : " ".repeat(65_536));
      InputStream in = socket.getInputStream();
      try {
        for (int i = 0; i < 800 && in.available() == 0; i++) {
          out.write(piece);
        }
      } catch (IOException e) {
        // Refused while it was still sent; what the service said may be there to be read.
        if (in.available() == 0) {
          return "HTTP/1.1 413 and closed at once";
        }
      }
      return new String(in.readNBytes(12), StandardCharsets.US_ASCII);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void bodiesThatWereDamagedAtRandomAreTheSendersMistake() throws Exception {
    try (ModelServer server =
        ModelServer.start(ServeOptions.DEFAULT.withPort(0), "toy", FakeEngine::new, List.of())) {
      server.awaitReady();
      Random random = new Random(11);
      String whole =
          "{\"prompt\":[\"ab\",\"c\\u00e9\"],\"max_tokens\":3,\"temperature\":0.5,\"stop\":[\"x\"],\"stream\":false,"
              + "\"logit_bias\":null,\"stream_options\":null,\"n\":1,\"seed\":3}";
      for (int i = 0; i < 400; i++) {
        byte[] body = bytes(whole);
        for (int change = 0; change <= random.nextInt(4); change++) {
          body[random.nextInt(body.length)] = (byte) random.nextInt(256);
        }
        HttpResponse<String> answer = post(server.address(), body);
        assertThat(answer.statusCode())
            .as(new String(body, StandardCharsets.ISO_8859_1))
            .isIn(200, 400, 404);
      }
    }
  }

  @Test
  void schemasAndExpressionsThatGrowWithoutBoundAreRefusedAndTheServiceGoesOn() throws Exception {
    String deep = "{\"type\":\"array\",\"items\":".repeat(150) + "{}" + "}".repeat(150);
    String references =
        "{\"$defs\":{\"a\":{\"anyOf\":[{\"$ref\":\"#/$defs/b\"},{\"$ref\":\"#/$defs/b\"}]},"
            + "\"b\":{\"anyOf\":[{\"$ref\":\"#/$defs/a\"},{\"$ref\":\"#/$defs/a\"}]}},\"$ref\":\"#/$defs/a\"}";
    String names =
        "{\"type\":\"object\",\"properties\":{"
            + "\"p\":{\"type\":\"string\",\"maxLength\":100000000}"
            + "},\"required\":[\"p\"]}";
    String items = "{\"type\":\"array\",\"minItems\":1000000000,\"items\":{\"type\":\"integer\"}}";
    List<String> formats = new ArrayList<>();
    for (String schema : List.of(deep, references, names, items)) {
      formats.add("{\"json\":" + schema + "}");
    }
    for (String regex :
        List.of(
            "((a{1,1000}){1,1000}){1,1000}",
            "(a*)*b",
            "(x+x+)+y",
            "(a|aa)+$",
            "[a-z]{1,100000}[0-9]{1,100000}",
            "(.*a.{20}){5}",
            "(".repeat(5000) + "a" + ")".repeat(5000))) {
      formats.add("{\"regex\":\"" + regex + "\"}");
    }
    try (ModelServer server =
        TinyModel.serve(folder, ServeOptions.DEFAULT.withPort(0), List.of())) {
      server.awaitReady();
      for (String format : formats) {
        HttpResponse<String> answer =
            post(
                server.address(),
                bytes("{\"prompt\":\"a\",\"max_tokens\":4,\"structured_outputs\":" + format + "}"));
        assertThat(answer.statusCode())
            .as(format.substring(0, Math.min(80, format.length())) + answer.body())
            .isIn(200, 400);
      }
      assertThat(post(server.address(), bytes(ASK)).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void toldToEndUnderLoadItAnswersWhatItAccepted() throws Exception {
    Process process = child();
    try (BufferedReader out = output(process)) {
      URI address = URI.create(out.readLine());
      List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        byte[] body = bytes(i % 2 == 0 ? ASK : ASK.replace("}", ",\"stream\":true}"));
        answers.add(client.sendAsync(request(address, body), HttpResponse.BodyHandlers.ofString()));
      }
      answers.getFirst().get(); // the load is on
      process.toHandle().destroy(); // SIGTERM
      int answered = 0;
      for (CompletableFuture<HttpResponse<String>> answer : answers) {
        // Whoever came too late is refused, and nobody is cut off.
        HttpResponse<String> one = answer.get(60, TimeUnit.SECONDS);
        assertThat(one.statusCode()).isIn(200, 503);
        if (one.statusCode() == 200) {
          assertThat(one.body()).contains("\"finish_reason\":\"length\"");
          answered++;
        }
      }
      assertThat(answered).isPositive();
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  @Test
  void aModelsFolderThatIsReplacedLeavesTheServiceAsItWas() throws Exception {
    try (ModelServer server =
        TinyModel.serve(folder, ServeOptions.DEFAULT.withPort(0), List.of())) {
      server.awaitReady();
      byte[] ask = bytes("{\"prompt\":\"public int \",\"max_tokens\":12,\"temperature\":0}");
      String before = text(post(server.address(), ask));
      Path model = folder.resolve("model");
      AtomicFiles.writeFolder(
          model,
          fresh -> Files.writeString(fresh.resolve("config.json"), "{\"another\": \"model\"}"));
      assertThat(text(post(server.address(), ask))).isEqualTo(before);
      AtomicFiles.delete(model);
      assertThat(text(post(server.address(), ask))).isEqualTo(before);
    }
  }

  private static String text(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return Http.json(answer.body()).path("choices").get(0).path("text").asString();
  }

  /** The model takes more than the heap has, in a process of its own that has little. */
  @Test
  void withoutMemoryForOneRequestTheOthersAreAnswered() throws Exception {
    Process process = child(List.of());
    try (BufferedReader out = output(process)) {
      URI address = URI.create(out.readLine());
      for (int i = 0; i < 3; i++) {
        HttpResponse<String> failed = post(address, bytes(ASK.replace("\"a\"", "\"a~\"")));
        assertThat(failed.statusCode()).isEqualTo(500);
        assertThat(failed.body()).contains("internal_error").doesNotContain("OutOfMemory");
        assertThat(post(address, bytes(ASK)).statusCode()).isEqualTo(200);
      }
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  /** Room for keys and values that no machine has. */
  @Test
  void aModelThatMemoryDoesNotSufficeForIsNotServed() throws Exception {
    Path model = folder.resolve("model");
    TinyModel.write(model, 7);
    BatchedModel.Options options =
        new BatchedModel.Options(DType.FLOAT32, 1L << 34, Batcher.Settings.DEFAULT);
    ModelServer server =
        ModelServer.start(
            ServeOptions.DEFAULT.withPort(0),
            "tiny",
            () -> LanguageModelEngine.open(model, options, 0, null),
            List.of());
    assertThatThrownBy(server::awaitReady)
        .isInstanceOfSatisfying(
            SlipwayException.class, reason -> assertThat(reason.code()).isEqualTo("memory.cache"));
    assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), server.port()))
        .isInstanceOf(IOException.class);
  }

  /** The system's limit on a file's size stands for a disk that is full. */
  @Test
  void feedbackThatTheDiskDoesNotTakeIsRefusedWholeAndAKilledServiceLeavesWholeLines()
      throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "skipped: there is no bash");
    Path file = folder.resolve("feedback.jsonl");
    List<String> limited = List.of("/bin/bash", "-c", "ulimit -f 16; exec \"$@\"", "bash");
    Process process = child(limited, file.toString());
    int stored = 0;
    try (BufferedReader out = output(process)) {
      URI address = URI.create(out.readLine());
      String key = out.readLine();
      HttpResponse<String> said = feedback(address, key);
      while (said.statusCode() == 200) {
        stored++;
        said = feedback(address, key);
      }
      assertThat(said.statusCode()).isEqualTo(507);
      assertThat(said.body()).contains("feedback_not_stored", "server_error");
      assertThat(post(address, bytes(ASK)).statusCode()).isEqualTo(200);
      process.destroyForcibly().waitFor(); // SIGKILL
    } finally {
      process.destroyForcibly();
    }
    assertThat(stored).isGreaterThan(3);
    List<String> lines = Files.readAllLines(file);
    assertThat(lines).hasSize(stored);
    lines.forEach(line -> assertThat(Http.json(line).path("rating").asString()).isEqualTo("up"));
    Process again = child(List.of(), file.toString());
    try (BufferedReader out = output(again)) {
      URI address = URI.create(out.readLine());
      assertThat(feedback(address, out.readLine()).statusCode()).isEqualTo(200);
    } finally {
      again.destroyForcibly().waitFor();
    }
    assertThat(Files.readAllLines(file)).hasSize(stored + 1).startsWith(lines.getFirst());
  }

  /** A rating of a new answer, with a comment that takes room. */
  private HttpResponse<String> feedback(URI address, String key)
      throws IOException, InterruptedException {
    HttpResponse<String> answer = send(address, "/v1/completions", key, ASK);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    String id = Http.json(answer.body()).path("id").asString();
    return send(
        address,
        "/v1/feedback",
        key,
        "{\"id\":\"" + id + "\",\"rating\":\"up\",\"comment\":\"" + "x".repeat(1000) + "\"}");
  }

  private HttpResponse<String> send(URI address, String path, String key, String body)
      throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(address.resolve(path))
            .header("Content-Type", "application/json")
            .header("Authorization", "Bearer " + key)
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }
}
