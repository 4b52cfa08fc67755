package dev.slipway.data.augment;

import dev.slipway.base.binding.Default;
import dev.slipway.base.binding.Doc;
import dev.slipway.base.binding.Range;
import dev.slipway.data.example.Values;
import java.util.SplittableRandom;

/** A step on whole batches: every row becomes a mean of itself and another, targets too. */
@Doc("Mixes every example of a batch with another, their targets too (Zhang et al., 2018)")
public record Mixup(
    @Doc("How much: the parts are drawn from Beta(alpha, alpha)")
        @Default("0.2")
        @Range(min = 0.001, max = 100)
        double alpha)
    implements Augmentation {

  /**
   * What is mixed with what.
   *
   * @param kept the part of a row that is the row's own
   * @param partners of each row, which row the rest comes from
   */
  public record Mix(double kept, int[] partners) {
    /**
     * Mixed rows, as a copy. Targets of classes are one-hot floats, so that they become soft.
     *
     * @throws IllegalArgumentException if there are not as many rows as partners
     */
    public Values.Floats apply(Values.Floats rows) {
      if (rows.shape()[0] != partners.length) {
        throw new IllegalArgumentException(rows.shape()[0] + " rows, expected " + partners.length);
      }
      float[] from = rows.values();
      float[] mixed = new float[from.length];
      int width = partners.length == 0 ? 0 : from.length / partners.length;
      float own = (float) kept;
      float other = (float) (1 - kept);
      for (int row = 0; row < partners.length; row++) {
        int mine = row * width;
        int theirs = partners[row] * width;
        for (int i = 0; i < width; i++) {
          mixed[mine + i] = own * from[mine + i] + other * from[theirs + i];
        }
      }
      return new Values.Floats(mixed, rows.shape());
    }
  }

  /** One part and one permutation for a batch, as in the paper's code. */
  public Mix draw(int rows, SplittableRandom random) {
    int[] partners = new int[rows];
    for (int i = 0; i < rows; i++) {
      int j = random.nextInt(i + 1);
      partners[i] = partners[j];
      partners[j] = i;
    }
    return new Mix(beta(alpha, random), partners);
  }

  /** Beta(a, a) as X / (X + Y) of two gamma variates. */
  private static double beta(double a, SplittableRandom random) {
    double x = logGamma(a, random);
    double y = logGamma(a, random);
    return 1 / (1 + Math.exp(y - x));
  }

  /**
   * The logarithm of a Gamma(shape, 1) variate, which for a small shape would be too small for a
   * double (Marsaglia and Tsang, 2000; shapes below 1 by their section 6).
   */
  private static double logGamma(double shape, SplittableRandom random) {
    if (shape < 1) {
      return logGamma(shape + 1, random) + Math.log(1 - random.nextDouble()) / shape;
    }
    double d = shape - 1.0 / 3;
    double c = 1 / Math.sqrt(9 * d);
    while (true) {
      double x = random.nextGaussian();
      double v = 1 + c * x;
      if (v > 0) {
        double cubed = v * v * v;
        double u = 1 - random.nextDouble();
        if (Math.log(u) < 0.5 * x * x + d - d * cubed + d * Math.log(cubed)) {
          return Math.log(d) + Math.log(cubed);
        }
      }
    }
  }
}
