package dev.slipway.platform.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.infer.grammar.AnswerFormat;
import dev.slipway.infer.grammar.Constraint;
import dev.slipway.platform.Eventually;
import dev.slipway.platform.engine.Continuation;
import dev.slipway.platform.engine.FinishReason;
import dev.slipway.platform.engine.ModelFacts;
import dev.slipway.platform.engine.TextEngine;
import dev.slipway.platform.engine.Tokens;
import dev.slipway.platform.toolcall.ToolConvention;
import dev.slipway.tokenizer.chat.Conversation;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How the service begins, is overrun, loses its clients and ends. */
@Timeout(120)
class ServiceLifeTest {
  private static final ServeOptions OPTIONS = ServeOptions.DEFAULT.withPort(0);
  private static final String ASK =
      "{\"model\":\"toy\",\"prompt\":\"a\",\"max_tokens\":3,\"temperature\":0}";
  private static final String STREAM = ASK.replace("}", ",\"stream\":true}");

  private final Semaphore permits = new Semaphore(0);
  private final CompletableFuture<FakeEngine> engine = new CompletableFuture<>();

  private FakeEngine open() {
    return open(null);
  }

  private FakeEngine open(@Nullable String script) {
    FakeEngine opened = new FakeEngine(permits, script);
    engine.complete(opened);
    return opened;
  }

  @Test
  void answers503UntilTheModelIsLoaded() throws Exception {
    CountDownLatch load = new CountDownLatch(1);
    try (ModelServer server =
            ModelServer.start(
                OPTIONS,
                "toy",
                () -> {
                  load.await();
                  return new FakeEngine();
                },
                List.of());
        Http http = new Http(server)) {
      assertThat(http.get("/health").statusCode()).isEqualTo(503);
      assertThat(http.get("/health").body()).contains("\"status\":\"loading\"");
      HttpResponse<String> refused = http.post(ASK);
      assertThat(refused.statusCode()).isEqualTo(503);
      assertThat(refused.body()).contains("service_loading");
      assertThat(refused.headers().firstValue("Retry-After")).isPresent();
      assertThat(http.get("/v1/models").statusCode()).isEqualTo(503);
      assertThat(http.get("/metrics").statusCode()).isEqualTo(200);
      load.countDown();
      server.awaitReady();
      assertThat(http.get("/health").statusCode()).isEqualTo(200);
      assertThat(http.post(ASK).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void aModelThatCannotBeLoadedStopsTheServiceWithItsReason() {
    SlipwayException reason =
        new SlipwayException(Exit.INPUT, "model.missing", "there is no model", "make one");
    ModelServer server =
        ModelServer.start(
            OPTIONS,
            "toy",
            () -> {
              throw reason;
            },
            List.of());
    assertThatThrownBy(server::awaitReady).isSameAs(reason);
    assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), server.port()))
        .isInstanceOf(IOException.class);
  }

  /** A model that is broken for good ends its thread, but not before who asked is told. */
  @Test
  void whoAskedIsToldThoughTheModelsThreadEnds() throws Exception {
    try (ModelServer server =
            ModelServer.start(OPTIONS, "toy", ServiceLifeTest::broken, List.of());
        Http http = new Http(server)) {
      server.awaitReady();
      assertThat(http.post(ASK).statusCode()).isEqualTo(500);
      assertThat(http.post(ASK).statusCode()).as("nobody computes it").isEqualTo(503);
    }
  }

  private static TextEngine broken() {
    FakeEngine engine = new FakeEngine();
    return (TextEngine)
        Proxy.newProxyInstance(
            TextEngine.class.getClassLoader(),
            new Class<?>[] {TextEngine.class},
            (_, method, arguments) -> {
              if (List.of("step", "engineFacts").contains(method.getName())) {
                throw new IllegalStateException("a broken model's " + method.getName());
              }
              return method.invoke(engine, arguments);
            });
  }

  @Test
  void streamsEachTokenAsSoonAsItIsThere() throws Exception {
    try (ModelServer server = ready(OPTIONS);
        Http http = new Http(server)) {
      permits.release(1);
      Iterator<String> lines = http.lines(STREAM).iterator();
      assertThat(lines.next()).contains("\"text\":\"b\""); // and no more permits: it came alone
      permits.release(2);
      assertThat(lines.next()).isEmpty();
      assertThat(lines.next()).contains("\"text\":\"c\"");
      lines.next();
      assertThat(lines.next()).contains("\"text\":\"d\"");
      lines.next();
      assertThat(lines.next()).contains("\"finish_reason\":\"length\"");
      lines.next();
      assertThat(lines.next()).isEqualTo("data: [DONE]");
    }
  }

