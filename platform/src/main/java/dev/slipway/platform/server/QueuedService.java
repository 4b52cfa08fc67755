package dev.slipway.platform.server;

import dev.slipway.base.Json;
import dev.slipway.platform.engine.QueuedEngine;
import dev.slipway.platform.engine.Tokens;
import io.helidon.webserver.http.HttpRouting;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** One model that answers one request after the other; what is asked of it is the subclass's. */
abstract class QueuedService<E extends QueuedEngine> implements ModelService {
  final ServeOptions options;
  final String model;
  final ModelQueue<E> queue;
  private final Supplier<ServiceState> state;
  private final long created = Instant.now().getEpochSecond();

  QueuedService(
      ServeOptions options,
      String model,
      Callable<? extends E> opening,
      ServerMetrics metrics,
      Supplier<ServiceState> state) {
    this.options = options;
    this.model = model;
    this.state = state;
    this.queue = new ModelQueue<>(opening, options.queue().continuations(), metrics);
    metrics.watch(queue::running, queue::waiting);
  }

  @Override
  public final void start() {
    queue.start();
  }

  @Override
  public final CompletableFuture<?> opened() {
    return queue.engine();
  }

  @Override
  public final SequencedMap<String, ObjectNode> cards() {
    SequencedMap<String, ObjectNode> cards = new LinkedHashMap<>();
    cards.put(
        model,
        Json.object().put("created", created).put("owned_by", "slipway").setAll(engine().card()));
    return cards;
  }

  @Override
  public final void stop(Duration patience) {
    queue.stop(patience);
  }

  /**
   * @throws ApiProblem while it is loading or draining
   */
  final void requireReady() {
    state.get().requireReady();
  }

  final E engine() {
    requireReady();
    return queue.engine().join();
  }

  /** Adds the paths by which texts become ids and back. */
  final void routeTokens(HttpRouting.Builder routing, Function<E, Tokens> tokens) {
    new TokenHandlers(
            options,
            new TokenHandlers.Models() {
              @Override
              public void requireReady() {
                QueuedService.this.requireReady();
              }

              @Override
              public Tokens tokens(@Nullable String asked) {
                if (asked != null && !asked.equals(model)) {
                  throw ApiProblem.unknownModel(asked, List.of(model));
                }
                return tokens.apply(engine());
              }
            })
        .route(routing);
  }
}
