package dev.slipway.platform.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.base.Json;
import dev.slipway.model.pretrained.ModelFolder;
import dev.slipway.platform.access.KeyFile;
import dev.slipway.platform.access.Limits;
import dev.slipway.platform.access.Scope;
import dev.slipway.platform.audit.AuditVerifier;
import dev.slipway.tokenizer.chat.TextFingerprint;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Several models, adapters and splits behind one service. */
@Timeout(120)
class SeveralModelsTest {
  private static final Pattern BLOCK = Pattern.compile("```sh\n(.*?)```", Pattern.DOTALL);
  private static final Pattern REQUEST =
      Pattern.compile(
          "curl http://127\\.0\\.0\\.1:8080(/\\S+) -H \"Authorization: Bearer \\$KEY\""
              + "(?: -H 'Content-Type: application/json'\\s+(?:\\\\\n\\s+)?-d '([^']+)')?\n");
  private static final int CLIENTS = 16;
  private static final List<String> NAMES = List.of("tiny", "red", "green", "blue");

  @TempDir Path folder;
  private final HttpClient client = HttpClient.newHttpClient();

  @AfterEach
  void close() {
    client.shutdownNow();
    client.close();
  }

  private ModelServer serve(TextModels models, ServeOptions options) throws InterruptedException {
    ModelServer server = ModelServer.start(options, models, List.of());
    server.awaitReady();
    return server;
  }

  private static TextModels.Model fake(String name, String script) {
    return new TextModels.Model(name, _ -> new FakeEngine(null, script));
  }

