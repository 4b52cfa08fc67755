package dev.slipway.data.prediction;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which column holds what.
 *
 * @param truth what was true
 * @param prediction what was predicted; null where the scores alone decide
 * @param scores columns of scores; empty takes those whose names begin with {@code score_}
 * @param group of ranked lists, the query or user; null for the other tasks
 * @param id of the examples, to pair two files by; null pairs them by row
 * @param positive of two classes, the one that is looked for; null chooses 1, true, yes, positive,
 *     or else the last by name
 */
public record PredictionColumns(
    String truth,
    @Nullable String prediction,
    List<String> scores,
    @Nullable String group,
    @Nullable String id,
    @Nullable String positive) {
  public static final String SCORE = "score_";

  public PredictionColumns {
    scores = List.copyOf(scores);
  }

  /** Those that a run's own file has. */
  public static PredictionColumns ofRun(PredictionTask task) {
    return new PredictionColumns(
        "truth",
        "prediction",
        List.of(),
        task == PredictionTask.RANKING ? "group" : null,
        task == PredictionTask.RANKING ? null : "id",
        null);
  }
}
