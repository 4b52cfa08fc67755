package dev.slipway.platform.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.slipway.base.Json;
import dev.slipway.platform.Eventually;
import dev.slipway.platform.access.KeyFile;
import dev.slipway.platform.access.Limits;
import dev.slipway.platform.access.Scope;
import dev.slipway.platform.audit.AuditVerifier;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** New versions of models while they answer, and what befalls their folders. */
@Timeout(120)
class ReloadTest {
  private static final int CLIENTS = 16;
  private static final List<String> NAMES = List.of("tiny", "red", "green", "blue");

  @TempDir Path folder;
  private final HttpClient client = HttpClient.newHttpClient();
  private Path keys = Path.of("");
  private String key = "";
  private Path model = Path.of("");

  @BeforeEach
  void place() {
    keys = folder.resolve("keys.json");
    key =
        new KeyFile(keys)
            .create("ops", List.of(Scope.values()), Instant.now(), null, Limits.NONE)
            .secret();
    model = folder.resolve("model");
  }

  @AfterEach
  void close() {
    client.shutdownNow();
    client.close();
  }

  private ServeOptions options() {
    return ServeOptions.DEFAULT
        .withPort(0)
        .withSafety(Safety.NONE.withKeys(keys).withAudit(folder.resolve("audit.jsonl"), false));
  }

  private ModelServer serve(TextModels models) throws InterruptedException {
    ModelServer server = ModelServer.start(options(), models, List.of());
    server.awaitReady();
    return server;
  }

  private HttpResponse<String> send(ModelServer server, String path, String body)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(server.address().resolve(path))
            .header("Authorization", "Bearer " + key);
    if (!body.isEmpty()) {
      request
          .header("Content-Type", "application/json")
          .POST(HttpRequest.BodyPublishers.ofString(body));
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static String ask(String name) {
    return Json.line(
        Json.object()
            .put("model", name)
            .put("prompt", "public int size() {")
            .put("max_tokens", 20)
            .put("temperature", 0)
            .put("logprobs", 1));
  }

  /** What was answered, by which version. */
  private static Map.Entry<String, String> answer(HttpResponse<String> response) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    JsonNode body = Http.json(response.body());
    String version = response.headers().firstValue("X-Slipway-Version").orElseThrow();
    assertThat(body.path("system_fingerprint").asString()).isEqualTo("fp_" + version);
    return Map.entry(version, Json.line(body.path("choices")));
  }

  private static void replace(Path model, int seed) throws IOException {
    Path beside = model.resolveSibling("beside-" + seed);
    TinyModel.write(beside, seed);
    Path old = model.resolveSibling("old-" + seed);
    Files.move(model, old);
    Files.move(beside, model);
    delete(old);
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }

  private TextModels tiny() {
    TinyModel.write(model, 7);
    List<TextModels.Adapter> adapters = new ArrayList<>();
    for (String name : NAMES.subList(1, NAMES.size())) {
      TinyModel.writeAdapter(model, folder.resolve(name), name.hashCode());
      adapters.add(new TextModels.Adapter(name, "tiny", folder.resolve(name)));
    }
    return new TextModels(
        List.of(new TextModels.Model("tiny", _ -> TinyModel.open(model))),
        adapters,
        List.of(),
        null);
  }