  private HttpResponse<String> send(ModelServer server, String path, String body, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request = HttpRequest.newBuilder(server.address().resolve(path));
    if (headers.length > 0) {
      request.headers(headers);
    }
    if (!body.isEmpty()) {
      request
          .header("Content-Type", "application/json")
          .POST(HttpRequest.BodyPublishers.ofString(body));
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static String ask(String model, String prompt) {
    return Json.line(
        Json.object()
            .put("model", model)
            .put("prompt", prompt)
            .put("max_tokens", 24)
            .put("temperature", 0)
            .put("logprobs", 2));
  }

  /** The choices of an answer: text and log-probabilities to the last bit. */
  private static String choices(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return Json.line(Http.json(answer.body()).path("choices"));
  }

  @Test
  void aRequestsModelSaysWhichAnswers() throws Exception {
    TextModels models =
        new TextModels(
            List.of(fake("a", "from a"), fake("b", "from b")), List.of(), List.of(), null);
    try (ModelServer server = serve(models, ServeOptions.DEFAULT.withPort(0))) {
      for (String name : List.of("a", "b")) {
        HttpResponse<String> answer = send(server, "/v1/completions", ask(name, "x"));
        JsonNode body = Http.json(answer.body());
        assertThat(body.path("choices").path(0).path("text").asString()).isEqualTo("from " + name);
        assertThat(body.path("model").asString()).isEqualTo(name);
        assertThat(answer.headers().firstValue("X-Slipway-Variant")).contains(name);
        assertThat(answer.headers().firstValue("X-Slipway-Version"))
            .contains(FakeEngine.FINGERPRINT.substring(0, 12));
      }
      String unnamed = ask("a", "x").replace("\"model\":\"a\",", "");
      assertThat(
              Http.json(send(server, "/v1/completions", unnamed).body()).path("model").asString())
          .isEqualTo("a");
      HttpResponse<String> unknown = send(server, "/v1/completions", ask("c", "x"));
      assertThat(unknown.statusCode()).isEqualTo(404);
      JsonNode error = Http.json(unknown.body()).path("error");
      assertThat(error.path("code").asString()).isEqualTo("model_not_found");
      assertThat(error.path("message").asString()).contains("'a', 'b'");
      assertThat(send(server, "/tokenize", "{\"model\":\"c\",\"prompt\":\"x\"}").statusCode())
          .isEqualTo(404);
      assertThat(send(server, "/v1/models/b", "").body()).contains("\"id\":\"b\"");
      assertThat(send(server, "/v1/models/c", "").statusCode()).isEqualTo(404);
      String metrics = send(server, "/metrics", "").body();
      assertThat(metrics).contains("vllm:generation_tokens_total{model_name=\"a\"} 12.0");
      assertThat(metrics).contains("vllm:generation_tokens_total{model_name=\"b\"} 6.0");
      assertThat(metrics)
          .contains(
              "slipway_version_requests_total{model_name=\"a\",outcome=\"length\",version=\"0123456789ab\"} 2.0",
              "slipway_version_generation_tokens_total{model_name=\"b\",version=\"0123456789ab\"} 6.0",
              "slipway_version_time_to_first_token_seconds_count{model_name=\"b\",version=\"0123456789ab\"} 1");
      assertThat(metrics)
          .contains("slipway_model_info{model_name=\"b\",parent=\"\",version=\"0123456789ab\"} 1");
    }
  }

  private TextModels tiny(Path root) {
    Path model = folder.resolve("model");
    TinyModel.write(model, 7);
    List<TextModels.Adapter> adapters = new ArrayList<>();
    for (String name : NAMES.subList(1, NAMES.size())) {
      Path adapter = folder.resolve("adapters").resolve(name);
      TinyModel.writeAdapter(model, adapter, name.hashCode());
      adapters.add(new TextModels.Adapter(name, "tiny", adapter));
    }
    return new TextModels(
        List.of(new TextModels.Model("tiny", _ -> TinyModel.open(model))),
        adapters,
        List.of(),
        root);
  }

  @Test
  void adaptersAnswerTogetherAsEachAlone() throws Exception {
    List<String> prompts = List.of("public int size() {", "for (int i = 0;", "return size == 0;");
    try (ModelServer server =
            serve(tiny(folder.resolve("adapters")), ServeOptions.DEFAULT.withPort(0));
        ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
      Map<String, String> alone = new HashMap<>();
      for (String name : NAMES) {
        for (String prompt : prompts) {
          String body = ask(name, prompt);
          alone.put(body, choices(send(server, "/v1/completions", body)));
        }
      }
      assertThat(alone.values()).as("each adapter says something else").doesNotHaveDuplicates();
      Map<Future<HttpResponse<String>>, String> asked = new HashMap<>();
      for (int i = 0; i < 20; i++) {
        for (String body : alone.keySet()) {
          asked.put(clients.submit(() -> send(server, "/v1/completions", body)), body);
        }
      }
      for (Map.Entry<Future<HttpResponse<String>>, String> one : asked.entrySet()) {
        assertThat(choices(one.getKey().get())).isEqualTo(alone.get(one.getValue()));
      }
      JsonNode cards = Http.json(send(server, "/v1/models", "").body()).path("data");
      assertThat(StreamSupport.stream(cards.spliterator(), false).map(c -> c.path("id").asString()))
          .containsExactly("tiny", "blue", "green", "red");
      assertThat(cards.path(0).path("parent").isNull()).isTrue();
      assertThat(cards.path(1).path("parent").asString()).isEqualTo("tiny");
      assertThat(cards.path(1).path("root").asString()).isEqualTo("blue");
      assertThat(
              StreamSupport.stream(cards.spliterator(), false)
                  .map(c -> c.path("version").asString()))
          .allMatch(version -> version.matches("[0-9a-f]{12}"))
          .doesNotHaveDuplicates();
      String metrics = send(server, "/metrics", "").body();
      for (String name : NAMES) {
        assertThat(metrics)
            .contains(
                "vllm:request_success_total{finished_reason=\"length\",model_name=\""
                    + name
                    + "\"} 63.0");
      }
      assertThat(metrics)
          .containsPattern(
              "vllm:lora_requests_info\\{max_lora=\"3\",model_name=\"tiny\",running_lora_adapters=\"\",waiting_lora_adapters=\"\"\\} 1\\.");
      assertThat(metrics)
          .contains(
              "vllm:cache_config_info{block_size=\"16\",enable_prefix_caching=\"True\",model_name=\"tiny\",num_gpu_blocks=\"128\"} 1.0");
    }
  }

  @Test
  void adaptersAreLoadedAndUnloadedByKeysThatMayAndFromBelowTheirRoot() throws Exception {
    Path root = folder.resolve("root");
    TextModels models = tiny(root);
    TinyModel.writeAdapter(folder.resolve("model"), root.resolve("team").resolve("new"), 5);
    Files.createSymbolicLink(root.resolve("link"), folder.resolve("adapters").resolve("red"));
    Path keys = folder.resolve("keys.json");
    KeyFile file = new KeyFile(keys);
    String admin =
        file.create("ops", List.of(Scope.INFER, Scope.ADMIN), Instant.now(), null, Limits.NONE)
            .secret();
    String user =
        file.create("ann", List.of(Scope.INFER), Instant.now(), null, Limits.NONE).secret();
    Path audit = folder.resolve("audit.jsonl");
    String load = "{\"lora_name\":\"new\",\"lora_path\":\"team/new\"}";
    try (ModelServer server =
        serve(
            models,
            ServeOptions.DEFAULT
                .withPort(0)
                .withSafety(Safety.NONE.withKeys(keys).withAudit(audit, false)))) {
      String[] may = {"Authorization", "Bearer " + admin};
      String[] mayNot = {"Authorization", "Bearer " + user};
      String to = "/v1/load_lora_adapter";
      assertThat(send(server, to, load).statusCode()).isEqualTo(401);
      assertThat(send(server, to, load, mayNot).statusCode()).isEqualTo(403);
      for (String outside :
          List.of("../adapters/red", "link", ".", "nowhere", folder + "/adapters/red")) {
        HttpResponse<String> refused = send(server, to, load.replace("team/new", outside), may);
        assertThat(refused.statusCode()).as(outside).isEqualTo(400);
        assertThat(refused.body()).contains("--adapter-root");
      }
      assertThat(send(server, "/v1/completions", ask("new", "x"), mayNot).statusCode())
          .isEqualTo(404);
      HttpResponse<String> loaded = send(server, to, load, may);
      assertThat(loaded.statusCode()).as(loaded.body()).isEqualTo(200);
      assertThat(loaded.body()).isEqualTo("Success: LoRA adapter 'new' added successfully.");
      String answer = choices(send(server, "/v1/completions", ask("new", "x"), mayNot));
      assertThat(send(server, to, load, may).body()).contains("already_loaded");
      TinyModel.writeAdapter(folder.resolve("model"), root.resolve("team").resolve("new"), 6);
      String again = load.replace("}", ",\"load_inplace\":true}");
      assertThat(send(server, to, again, may).statusCode()).isEqualTo(200);
      assertThat(choices(send(server, "/v1/completions", ask("new", "x"), mayNot)))
          .isNotEqualTo(answer);
      Files.writeString(root.resolve("team").resolve("new").resolve("adapter_config.json"), "{}");
      HttpResponse<String> broken = send(server, to, again, may);
      assertThat(broken.statusCode()).isEqualTo(400);
      assertThat(broken.body()).contains("adapter.unsupported");
      assertThat(send(server, "/v1/completions", ask("new", "x"), mayNot).statusCode())
          .isEqualTo(200);
      String unload = "{\"lora_name\":\"new\"}";
      assertThat(send(server, "/v1/unload_lora_adapter", unload, mayNot).statusCode())
          .isEqualTo(403);
      assertThat(send(server, "/v1/unload_lora_adapter", unload, may).body())
          .isEqualTo("Success: LoRA adapter 'new' removed successfully.");
      assertThat(send(server, "/v1/unload_lora_adapter", unload, may).statusCode()).isEqualTo(404);
      assertThat(send(server, "/v1/completions", ask("new", "x"), mayNot).statusCode())
          .isEqualTo(404);
    }
    assertThat(AuditVerifier.verify(audit, null).lines()).isGreaterThan(20);
    assertThat(Files.readString(audit))
        .containsPattern("\"event\":\"answer\".*\"key\":\"ops\",\"status\":200.*\"model\":\"new\"");
  }

  @Test
  void anAdapterOfAnotherTokenizerIsRefusedByBothFingerprints() throws Exception {
    Path root = folder.resolve("root");
    TextModels models = tiny(root);
    Path model = folder.resolve("model");
    Path foreign = root.resolve("foreign");
    TinyModel.writeAdapter(model, foreign, 5);
    TextFingerprint own = ModelFolder.at(model).textFingerprint();
    TextFingerprint other =
        new TextFingerprint(
            "0".repeat(64), own.merges(), own.specialTokens(), own.rules(), own.chatTemplate());
    Files.writeString(foreign.resolve(TextFingerprint.FILE), other.json());
    Path keys = folder.resolve("keys.json");
    String key =
        new KeyFile(keys)
            .create("ops", List.of(Scope.values()), Instant.now(), null, Limits.NONE)
            .secret();
    try (ModelServer server =
        serve(models, ServeOptions.DEFAULT.withPort(0).withSafety(Safety.NONE.withKeys(keys)))) {
      HttpResponse<String> refused =
          send(
              server,
              "/v1/load_lora_adapter",
              "{\"lora_name\":\"foreign\",\"lora_path\":\"foreign\"}",
              "Authorization",
              "Bearer " + key);
      assertThat(refused.statusCode()).isEqualTo(400);
      assertThat(Http.json(refused.body()).at("/error/code").asString())
          .isEqualTo("tokenizer.fingerprint-mismatch");
      assertThat(refused.body()).contains("the adapter " + foreign, "the model " + model);
    }
  }

  /** In their order, by a key that may do all. */
  @Test
  void everyRequestOfThePageIsAnswered() throws Exception {
    Path root = folder.resolve("root");
    TextModels models = tiny(root);
    TinyModel.writeAdapter(folder.resolve("model"), root.resolve("medicine"), 5);
    Path keys = folder.resolve("keys.json");
    String key =
        new KeyFile(keys)
            .create("ops", List.of(Scope.values()), Instant.now(), null, Limits.NONE)
            .secret();
    int requests = 0;
    try (ModelServer server =
        serve(models, ServeOptions.DEFAULT.withPort(0).withSafety(Safety.NONE.withKeys(keys)))) {
      Matcher blocks = BLOCK.matcher(Files.readString(Path.of("../docs/several-models.md")));
      while (blocks.find()) {
        Matcher request = REQUEST.matcher(blocks.group(1));
        assertThat(request.matches()).as(blocks.group(1)).isTrue();
        String body = request.group(2) == null ? "" : request.group(2);
        HttpResponse<String> answer =
            send(server, request.group(1), body, "Authorization", "Bearer " + key);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        requests++;
      }
    }
    assertThat(requests).isEqualTo(5);
  }

  @Test
  void withoutARootNothingIsLoaded() throws Exception {
    Path keys = folder.resolve("keys.json");
    String admin =
        new KeyFile(keys)
            .create("ops", List.of(Scope.ADMIN), Instant.now(), null, Limits.NONE)
            .secret();
    try (ModelServer server =
        serve(
            TextModels.one("toy", FakeEngine::new),
            ServeOptions.DEFAULT.withPort(0).withSafety(Safety.NONE.withKeys(keys)))) {
      HttpResponse<String> refused =
          send(
              server,
              "/v1/load_lora_adapter",
              "{\"lora_name\":\"new\",\"lora_path\":\"x\"}",
              "Authorization",
              "Bearer " + admin);
      assertThat(refused.statusCode()).isEqualTo(403);
      assertThat(refused.body()).contains("adapter_loading_disabled");
    }
  }

  // ---- splits ----

  private static TextModels.Split split(double a, double b) {
    SequencedMap<String, Double> shares = new LinkedHashMap<>();
    shares.put("a", a);
    shares.put("b", b);
    return new TextModels.Split("ab", shares);
  }

  @Test
  void aSplitGivesEachItsShareAndAConversationAlwaysTheSame() {
    TextModels.Split split = split(0.9, 0.1);
    Map<String, Integer> counts = new TreeMap<>();
    for (int i = 0; i < 20_000; i++) {
      String chosen = ServedModels.choose(split, "user " + i);
      assertThat(ServedModels.choose(split, "user " + i)).isEqualTo(chosen);
      counts.merge(chosen, 1, Integer::sum);
    }
    // Five standard deviations of a binomial: √(20000 · 0.9 · 0.1) = 42.
    assertThat(counts.get("b")).isCloseTo(2000, within(212));
    assertThat(ServedModels.choose(split(3, 1), "x"))
        .isEqualTo(ServedModels.choose(split(6, 2), "x"));
  }

  @Test
  void whatAnswersIsInEachAnswerMetricAndFeedback() throws Exception {
    Path feedback = folder.resolve("feedback.jsonl");
    TextModels models =
        new TextModels(
            List.of(fake("a", "from a"), fake("b", "from b")),
            List.of(),
            List.of(split(0.5, 0.5)),
            null);
    try (ModelServer server =
        serve(models, ServeOptions.DEFAULT.withPort(0).withFeedback(feedback))) {
      Map<String, Integer> counts = new TreeMap<>();
      for (int i = 0; i < 40; i++) {
        ObjectNode turn = Json.object().put("model", "ab").put("max_tokens", 6);
        turn.putArray("messages").addObject().put("role", "user").put("content", "Question " + i);
        String first = answered(server, turn);
        turn.withArray("messages")
            .addObject()
            .put("role", "assistant")
            .put("content", "GrowingAnswer.");
        turn.withArray("messages").addObject().put("role", "user").put("content", "And then?");
        assertThat(answered(server, turn)).as("the same conversation").isEqualTo(first);
        counts.merge(first, 1, Integer::sum);
      }
      assertThat(counts).containsOnlyKeys("a", "b");
      String metrics = send(server, "/metrics", "").body();
      counts.forEach(
          (name, count) ->
              assertThat(metrics)
                  .contains(
                      "vllm:request_success_total{finished_reason=\"length\",model_name=\""
                          + name
                          + "\"} "
                          + 2.0 * count));
      String key = "Bearer " + server.sessionKey();
      HttpResponse<String> chosen =
          send(
              server,
              "/v1/completions",
              ask("ab", "x"),
              "X-Slipway-Variant",
              "b",
              "Authorization",
              key);
      JsonNode answer = Http.json(chosen.body());
      assertThat(answer.path("model").asString()).isEqualTo("b");
      assertThat(answer.path("system_fingerprint").asString()).isEqualTo("fp_0123456789ab");
      assertThat(chosen.headers().firstValue("X-Slipway-Variant")).contains("b");
      assertThat(send(server, "/v1/completions", ask("ab", "x"), "X-Slipway-Variant", "c").body())
          .contains("expected one of a, b");
      send(
          server,
          "/v1/feedback",
          "{\"id\":\"" + answer.path("id").asString() + "\",\"rating\":\"up\"}",
          "Authorization",
          key);
      JsonNode row = Json.parse(Files.readString(feedback).strip(), "feedback");
      assertThat(row.path("model").asString()).isEqualTo("b");
      assertThat(row.path("version").asString()).isEqualTo("0123456789ab");
      assertThat(send(server, "/v1/models/ab", "").body())
          .contains("\"split\":{\"a\":0.5,\"b\":0.5}");
    }
  }

  private String answered(ModelServer server, ObjectNode turn)
      throws IOException, InterruptedException {
    HttpResponse<String> answer = send(server, "/v1/chat/completions", Json.line(turn));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return Http.json(answer.body()).path("model").asString();
  }
}
