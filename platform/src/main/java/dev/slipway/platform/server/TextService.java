package dev.slipway.platform.server;

import dev.slipway.base.Json;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** A language model: {@code POST /v1/completions} and {@code POST /v1/chat/completions}. */
final class TextService implements Served {
  private final ServeOptions options;
  private final String model;
  private final Supplier<ServiceState> state;
  private final BatchScheduler scheduler;
  private final @Nullable Feedback feedback;

  TextService(
      ServeOptions options,
      String model,
      Callable<? extends TextEngine> opening,
      ServerMetrics metrics,
      Supplier<ServiceState> state) {
    this.options = options;
    this.model = model;
    this.state = state;
    this.feedback = options.feedback() == null ? null : Feedback.open(options.feedback());
    this.scheduler = new BatchScheduler(opening, options, metrics);
    metrics.watch(scheduler::running, scheduler::waiting);
    metrics.watchEngine(scheduler::facts);
  }

  @Override
  public Map<String, String> paths() {
    Map<String, String> paths = new TreeMap<>(TokenHandlers.PATHS);
    paths.put("/v1/completions", "POST");
    paths.put("/v1/chat/completions", "POST");
    paths.put("/v1/feedback", "POST");
    return paths;
  }

  @Override
  public void route(HttpRouting.Builder routing, ClientConnections clients) {
    AnswerLedger ledger = feedback == null ? null : feedback.ledger();
    Answering answering =
        new Answering(
            scheduler,
            clients,
            ids -> scheduler.engine().join().text(ids),
            options.safety().bounds().behind());
    routing.post(
        "/v1/completions", new CompletionHandler(options, model, this::engine, answering, ledger));
    routing.post(
        "/v1/chat/completions", new ChatHandler(options, model, this::engine, answering, ledger));
    routing.post("/v1/feedback", this::feedback);
    new TokenHandlers(
            options, model, () -> engine().tokens(), conversation -> engine().encode(conversation))
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

  private TextEngine engine() {
    state.get().requireReady();
    return scheduler.engine().join();
  }

  @Override
  public void start() {
    scheduler.start();
  }

  @Override
  public CompletableFuture<?> opened() {
    return scheduler.engine();
  }

  @Override
  public ObjectNode card() {
    ModelFacts facts = engine().facts();
    return Json.object()
        .put("created", facts.created().getEpochSecond())
        .put("owned_by", "slipway")
        .put("max_model_len", facts.contextLength())
        .put("vocabulary_size", facts.vocabularySize())
        .put("parameters", facts.parameters())
        .put("bits_per_byte", facts.bitsPerByte())
        .put("tokenizer_fingerprint", facts.tokenizerFingerprint())
        .put("text_fingerprint", facts.textFingerprint())
        .put("chat", engine().hasChatTemplate())
        .put("feedback", feedback != null);
  }

  @Override
  public void stop(Duration patience) {
    scheduler.stop(patience);
    if (feedback != null) {
      feedback.close();
    }
  }
}
