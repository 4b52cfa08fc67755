package dev.slipway.eval.metric.classification;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class BucketSortTest {
  private enum Lie {
    EVEN(u -> u),
    STEPS(u -> Math.rint(u * 7) / 7),
    CROWDED(u -> Math.pow(u, 40)),
    MAGNITUDES(u -> Math.exp(600 * (u - 0.5))),
    FAR_FROM_ZERO(u -> 1e9 + 1e-3 * (u - 0.5)),
    SAME(u -> 3),
    OUTLIER(u -> u < 1e-4 ? 1e300 : u),
    WIDEST(u -> u < 0.5 ? -Double.MAX_VALUE : Double.MAX_VALUE * u),
    INFINITE(u -> u < 1e-3 ? Double.NEGATIVE_INFINITY : u),
    NOT_A_NUMBER(u -> u < 1e-3 ? Double.NaN : u);

    private final DoubleUnaryOperator of;

    Lie(DoubleUnaryOperator of) {
      this.of = of;
    }
  }

  @Property(tries = 60)
  void numbersHoweverTheyLieComeInOrder(
      @ForAll Lie lie, @ForAll long seed, @ForAll @IntRange(min = 1, max = 150_000) int count) {
    double[] values = new SplittableRandom(seed).doubles(count).map(lie.of).toArray();
    double[] expected = values.clone();
    Arrays.sort(expected);
    assertThat(BucketSort.sorted(values)).isEqualTo(expected);
  }
}
