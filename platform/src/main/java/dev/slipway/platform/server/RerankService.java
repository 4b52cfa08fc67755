package dev.slipway.platform.server;

import dev.slipway.base.Json;
import dev.slipway.platform.access.Caller;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** A cross-encoder: {@code POST /v1/rerank} and {@code POST /v1/score} by what it says of pairs. */
final class RerankService implements Served {
  private final ServeOptions options;
  private final String model;
  private final Supplier<ServiceState> state;
  private final ModelQueue<RerankEngine> queue;

  RerankService(
      ServeOptions options,
      String model,
      Callable<? extends RerankEngine> opening,
      ServerMetrics metrics,
      Supplier<ServiceState> state) {
    this.options = options;
    this.model = model;
    this.state = state;
    this.queue = new ModelQueue<>(opening, options.queue(), metrics);
    metrics.watch(queue::running, queue::waiting);
  }

  @Override
  public Map<String, String> paths() {
    Map<String, String> paths = new TreeMap<>(TokenHandlers.PATHS);
    paths.putAll(SimilarityHandlers.PATHS);
    return paths;
  }

  @Override
  public void route(HttpRouting.Builder routing, ClientConnections clients) {
    new SimilarityHandlers(
            options, model, (http, _, first, second) -> similarities(http, clients, first, second))
        .route(routing);
    new TokenHandlers(
            options,
            new TokenHandlers.Models() {
              @Override
              public void requireReady() {
                state.get().requireReady();
              }

              @Override
              public Tokens tokens(@Nullable String asked) {
                if (asked != null && !asked.equals(model)) {
                  throw ApiProblem.unknownModel(asked, List.of(model));
                }
                return engine().tokens();
              }
            })
        .route(routing);
  }

  @Override
  public void start() {
    queue.start();
  }

  @Override
  public CompletableFuture<?> opened() {
    return queue.engine();
  }

  @Override
  public SequencedMap<String, ObjectNode> cards() {
    SequencedMap<String, ObjectNode> cards = new LinkedHashMap<>();
    cards.put(model, Json.object().put("owned_by", "slipway").setAll(engine().card()));
    return cards;
  }

  @Override
  public void stop(Duration patience) {
    queue.stop(patience);
  }

  private RerankEngine engine() {
    state.get().requireReady();
    return queue.engine().join();
  }

  private SimilarityHandlers.Similarities similarities(
      ServerRequest http, ClientConnections clients, List<String> first, List<String> second) {
    RerankEngine engine = engine();
    Caller caller = Callers.of(http);
    List<CompletableFuture<RerankEngine.Scored>> answers =
        queue.submit(
            caller.name(),
            List.<Supplier<RerankEngine.Scored>>of(() -> engine.scores(first, second)));
    RerankEngine.Scored scored = ModelQueue.await(http, clients, answers, 0);
    caller.allowance().spend(scored.tokens());
    Exchange exchange = Exchange.of(http);
    exchange.model(model);
    exchange.prompt(scored.tokens());
    first.forEach(exchange::asked);
    second.forEach(exchange::asked);
    return new SimilarityHandlers.Similarities(scored.scores(), scored.tokens());
  }
}