  @Test
  void refusesWith429WhenTheQueueIsFull() throws Exception {
    try (ModelServer server = ready(OPTIONS.withQueue(2));
        Http http = new Http(server)) {
      CompletableFuture<Integer> first = later(http);
      // Before the first is taken up, it would take one of the two places.
      until(() -> metric(http, "num_requests_running") == 1);
      List<CompletableFuture<Integer>> accepted = List.of(first, later(http), later(http));
      until(() -> metric(http, "num_requests_waiting") == 2);
      HttpResponse<String> refused = http.post(ASK);
      assertThat(refused.statusCode()).isEqualTo(429);
      assertThat(Integer.parseInt(refused.headers().firstValue("Retry-After").orElseThrow()))
          .isBetween(1, 60);
      assertThat(refused.body()).contains("rate_limit_exceeded").contains("2 continuations wait");
      permits.release(100);
      for (CompletableFuture<Integer> one : accepted) {
        assertThat(one.get(60, TimeUnit.SECONDS)).isEqualTo(200);
      }
      assertThat(http.post(ASK).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void aRequestOfSeveralChoicesIsTakenWholeOrNotAtAll() throws Exception {
    try (ModelServer server = ready(OPTIONS.withQueue(2));
        Http http = new Http(server)) {
      CompletableFuture<Integer> first = later(http);
      until(() -> metric(http, "num_requests_running") == 1);
      CompletableFuture<Integer> second = later(http);
      until(() -> metric(http, "num_requests_waiting") == 1);
      assertThat(http.post(ASK.replace("}", ",\"n\":2}")).statusCode()).isEqualTo(429);
      assertThat(metric(http, "num_requests_waiting")).isEqualTo(1);
      permits.release(100);
      assertThat(first.get(60, TimeUnit.SECONDS)).isEqualTo(200);
      assertThat(second.get(60, TimeUnit.SECONDS)).isEqualTo(200);
    }
  }

  @Test
  void aClientThatLeavesItsStreamEndsTheGeneration() throws Exception {
    leave(STREAM, true);
  }

  @Test
  void aClientThatLeavesWhileItWaitsEndsTheGeneration() throws Exception {
    leave(ASK, false);
  }

  @Test
  void aClientThatLeavesWhileTokensStillComeEndsTheGeneration() throws Exception {
    try (ModelServer server =
        ModelServer.start(OPTIONS, "toy", () -> open("much to say ".repeat(80)), List.of())) {
      server.awaitReady();
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
        ask(socket, ASK.replace("\"max_tokens\":3", "\"max_tokens\":900"));
        permits.release(1);
        until(() -> engine.join().generated.get() == 1);
      }
      until(
          () -> {
            permits.release(1);
            return engine.join().lastReason.get() != null;
          });
      assertThat(engine.join().lastReason.get()).isEqualTo(FinishReason.ABORT);
    }
  }

  private static void ask(Socket socket, String body) throws IOException {
    String head =
        "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            + "Content-Length: "
            + body.length()
            + "\r\n\r\n";
    socket.getOutputStream().write((head + body).getBytes(StandardCharsets.US_ASCII));
    socket.getOutputStream().flush();
  }

  private void leave(String body, boolean readsSome) throws Exception {
    try (ModelServer server = ready(OPTIONS);
        Http http = new Http(server)) {
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
        ask(socket, body.replace("\"max_tokens\":3", "\"max_tokens\":60"));
        permits.release(2);
        until(() -> engine.join().generated.get() == 2);
        if (readsSome) {
          assertThat(socket.getInputStream().read()).isEqualTo('H');
        }
      }
      until(() -> engine.join().lastReason.get() == FinishReason.ABORT);
      assertThat(engine.join().generated.get()).isEqualTo(2);
      permits.release(100);
      assertThat(http.post(ASK).statusCode()).isEqualTo(200);
      assertThat(http.get("/metrics").body())
          .contains("vllm:request_success_total{finished_reason=\"abort\",model_name=\"toy\"} 1.0");
    }
  }

  @Test
  void aConnectionServesManyRequestsInTurn() throws Exception {
    permits.release(1000);
    try (ModelServer server = ready(OPTIONS);
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      String request =
          "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
              + "Content-Length: "
              + ASK.length()
              + "\r\n\r\n"
              + ASK;
      String last = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";
      socket.getOutputStream().write((request.repeat(5) + last).getBytes(StandardCharsets.UTF_8));
      socket.getOutputStream().flush();
      socket.setSoTimeout(30_000);
      StringBuilder all = new StringBuilder();
      for (int c = socket.getInputStream().read(); c >= 0; c = socket.getInputStream().read()) {
        all.append((char) c);
        if (all.indexOf("\"status\":\"ok\"") >= 0) {
          break;
        }
      }
      assertThat(all.toString().split("HTTP/1.1 200", -1)).hasSize(7);
    }
  }

  @Test
  void headIsAnsweredByHeadersAloneAndTheNextRequestByItsOwnAnswer() throws Exception {
    try (ModelServer server = ready(OPTIONS);
        Http http = new Http(server);
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      String heads =
          "HEAD /health HTTP/1.1\r\nHost: localhost\r\n\r\n"
              + "HEAD /v1/completions HTTP/1.1\r\nHost: localhost\r\n\r\n"
              + "GET /ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(heads.getBytes(StandardCharsets.UTF_8));
      socket.setSoTimeout(30_000);
      String all = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

      String health = http.get("/health").body();
      assertThat(all.split("\r\n\r\n", -1))
          .hasSize(4)
          .satisfies(
              parts -> {
                assertThat(parts[0])
                    .startsWith("HTTP/1.1 200")
                    .contains("Content-Length: " + health.length());
                assertThat(parts[1]).startsWith("HTTP/1.1 405").contains("Allow: POST");
                assertThat(parts[2]).startsWith("HTTP/1.1 200");
                assertThat(parts[3]).isEqualTo(health);
              });
    }
  }

  @Test
  void aConnectionServesOnAfterItsClientWasWatched() throws Exception {
    try (ModelServer server = ready(OPTIONS);
        Http http = new Http(server)) {
      for (int i = 0; i < 3; i++) {
        CompletableFuture<Integer> waiting = later(http);
        until(() -> metric(http, "num_requests_running") == 1);
        Thread.sleep(450); // the waiting request looks for its client at least twice
        permits.release(3);
        assertThat(waiting.get(60, TimeUnit.SECONDS)).isEqualTo(200);
      }
    }
  }

  @Test
  void toldToStopItFinishesWhatItAcceptedAndRefusesTheRest() throws Exception {
    ModelServer server = ready(OPTIONS);
    try (Http http = new Http(server)) {
      CompletableFuture<List<String>> stream =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return http.lines(STREAM).toList();
                } catch (IOException | InterruptedException e) {
                  throw new IllegalStateException(e);
                }
              });
      CompletableFuture<Integer> waiting = later(http);
      until(() -> metric(http, "num_requests_waiting") == 1);
      CompletableFuture<Void> stop = CompletableFuture.runAsync(server::stop);
      until(() -> http.get("/health").body().contains("draining"));
      HttpResponse<String> refused = http.post(ASK);
      assertThat(refused.statusCode()).isEqualTo(503);
      assertThat(refused.body()).contains("service_draining");
      assertThat(stop).isNotDone();
      permits.release(100);
      assertThat(stream.get(60, TimeUnit.SECONDS)).contains("data: [DONE]");
      assertThat(waiting.get(60, TimeUnit.SECONDS)).isEqualTo(200);
      stop.get(60, TimeUnit.SECONDS);
      assertThat(engine.join().closed).isTrue();
      server.awaitStop();
    }
    assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), server.port()))
        .isInstanceOf(IOException.class);
  }

  @Test
  void drainingHasAnEnd() throws Exception {
    ModelServer server = ready(OPTIONS.withDrain(Duration.ofMillis(200)));
    try (Http http = new Http(server)) {
      CompletableFuture<Integer> never = later(http);
      until(() -> metric(http, "num_requests_running") == 1);
      server.stop();
      assertThat(engine.join().closed).isTrue();
      assertThat(engine.join().lastReason.get()).isEqualTo(FinishReason.ABORT);
      assertThat(never.get(60, TimeUnit.SECONDS)).isEqualTo(503);
    }
  }

  @Test
  void aPortInUseIsToldWithAnother() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      int port = taken.getLocalPort();
      assertThatThrownBy(
              () -> ModelServer.start(OPTIONS.withPort(port), "toy", FakeEngine::new, List.of()))
          .isInstanceOfSatisfying(
              SlipwayException.class,
              e -> {
                assertThat(e.exit()).isEqualTo(Exit.RESOURCE);
                assertThat(e.line())
                    .startsWith(
                        "error[serve.port-in-use]: another program listens on 127.0.0.1:" + port)
                    .contains("--port " + (port % 65_535 + 1));
              });
    }
  }

  @Test
  void anAddressThatIsNotHereIsTold() {
    for (String host : List.of("203.0.113.7", "no-such-host.invalid")) {
      assertThatThrownBy(
              () -> ModelServer.start(OPTIONS.withHost(host), "toy", FakeEngine::new, List.of()))
          .isInstanceOfSatisfying(
              SlipwayException.class,
              e -> assertThat(e.line()).contains("this machine has no address " + host));
    }
  }

  @Test
  void optionsOutOfRangeAreTold() {
    assertThatThrownBy(() -> OPTIONS.withPort(70_000))
        .hasMessageContaining("--port is 70000, expected between 0 and 65535");
    assertThatThrownBy(() -> OPTIONS.withQueue(0)).hasMessageContaining("--queue is 0");
  }

  @Test
  void sigtermDrainsARealProcess() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Served.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      int port = Integer.parseInt(out.readLine());
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        String request =
            "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                + "Content-Length: "
                + ASK.length()
                + "\r\n\r\n"
                + ASK;
        socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
        socket.getOutputStream().flush();
        assertThat(out.readLine()).isEqualTo("generating");
        process.toHandle().destroy(); // SIGTERM
        BufferedReader answer =
            new BufferedReader(
                new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
        assertThat(answer.readLine()).startsWith("HTTP/1.1 200");
      }
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(out.readLine()).isEqualTo("closed");
    } finally {
      process.destroyForcibly();
    }
  }

  /** A process that serves a model that takes a third of a second for a token. */
  static final class Served {
    public static void main(String[] args) throws InterruptedException {
      Semaphore permits = new Semaphore(0);
      Thread.ofPlatform()
          .daemon()
          .start(
              () -> {
                while (true) {
                  try {
                    Thread.sleep(300);
                  } catch (InterruptedException e) {
                    return;
                  }
                  permits.release();
                }
              });
      ModelServer server =
          ModelServer.start(
              OPTIONS, "toy", () -> new Announcing(new FakeEngine(permits)), List.of());
      server.awaitReady();
      Runtime.getRuntime().addShutdownHook(new Thread(server::stop));
      System.out.println(server.port());
      server.awaitStop();
    }
  }

  /** Says on the standard output what happens to a model. */
  private record Announcing(FakeEngine engine) implements TextEngine {
    @Override
    public ModelFacts facts() {
      return engine.facts();
    }

    @Override
    public Tokens tokens() {
      return engine.tokens();
    }

    @Override
    public int[] encode(String text) {
      return engine.encode(text);
    }

    @Override
    public int[] encode(Conversation conversation) {
      return engine.encode(conversation);
    }

    @Override
    public boolean hasChatTemplate() {
      return engine.hasChatTemplate();
    }

    @Override
    public @Nullable ToolConvention toolConvention() {
      return engine.toolConvention();
    }

    @Override
    public @Nullable Constraint constraint(AnswerFormat format, String client) {
      return engine.constraint(format, client);
    }

    @Override
    public String text(int[] ids) {
      return engine.text(ids);
    }

    @Override
    public int leadingSpecialTokens() {
      return engine.leadingSpecialTokens();
    }

    @Override
    public boolean hasRoom(Continuation continuation) {
      return engine.hasRoom(continuation);
    }

    @Override
    public void begin(Continuation continuation, Listener listener) {
      System.out.println("generating");
      engine.begin(continuation, listener);
    }

    @Override
    public void step() {
      engine.step();
    }

    @Override
    public void close() {
      engine.close();
      System.out.println("closed");
    }
  }

  private ModelServer ready(ServeOptions options) throws InterruptedException {
    ModelServer server = ModelServer.start(options, "toy", this::open, List.of());
    server.awaitReady();
    return server;
  }

  private static CompletableFuture<Integer> later(Http http) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return http.post(ASK).statusCode();
          } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
          }
        },
        task -> Thread.ofVirtual().start(task));
  }

  private static double metric(Http http, String name) throws IOException, InterruptedException {
    return http.get("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith("vllm:" + name + "{"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .findFirst()
        .orElseThrow();
  }

  private static void until(Eventually.Condition condition) throws Exception {
    Eventually.holds("what the test's line waits for", condition);
  }
}
