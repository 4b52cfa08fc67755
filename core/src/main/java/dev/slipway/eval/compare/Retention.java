package dev.slipway.eval.compare;

import dev.slipway.eval.metric.Better;
import dev.slipway.eval.metric.DocumentScore;
import dev.slipway.eval.metric.Interval;
import dev.slipway.eval.metric.LanguageModelMetrics;
import java.util.List;

/**
 * What a model was like before and after tuning at something that it was not tuned for, paired over
 * the same examples.
 *
 * @param what it was, such as a text
 * @param metric such as {@code bits per byte}
 * @param better which way it improves
 * @param before of the model as it was
 * @param after of the tuned one
 * @param difference after − before with its interval of 95 %
 * @param examples that both were measured on
 */
public record Retention(
    String what,
    String metric,
    Better better,
    double before,
    double after,
    Interval difference,
    long examples) {

  /** Of what a comparison of the model before (first) and after (second) came to. */
  public static Retention of(String what, Comparison comparison) {
    return new Retention(
        what,
        comparison.metric(),
        comparison.better(),
        comparison.first(),
        comparison.second(),
        comparison.difference(),
        comparison.examples());
  }

  /**
   * Bits per byte of text.
   *
   * @param before one score a document
   * @param after of the same documents in the same order
   */
  public static Retention ofText(
      String what, List<DocumentScore> before, List<DocumentScore> after, long seed) {
    return of(
        what,
        Comparison.of(
            "bits per byte",
            Better.LOWER,
            before.size(),
            drawn -> bitsPerByte(before, drawn),
            drawn -> bitsPerByte(after, drawn),
            seed));
  }

  private static double bitsPerByte(List<DocumentScore> scores, int[] drawn) {
    double nats = 0;
    long bytes = 0;
    for (int i : drawn) {
      nats += scores.get(i).nats();
      bytes += scores.get(i).bytes();
    }
    return nats / LanguageModelMetrics.LN2 / bytes;
  }
}
