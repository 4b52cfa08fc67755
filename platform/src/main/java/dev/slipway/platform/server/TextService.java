package dev.slipway.platform.server;

import dev.slipway.base.Json;
import io.helidon.webserver.http.HttpRouting;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import tools.jackson.databind.node.ObjectNode;

/** A language model: {@code POST /v1/completions} and {@code POST /v1/chat/completions}. */
final class TextService implements Served {
  private final ServeOptions options;
  private final String model;
  private final Supplier<ServiceState> state;
  private final BatchScheduler scheduler;

  TextService(
      ServeOptions options,
      String model,
      Callable<? extends TextEngine> opening,
      ServerMetrics metrics,
      Supplier<ServiceState> state) {
    this.options = options;
    this.model = model;
    this.state = state;
    this.scheduler = new BatchScheduler(opening, options, metrics);
    metrics.watch(scheduler::running, scheduler::waiting);
    metrics.watchEngine(scheduler::facts);
  }

  @Override
  public Map<String, String> paths() {
    return Map.of("/v1/completions", "POST", "/v1/chat/completions", "POST");
  }

  @Override
  public void route(HttpRouting.Builder routing, ClientConnections clients) {
    Answering answering = new Answering(scheduler, clients);
    routing.post("/v1/completions", new CompletionHandler(options, model, this::engine, answering));
    routing.post("/v1/chat/completions", new ChatHandler(options, model, this::engine, answering));
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
        .put("text_fingerprint", facts.textFingerprint());
  }

  @Override
  public void stop(Duration patience) {
    scheduler.stop(patience);
  }
}
