package dev.slipway.platform.server;

import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.platform.engine.ModelFacts;
import dev.slipway.platform.engine.TextProcessor;
import dev.slipway.platform.engine.Tokens;
import dev.slipway.tokenizer.chat.Conversation;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Language models: completions, chat, tokens, feedback, and the adapters that come and go. */
final class TextService implements ModelService {
  private final ServeOptions options;
  private final Supplier<ServiceState> state;
  private final ServedModels models;
  private final AdapterHandlers adapters;
  private final CompletableFuture<Object> opened = new CompletableFuture<>();
  private final @Nullable Feedback feedback;

  TextService(
      ServeOptions options, TextModels given, ServerMetrics metrics, Supplier<ServiceState> state) {
    this.options = options;
    this.state = state;
    this.feedback = options.feedback() == null ? null : Feedback.open(options.feedback());
    this.models = new ServedModels(given, options, metrics);
    this.adapters = new AdapterHandlers(options, this::models, given.adapterRoot());
    metrics.watchRows(
        "slipway_model_info", "Models and adapters, and their versions", this::versions);
    metrics.watchRows(
        "vllm:lora_requests_info",
        "Adapters that requests are computed with, and wait for; the value is when it was read",
        this::loraRequests);
    metrics.watchRows("vllm:cache_config_info", "How keys and values are kept", this::cacheConfigs);
  }

  @Override
  public Map<String, String> paths() {
    Map<String, String> paths = new TreeMap<>(TokenHandlers.PATHS);
    paths.putAll(AdapterHandlers.PATHS);
    paths.put("/v1/completions", "POST");
    paths.put("/v1/chat/completions", "POST");
    paths.put("/v1/feedback", "POST");
    return paths;
  }

  @Override
  public void route(HttpRouting.Builder routing, ClientConnections clients) {
    AnswerLedger ledger = feedback == null ? null : feedback.ledger();
    Answering answering = new Answering(clients, options.safety().bounds().behind());
    routing.post(
        "/v1/completions", new CompletionHandler(options, this::models, answering, ledger));
    routing.post("/v1/chat/completions", new ChatHandler(options, this::models, answering, ledger));
    routing.post("/v1/feedback", this::feedback);
    adapters.route(routing);
    new TokenHandlers(
            options,
            new TokenHandlers.Models() {
              @Override
              public void requireReady() {
                state.get().requireReady();
              }

              @Override
              public Tokens tokens(@Nullable String model) {
                return models().processor(model).tokens();
              }

              @Override
              public int[] encode(@Nullable String model, Conversation conversation) {
                return models().processor(model).encode(conversation);
              }
            })
        .route(routing);
  }

  private void feedback(ServerRequest http, ServerResponse response) {
    if (feedback == null) {
      throw ApiProblem.refused(
          404,
          null,
          "feedback_disabled",
          "this service keeps no feedback; start it with --feedback FILE");
    }
    feedback.handle(http, response, options.maxBodyBytes());
  }

  private ServedModels models() {
    state.get().requireReady();
    return models;
  }

  @Override
  public void start() {
    models
        .start()
        .whenComplete(
            (done, failure) -> {
              if (failure == null) {
                opened.complete(models);
              } else {
                Throwable cause = failure.getCause();
                opened.completeExceptionally(cause == null ? failure : cause);
              }
            });
  }

  @Override
  public CompletableFuture<?> opened() {
    return opened;
  }

  // ---- what there is ----

  @Override
  public SequencedMap<String, ObjectNode> cards() {
    SequencedMap<String, ObjectNode> cards = new LinkedHashMap<>();
    for (ServedModel model : models.all()) {
      cards.put(model.name(), card(model, model.name()));
      for (String adapter : model.adapters()) {
        cards.put(adapter, card(model, adapter));
      }
    }
    models
        .splits()
        .forEach(
            (name, split) -> {
              String first = split.shares().firstEntry().getKey();
              ObjectNode card = Objects.requireNonNull(cards.get(first)).deepCopy();
              ObjectNode shares = card.put("root", name).putNull("parent").putObject("split");
              split.shares().forEach(shares::put);
              cards.put(name, card);
            });
    // Clients that are told nothing take the first of the list.
    String byDefault = models.byDefault();
    cards.putFirst(byDefault, Objects.requireNonNull(cards.get(byDefault)));
    return cards;
  }