  @Test
  void underLoadNewVersionsComeWithoutALostRequestAndAnswersAreThoseOfTheirVersion()
      throws Exception {
    try (ModelServer server = serve(tiny());
        ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
      Map<String, Map<String, String>> alone = new HashMap<>(); // by name, by version
      List<Future<List<Map.Entry<String, String>>>> running = new ArrayList<>();
      Set<String> versions = new HashSet<>();
      AtomicInteger asked = new AtomicInteger();
      Semaphore go = new Semaphore(0);
      for (int i = 0; i < CLIENTS; i++) {
        String name = NAMES.get(i % NAMES.size());
        running.add(
            clients.submit(
                () -> {
                  List<Map.Entry<String, String>> answers = new ArrayList<>();
                  while (!go.tryAcquire()) {
                    answers.add(answer(send(server, "/v1/completions", ask(name))));
                    asked.incrementAndGet();
                  }
                  return answers;
                }));
      }
      for (int seed = 8; seed < 12; seed++) {
        int before = asked.get();
        Eventually.holds("requests go on", () -> asked.get() >= before + CLIENTS);
        replace(model, seed);
        HttpResponse<String> reloaded = send(server, "/admin/reload", "{}");
        assertThat(reloaded.statusCode()).as(reloaded.body()).isEqualTo(200);
        versions.add(Http.json(reloaded.body()).at("/data/0/version_before").asString());
        versions.add(Http.json(reloaded.body()).at("/data/0/version").asString());
      }
      go.release(CLIENTS);
      Map<String, Integer> counts = new HashMap<>(); // by the labels of name and version
      for (int i = 0; i < CLIENTS; i++) {
        String name = NAMES.get(i % NAMES.size());
        Map<String, String> own = alone.computeIfAbsent(name, _ -> new HashMap<>());
        for (Map.Entry<String, String> answer : running.get(i).get()) {
          String labels =
              "model_name=\"" + name + "\",outcome=\"length\",version=\"" + answer.getKey() + "\"";
          counts.merge(labels, 1, Integer::sum);
          String same = own.putIfAbsent(answer.getKey(), answer.getValue());
          assertThat(same == null ? answer.getValue() : same).isEqualTo(answer.getValue());
        }
      }
      // While two versions answered each counted what was its own.
      String metrics = send(server, "/metrics", "").body();
      assertThat(counts.size()).isGreaterThan(NAMES.size());
      counts.forEach(
          (labels, count) ->
              assertThat(metrics)
                  .contains("slipway_version_requests_total{" + labels + "} " + count + ".0\n"));
      assertThat(versions).hasSize(5);
      Map<String, String> plain = alone.getOrDefault("tiny", Map.of());
      assertThat(plain.keySet()).isSubsetOf(versions).hasSizeGreaterThan(2);
      assertThat(plain.values()).doesNotHaveDuplicates();
      for (String adapter : NAMES.subList(1, NAMES.size())) {
        assertThat(alone.getOrDefault(adapter, Map.of()).values())
            .hasSizeGreaterThan(2)
            .doesNotHaveDuplicates()
            .doesNotContainAnyElementsOf(plain.values());
      }
      // The last version by itself, opened from the same folder, says the same.
      Map.Entry<String, String> last = answer(send(server, "/v1/completions", ask("tiny")));
      try (ModelServer other =
          ModelServer.start(
              ServeOptions.DEFAULT.withPort(0).withSafety(Safety.NONE.withKeys(keys)),
              TextModels.one("tiny", () -> TinyModel.open(model)),
              List.of())) {
        other.awaitReady();
        assertThat(answer(send(other, "/v1/completions", ask("tiny")))).isEqualTo(last);
      }
    }
    assertThat(AuditVerifier.verify(folder.resolve("audit.jsonl"), null).lines()).isPositive();
    assertThat(Files.readString(folder.resolve("audit.jsonl")))
        .contains("\"event\":\"reload\",\"model\":\"tiny\"");
  }

  @Test
  void whatCantBeOpenedLeavesWhatAnswersAndSaysWhy() throws Exception {
    try (ModelServer server = serve(tiny())) {
      Map.Entry<String, String> before = answer(send(server, "/v1/completions", ask("tiny")));
      Path weights = model.resolve("model.safetensors");
      byte[] whole = Files.readAllBytes(weights);
      Files.write(weights, "no weights".getBytes(StandardCharsets.UTF_8));
      HttpResponse<String> refused = send(server, "/admin/reload", "{\"model\":\"tiny\"}");
      assertThat(refused.statusCode()).isEqualTo(409);
      assertThat(refused.body()).contains("reload_failed", "answers as before", "safetensors");
      assertThat(answer(send(server, "/v1/completions", ask("tiny")))).isEqualTo(before);
      Files.write(weights, whole);
      Path adapter = folder.resolve("red").resolve("adapter_config.json");
      Files.move(adapter, folder.resolve("aside.json"));
      refused = send(server, "/admin/reload", "{}");
      assertThat(refused.statusCode()).isEqualTo(409);
      assertThat(refused.body()).contains("adapter_config.json");
      assertThat(answer(send(server, "/v1/completions", ask("tiny")))).isEqualTo(before);
      assertThat(send(server, "/v1/completions", ask("red")).statusCode()).isEqualTo(200);
      Files.move(folder.resolve("aside.json"), adapter);
      assertThat(send(server, "/admin/reload", "{}").statusCode()).isEqualTo(200);
      assertThat(answer(send(server, "/v1/completions", ask("tiny")))).isEqualTo(before);
      assertThat(send(server, "/admin/reload", "{\"model\":\"other\"}").statusCode())
          .isEqualTo(404);
      server.reload(); // as SIGHUP does
      assertThat(answer(send(server, "/v1/completions", ask("tiny")))).isEqualTo(before);
    }
  }

