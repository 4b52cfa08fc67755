package dev.slipway.eval.yardstick;

import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * What something simple predicted for the test examples, to be measured just as the model is.
 *
 * @param name as a table shows it
 * @param outputs {@code [example][…]}: a probability for each class or label; for regression and
 *     ratings one number
 * @param seconds it took to learn and predict
 * @param saw what it learnt from, a clause
 * @param source the method's paper or the program
 */
public record Predictions(
    String name, double[][] outputs, double seconds, String saw, String source) {
  /** Those of several heads of the same examples, the outputs of each example side by side. */
  public static Predictions together(List<Predictions> heads) {
    Predictions first = heads.getFirst();
    double[][] outputs = new double[first.outputs.length][];
    for (int i = 0; i < outputs.length; i++) {
      int row = i;
      outputs[i] =
          heads.stream().flatMapToDouble(head -> Arrays.stream(head.outputs[row])).toArray();
    }
    return new Predictions(
        joined(heads, Predictions::name),
        outputs,
        heads.stream().mapToDouble(Predictions::seconds).sum(),
        joined(heads, Predictions::saw),
        joined(heads, Predictions::source));
  }

  private static String joined(List<Predictions> heads, Function<Predictions, String> text) {
    return String.join(" · ", heads.stream().map(text).distinct().toList());
  }

  /**
   * Some outputs of each example.
   *
   * @param from where they begin; moved behind them
   * @param widths how many they are
   */
  public Predictions part(int[] from, int[] widths) {
    double[][] part = new double[outputs.length][];
    for (int i = 0; i < part.length; i++) {
      part[i] = Arrays.copyOfRange(outputs[i], from[i], from[i] + widths[i]);
      from[i] += widths[i];
    }
    return new Predictions(name, part, seconds, saw, source);
  }

  /** The one number of each example: of regression and ratings. */
  public double[] numbers() {
    return column(0);
  }

  /** The probability of one class or label for each example. */
  public double[] column(int index) {
    double[] column = new double[outputs.length];
    for (int i = 0; i < column.length; i++) {
      column[i] = outputs[i][index];
    }
    return column;
  }

  /** The most probable class of each example, the first of equal ones. */
  public int[] classes() {
    int[] classes = new int[outputs.length];
    for (int i = 0; i < classes.length; i++) {
      for (int c = 1; c < outputs[i].length; c++) {
        classes[i] = outputs[i][c] > outputs[i][classes[i]] ? c : classes[i];
      }
    }
    return classes;
  }
}
