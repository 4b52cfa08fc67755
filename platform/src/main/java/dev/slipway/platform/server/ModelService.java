package dev.slipway.platform.server;

import io.helidon.webserver.http.HttpRouting;
import java.time.Duration;
import java.util.Map;
import java.util.SequencedMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * A kind of model behind the service: the paths that it adds, and the thread on which it computes.
 */
interface ModelService {
  /**
   * @param state of the service, which the paths ask before they answer
   */
  static ModelService of(
      Servable servable,
      ServeOptions options,
      ServerMetrics metrics,
      Supplier<ServiceState> state) {
    return switch (servable) {
      case TextModels models -> new TextService(options, models, metrics, state);
      case Servable.Predictor(var name, var opening) ->
          new PredictService(options, name, opening, metrics, state);
      case Servable.Encoder(var name, var opening) ->
          new EmbedService(options, name, opening, metrics, state);
      case Servable.CrossEncoder(var name, var opening) ->
          new RerankService(options, name, opening, metrics, state);
      case Servable.RewardModel(var name, var opening) ->
          new RewardService(options, name, opening, metrics, state);
    };
  }

  /** Its paths, and the method of each. */
  Map<String, String> paths();

  void route(HttpRouting.Builder routing, ClientConnections clients);

  /** Begins to open the model. */
  void start();

  /** Done when the model is open, or has failed to open and why. */
  CompletableFuture<?> opened();

  /** What {@code /v1/models} tells of each open model beside its name. */
  SequencedMap<String, ObjectNode> cards();

  /**
   * Opens a model anew while it answers.
   *
   * @param model null for each
   * @return what was opened, by its name
   * @throws ApiProblem where it can't be, with what answered going on
   */
  default SequencedMap<String, ObjectNode> reload(@Nullable String model) {
    throw ApiProblem.refused(
        409,
        null,
        "reload_unsupported",
        "a model of this kind is not opened anew while it answers; start the service anew");
  }

  /** Takes nothing more, finishes what was accepted within a time, and closes the model. */
  void stop(Duration patience);
}
