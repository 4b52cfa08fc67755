package dev.slipway.eval.yardstick;

import dev.slipway.eval.yardstick.Features.Column;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import ml.dmlc.xgboost4j.java.Booster;
import ml.dmlc.xgboost4j.java.DMatrix;
import ml.dmlc.xgboost4j.java.XGBoost;
import ml.dmlc.xgboost4j.java.XGBoostError;

/**
 * Gradient boosting of trees over the columns of a table: XGBoost (Chen and Guestrin 2016). Below
 * 10,000 training examples 100 trees of depth 3 at rate 0.1, scikit-learn's defaults; from there on
 * 300 of depth 6. Categories of up to 32 levels are one-hot, of more are split by their number;
 * missing numbers go the way that lowers the loss.
 */
final class Boosting {
  static final String SOURCE = "XGBoost, Chen and Guestrin 2016";

  private static final int MANY = 10_000;
  private static final int ONE_HOT_LEVELS = 32;

  private final List<Integer> levels = new ArrayList<>();
  private int width;

  private Boosting(Features.Columns training, int[] rows) {
    for (Column column : training.columns()) {
      int most = 0;
      if (column instanceof Column.Categories categories) {
        for (int row : rows) {
          most = Math.max(most, categories.codes()[row] + 1);
        }
      }
      int oneHot = most > ONE_HOT_LEVELS ? 0 : most;
      levels.add(oneHot);
      width += Math.max(1, oneHot);
    }
  }

  /** Probabilities {@code [example][class]} of the test examples. */
  static double[][] classes(
      Features.Columns training, int[] rows, double[] labels, int classes, Features.Columns test) {
    if (classes == 2) {
      double[][] positive = predict(training, rows, labels, test, "binary:logistic", 0);
      double[][] both = new double[positive.length][];
      for (int i = 0; i < both.length; i++) {
        both[i] = new double[] {1 - positive[i][0], positive[i][0]};
      }
      return both;
    }
    return predict(training, rows, labels, test, "multi:softprob", classes);
  }

  static double[][] numbers(
      Features.Columns training, int[] rows, double[] targets, Features.Columns test) {
    return predict(training, rows, targets, test, "reg:squarederror", 0);
  }

  private static double[][] predict(
      Features.Columns training,
      int[] rows,
      double[] targets,
      Features.Columns test,
      String objective,
      int classes) {
    Boosting fitted = new Boosting(training, rows);
    boolean many = rows.length >= MANY;
    Map<String, Object> parameters =
        new TreeMap<>(
            Map.of(
                "objective",
                objective,
                "eta",
                0.1,
                "max_depth",
                many ? 6 : 3,
                "tree_method",
                many ? "hist" : "exact",
                // The same on every machine: sums of floats depend on how many threads make them.
                "nthread",
                2,
                "seed",
                0,
                "verbosity",
                0));
    if (classes > 0) {
      parameters.put("num_class", classes);
    }
    DMatrix data = null;
    DMatrix asked = null;
    Booster booster = null;
    try {
      data = fitted.matrix(training, rows);
      float[] labels = new float[targets.length];
      for (int i = 0; i < labels.length; i++) {
        labels[i] = (float) targets[i];
      }
      data.setLabel(labels);
      booster = XGBoost.train(data, parameters, many ? 300 : 100, Map.of(), null, null);
      asked = fitted.matrix(test, all(test.size()));
      float[][] predicted = booster.predict(asked);
      double[][] outputs = new double[predicted.length][];
      for (int i = 0; i < outputs.length; i++) {
        outputs[i] = new double[predicted[i].length];
        for (int c = 0; c < outputs[i].length; c++) {
          outputs[i][c] = predicted[i][c];
        }
      }
      return outputs;
    } catch (XGBoostError e) {
      throw new IllegalStateException("XGBoost failed", e);
    } finally {
      if (booster != null) {
        booster.dispose();
      }
      if (asked != null) {
        asked.dispose();
      }
      if (data != null) {
        data.dispose();
      }
    }
  }

  private DMatrix matrix(Features.Columns features, int[] rows) throws XGBoostError {
    float[] values = new float[Math.multiplyExact(rows.length, width)];
    int first = 0;
    for (int c = 0; c < levels.size(); c++) {
      int oneHot = levels.get(c);
      for (int i = 0; i < rows.length; i++) {
        int at = i * width + first;
        switch (features.columns().get(c)) {
          case Column.Numbers numbers -> values[at] = number(numbers.values()[rows[i]]);
          case Column.Categories categories -> {
            int code = categories.codes()[rows[i]];
            if (oneHot == 0) {
              values[at] = code < 0 ? Float.NaN : code;
            } else if (code >= 0 && code < oneHot) {
              values[at + code] = 1;
            }
          }
        }
      }
      first += Math.max(1, oneHot);
    }
    return new DMatrix(values, rows.length, width, Float.NaN);
  }

  private static float number(double value) {
    float number = (float) value;
    return Float.isFinite(number) ? number : Float.NaN;
  }

  private static int[] all(int size) {
    int[] rows = new int[size];
    for (int i = 0; i < size; i++) {
      rows[i] = i;
    }
    return rows;
  }
}
