package dev.slipway.cli.service;

import dev.slipway.platform.engine.PredictEngine;
import dev.slipway.recipe.examples.Blueprint;
import dev.slipway.task.Predictor;
import java.nio.file.Path;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A trained model of a task as the service needs it. */
final class PredictorEngine implements PredictEngine {
  private final Predictor predictor;

  private PredictorEngine(Predictor predictor) {
    this.predictor = predictor;
  }

  /** Opens a folder on the thread that will compute. */
  static PredictorEngine open(Path folder) {
    return new PredictorEngine(Predictor.open(folder, Blueprint::open));
  }

  @Override
  public ObjectNode card() {
    return predictor.card();
  }

  @Override
  public Prediction prepare(JsonNode input, int top) {
    Predictor.Request request = predictor.read(input);
    return () -> request.answer(top);
  }

  @Override
  public Prediction prepare(byte[] content) {
    Predictor.Request request = predictor.read(content);
    return () -> request.answer(Predictor.TOP);
  }

  @Override
  public void close() {
    predictor.close();
  }
}
