package dev.slipway.platform.server;

import dev.slipway.platform.engine.EmbedEngine;
import dev.slipway.platform.engine.PredictEngine;
import dev.slipway.platform.engine.RerankEngine;
import dev.slipway.platform.engine.RewardEngine;
import java.util.concurrent.Callable;

/**
 * What a {@link ModelServer} serves: language models, or one model of another kind that answers one
 * request after the other. Each is opened, used and closed on a thread of its own.
 */
public sealed interface Servable
    permits TextModels,
        Servable.Predictor,
        Servable.Encoder,
        Servable.CrossEncoder,
        Servable.RewardModel {
  /** The name of what answers requests that name none. */
  String byDefault();

  /** A task's model: {@code /v1/predict}. */
  record Predictor(String byDefault, Callable<? extends PredictEngine> opening)
      implements Servable {}

  /** Vectors of texts: {@code /v1/embeddings}. */
  record Encoder(String byDefault, Callable<? extends EmbedEngine> opening) implements Servable {}

  /** How well two texts go together: {@code /v1/rerank} and {@code /v1/score}. */
  record CrossEncoder(String byDefault, Callable<? extends RerankEngine> opening)
      implements Servable {}

  /** Scores of conversations: {@code /v1/score}. */
  record RewardModel(String byDefault, Callable<? extends RewardEngine> opening)
      implements Servable {}
}