  /**
   * {@code root} and {@code parent} as vLLM has them, but for folders, which are nobody's matter.
   */
  private ObjectNode card(ServedModel model, String name) {
    TextProcessor processor = models.processor(name);
    ModelFacts facts = processor.facts();
    Path folder = model.folder(name);
    return Json.object()
        .put("created", facts.created().getEpochSecond())
        .put("owned_by", "slipway")
        .put("root", folder == null ? name : String.valueOf(folder.getFileName()))
        .put("parent", name.equals(model.name()) ? null : model.name())
        .put("version", facts.version())
        .put("max_model_len", facts.contextLength())
        .put("vocabulary_size", facts.vocabularySize())
        .put("parameters", facts.parameters())
        .put("bits_per_byte", facts.bitsPerByte())
        .put("tokenizer_fingerprint", facts.tokenizerFingerprint())
        .put("text_fingerprint", facts.textFingerprint())
        .put("chat", processor.hasChatTemplate())
        .put("feedback", feedback != null);
  }

  private List<ServerMetrics.Row> versions() {
    List<ServerMetrics.Row> rows = new ArrayList<>();
    if (state.get() == ServiceState.READY) {
      for (ServedModel model : models.all()) {
        rows.add(version(model.name(), ""));
        model.adapters().forEach(adapter -> rows.add(version(adapter, model.name())));
      }
    }
    return rows;
  }

  private ServerMetrics.Row version(String name, String parent) {
    String version = models.processor(name).facts().version();
    return ServerMetrics.Row.of(1, "model_name", name, "version", version, "parent", parent);
  }

  private List<ServerMetrics.Row> loraRequests() {
    List<ServerMetrics.Row> rows = new ArrayList<>();
    for (ServedModel model : models.all()) {
      List<String> loaded = model.adapters();
      if (!loaded.isEmpty()) {
        rows.add(
            ServerMetrics.Row.of(
                Instant.now().toEpochMilli() / 1e3,
                "model_name",
                model.name(),
                "max_lora",
                String.valueOf(loaded.size()),
                "running_lora_adapters",
                String.join(",", model.asked(true)),
                "waiting_lora_adapters",
                String.join(",", model.asked(false))));
      }
    }
    return rows;
  }

  private List<ServerMetrics.Row> cacheConfigs() {
    List<ServerMetrics.Row> rows = new ArrayList<>();
    if (state.get() == ServiceState.READY) {
      for (ServedModel model : models.all()) {
        SortedMap<String, String> labels = new TreeMap<>(model.cacheConfig());
        labels.put("model_name", model.name());
        rows.add(new ServerMetrics.Row(labels, 1));
      }
    }
    return rows;
  }

  // ---- changes ----

  @Override
  public SequencedMap<String, ObjectNode> reload(@Nullable String asked) {
    List<ServedModel> meant = asked == null ? models.all() : List.of(models.model(asked));
    SequencedMap<String, ObjectNode> cards = new LinkedHashMap<>();
    for (ServedModel model : meant) {
      String before = models.processor(model.name()).facts().version();
      try {
        model.reload();
      } catch (SlipwayException e) {
        throw ApiProblem.refused(
            409,
            "model",
            "reload_failed",
            "'"
                + model.name()
                + "' answers as before, since it can't be opened anew: "
                + e.getMessage());
      }
      cards.put(model.name(), card(model, model.name()).put("version_before", before));
    }
    return cards;
  }

  @Override
  public void stop(Duration patience) {
    models.stop(patience);
    if (feedback != null) {
      feedback.close();
    }
  }
}
