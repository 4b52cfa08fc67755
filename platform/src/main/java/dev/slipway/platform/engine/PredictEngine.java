package dev.slipway.platform.engine;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A model of any task but language as the service needs it. {@link #card} and {@link #prepare} may
 * be called from any thread; {@link Prediction#compute} and {@link #close} only from the one that
 * opened it, since a model's native state belongs to a thread.
 */
public interface PredictEngine extends QueuedEngine {
  /** How many classes or items an answer lists, unless a request says. */
  int TOP = 5;

  /** What {@code /v1/models} tells: the task, what an input holds and what an answer holds. */
  @Override
  ObjectNode card();

  /**
   * Reads one input from JSON, without computing anything yet.
   *
   * @param top how many classes or items the answer lists at most
   * @throws dev.slipway.base.SlipwayException if it isn't what the model takes
   */
  Prediction prepare(JsonNode input, int top);

  /**
   * As {@link #prepare(JsonNode, int)}, of a body that is the only input itself: a picture, a
   * sound, a text.
   */
  Prediction prepare(byte[] content);

  /** An input that is ready for the network. Its answer depends on nothing else. */
  @FunctionalInterface
  interface Prediction {
    ObjectNode compute();
  }
}
