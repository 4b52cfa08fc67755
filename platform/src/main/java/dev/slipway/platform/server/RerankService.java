package dev.slipway.platform.server;

import dev.slipway.platform.access.Caller;
import dev.slipway.platform.engine.RerankEngine;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** A cross-encoder: {@code POST /v1/rerank} and {@code POST /v1/score} by what it says of pairs. */
final class RerankService extends QueuedService<RerankEngine> {
  RerankService(
      ServeOptions options,
      String model,
      Callable<? extends RerankEngine> opening,
      ServerMetrics metrics,
      Supplier<ServiceState> state) {
    super(options, model, opening, metrics, state);
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
    routeTokens(routing, RerankEngine::tokens);
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
