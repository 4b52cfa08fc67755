package dev.slipway.eval.metric;

import dev.slipway.base.Json;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Points that a report draws; each knows of which class it is. */
public sealed interface Curve {
  /** As an object with its {@code kind}. */
  ObjectNode json();

  /**
   * Receiver operating characteristic, from (0, 0) to (1, 1).
   *
   * @param of the positive class
   * @param falsePositiveRate FP / N, rising
   * @param truePositiveRate TP / P, as many
   * @param thresholds falling: an example is positive from this score up; the first is infinite
   */
  record Roc(String of, double[] falsePositiveRate, double[] truePositiveRate, double[] thresholds)
      implements Curve {
    @Override
    public ObjectNode json() {
      ObjectNode json = Json.object().put("kind", "roc").put("of", of);
      put(json, "false_positive_rate", falsePositiveRate);
      put(json, "true_positive_rate", truePositiveRate);
      put(json, "thresholds", thresholds);
      return json;
    }
  }

  /**
   * Precision against recall; the last point is (recall 0, precision 1), which has no threshold.
   *
   * @param of the positive class
   * @param precision one more than thresholds
   * @param recall falling, as many as {@code precision}
   * @param thresholds rising
   */
  record PrecisionRecall(String of, double[] precision, double[] recall, double[] thresholds)
      implements Curve {
    @Override
    public ObjectNode json() {
      ObjectNode json = Json.object().put("kind", "precision-recall").put("of", of);
      put(json, "precision", precision);
      put(json, "recall", recall);
      put(json, "thresholds", thresholds);
      return json;
    }
  }

  /**
   * How often what was told with a probability came true, in bins of equal width over [0, 1].
   *
   * @param of the positive class, or what was predicted
   * @param predicted mean probability in each bin that is not empty
   * @param observed share that came true in it
   * @param counts examples in it
   */
  record Calibration(String of, double[] predicted, double[] observed, long[] counts)
      implements Curve {
    @Override
    public ObjectNode json() {
      ObjectNode json = Json.object().put("kind", "calibration").put("of", of);
      put(json, "predicted", predicted);
      put(json, "observed", observed);
      ArrayNode numbers = json.putArray("counts");
      for (long count : counts) {
        numbers.add(count);
      }
      return json;
    }
  }

  /**
   * Examples by true and predicted class.
   *
   * @param counts {@code [true][predicted]}
   */
  record Confusion(List<String> classes, long[][] counts) implements Curve {
    @Override
    public ObjectNode json() {
      ObjectNode json = Json.object().put("kind", "confusion");
      classes.forEach(json.putArray("classes")::add);
      ArrayNode rows = json.putArray("counts");
      for (long[] row : counts) {
        ArrayNode numbers = rows.addArray();
        for (long count : row) {
          numbers.add(count);
        }
      }
      return json;
    }
  }

  private static void put(ObjectNode json, String name, double[] values) {
    ArrayNode numbers = json.putArray(name);
    for (double value : values) {
      // The first threshold of a ROC curve is infinite, which JSON can't write.
      if (Double.isFinite(value)) {
        numbers.add(value);
      } else {
        numbers.addNull();
      }
    }
  }
}
