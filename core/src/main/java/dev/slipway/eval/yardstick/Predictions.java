package dev.slipway.eval.yardstick;

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
