package dev.slipway.recipe.run;

import dev.slipway.eval.compare.Retention;
import dev.slipway.eval.metric.Interval;
import dev.slipway.eval.metric.LanguageModelMetrics;
import dev.slipway.eval.yardstick.Yardstick;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * What the test split said of a finished model.
 *
 * @param metrics each with its interval
 * @param yardsticks on the same documents; empty where the recipe asks for none
 * @param retention of a tuned model, what it was not tuned for; empty of any other
 * @param figures of the task by their names, such as {@code rewards/accuracies}
 */
public record Evaluation(
    LanguageModelMetrics metrics,
    List<Yardstick> yardsticks,
    List<Retention> retention,
    SequencedMap<String, Interval> figures) {
  @SuppressWarnings("NullAway") // files of older runs have no retention
  public Evaluation {
    yardsticks = List.copyOf(yardsticks);
    retention = retention == null ? List.of() : List.copyOf(retention);
    figures =
        Collections.unmodifiableSequencedMap(
            figures == null ? new LinkedHashMap<>() : new LinkedHashMap<>(figures));
  }

  public Evaluation withYardsticks(List<Yardstick> others) {
    return new Evaluation(metrics, others, retention, figures);
  }

  public Evaluation withFigures(SequencedMap<String, Interval> others) {
    return new Evaluation(metrics, yardsticks, retention, others);
  }

  /** Of a model that was not tuned. */
  public Evaluation(LanguageModelMetrics metrics, List<Yardstick> yardsticks) {
    this(metrics, yardsticks, List.of(), new LinkedHashMap<>());
  }
}
