package dev.slipway.eval.report;

import java.util.Arrays;

/** A line of block characters for a terminal: {@code ▇▅▃▂▂▁}. */
public final class Sparkline {
  private static final String BLOCKS = "▁▂▃▄▅▆▇█";

  private Sparkline() {}

  /**
   * The means of at most {@code width} equal stretches, from the lowest to the highest block; a
   * stretch without a finite value is a space.
   */
  public static String of(double[] values, int width) {
    int cells = Math.min(values.length, Math.max(0, width));
    double[] means = new double[cells];
    for (int c = 0; c < cells; c++) {
      int from = (int) ((long) c * values.length / cells);
      int to = (int) ((long) (c + 1) * values.length / cells);
      means[c] =
          Arrays.stream(values, from, to).filter(Double::isFinite).average().orElse(Double.NaN);
    }
    double low = Arrays.stream(means).filter(Double::isFinite).min().orElse(0);
    double high = Arrays.stream(means).filter(Double::isFinite).max().orElse(0);
    StringBuilder line = new StringBuilder(cells);
    for (double mean : means) {
      if (Double.isNaN(mean)) {
        line.append(' ');
      } else {
        double share = high > low ? (mean - low) / (high - low) : 0;
        line.append(BLOCKS.charAt((int) Math.round(share * (BLOCKS.length() - 1))));
      }
    }
    return line.toString();
  }
}