  @Test
  void twentyVersionsTakeTheMemoryOfOne() throws Exception {
    try (ModelServer server = serve(tiny())) {
      for (int i = 0; i < 3; i++) {
        assertThat(send(server, "/admin/reload", "{}").statusCode()).isEqualTo(200);
        answer(send(server, "/v1/completions", ask("red")));
      }
      int threads = models();
      long least = Long.MAX_VALUE;
      // What stays grows with each round; what this process takes for other things settles.
      for (int round = 0; round < 6 && least >= 20L * 1024 * 1024; round++) {
        long before = resident();
        for (int i = 0; i < 20; i++) {
          assertThat(send(server, "/admin/reload", "{}").statusCode()).isEqualTo(200);
          answer(send(server, "/v1/completions", ask("red")));
        }
        least = Math.min(least, resident() - before);
        assertThat(models()).isLessThanOrEqualTo(threads + 1);
      }
      // A version has 2 MB of keys and values and a thread: twenty that stayed would show.
      assertThat(least).isLessThan(20L * 1024 * 1024);
    }
  }

  private static int models() {
    int alive = 0;
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      alive += thread.getName().equals("slipway-model") ? 1 : 0;
    }
    return alive;
  }

  /**
   * Resident memory of this process but Java's heap, which fills up as it likes: it lies below 32
   * GiB, where all else does not.
   */
  private static long resident() throws IOException {
    System.gc();
    Path maps = Path.of("/proc/self/smaps");
    assumeTrue(Files.isReadable(maps), "skipped: the system does not tell of a process's memory");
    boolean counts = false;
    long kilobytes = 0;
    for (String line : Files.readAllLines(maps)) {
      if (line.matches("[0-9a-f]+-[0-9a-f]+ .*")) {
        counts = Long.parseUnsignedLong(line.substring(0, line.indexOf('-')), 16) >= 1L << 35;
      } else if (counts && line.startsWith("Anonymous:")) {
        kilobytes += Long.parseLong(line.replaceAll("[^0-9]", ""));
      }
    }
    return kilobytes * 1024;
  }

  @Test
  void aFolderThatIsTruncatedOverwrittenOrDeletedLeavesTheServiceAsItWas() throws Exception {
    try (ModelServer server = serve(tiny())) {
      Map.Entry<String, String> before = answer(send(server, "/v1/completions", ask("tiny")));
      Map.Entry<String, String> adapted = answer(send(server, "/v1/completions", ask("red")));
      for (Path file :
          List.of(
              model.resolve("model.safetensors"),
              folder.resolve("red").resolve("adapter_model.safetensors"))) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
          channel.truncate(100);
        }
      }
      assertThat(answer(send(server, "/v1/completions", ask("tiny")))).isEqualTo(before);
      assertThat(answer(send(server, "/v1/completions", ask("red")))).isEqualTo(adapted);
      HttpResponse<String> refused = send(server, "/admin/reload", "{}");
      assertThat(refused.statusCode()).isEqualTo(409);
      assertThat(refused.body()).contains("its end is missing");
      delete(model);
      assertThat(answer(send(server, "/v1/completions", ask("tiny")))).isEqualTo(before);
      assertThat(send(server, "/admin/reload", "{}").body()).contains("there is no");
      TinyModel.write(folder.resolve("next"), 9);
      Files.move(folder.resolve("next"), model, StandardCopyOption.ATOMIC_MOVE);
      TinyModel.writeAdapter(model, folder.resolve("red"), 4);
      assertThat(send(server, "/admin/reload", "{}").statusCode()).isEqualTo(200);
      assertThat(answer(send(server, "/v1/completions", ask("tiny")))).isNotEqualTo(before);
    }
  }
}
