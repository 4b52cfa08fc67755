package dev.slipway.nn;

/**
 * Gram and Schmidt's orthogonalisation: the Q of a QR decomposition whose R has no negative
 * diagonal.
 */
final class Orthonormal {
  private Orthonormal() {}

  /**
   * A matrix row by row whose rows, or columns where they are fewer, are made orthonormal.
   *
   * @param values rows × columns, independent ones
   */
  static float[] of(float[] values, int rows) {
    int columns = values.length / rows;
    boolean across = rows > columns;
    int vectors = Math.min(rows, columns);
    int length = Math.max(rows, columns);
    int step = across ? columns : 1;
    double[][] q = new double[vectors][length];
    for (int v = 0; v < vectors; v++) {
      int start = across ? v : v * columns;
      for (int i = 0; i < length; i++) {
        q[v][i] = values[start + i * step];
      }
      // Twice is enough (Kahan): the second round takes away what rounding left.
      for (int round = 0; round < 2; round++) {
        for (int before = 0; before < v; before++) {
          add(q[v], q[before], -dot(q[v], q[before]));
        }
      }
      double norm = Math.sqrt(dot(q[v], q[v]));
      for (int i = 0; i < length; i++) {
        q[v][i] /= norm;
      }
    }
    float[] result = new float[values.length];
    for (int v = 0; v < vectors; v++) {
      int start = across ? v : v * columns;
      for (int i = 0; i < length; i++) {
        result[start + i * step] = (float) q[v][i];
      }
    }
    return result;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static void add(double[] a, double[] b, double factor) {
    for (int i = 0; i < a.length; i++) {
      a[i] += factor * b[i];
    }
  }
}
