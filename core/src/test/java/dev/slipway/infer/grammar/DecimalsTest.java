package dev.slipway.infer.grammar;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DecimalsTest {
  private static BigDecimal number(SplittableRandom random) {
    int scale = random.nextInt(4);
    int magnitude = (int) Math.pow(10, 1 + random.nextInt(5));
    return BigDecimal.valueOf(random.nextInt(2 * magnitude) - magnitude, scale);
  }

  @Test
  void holdsExactlyTheNumbersWithinBounds() {
    SplittableRandom random = new SplittableRandom(7);
    for (int round = 0; round < 400; round++) {
      BigDecimal a = number(random);
      BigDecimal b = number(random);
      Decimals.@Nullable Bound least =
          random.nextInt(4) == 0 ? null : new Decimals.Bound(a.min(b), random.nextBoolean());
      Decimals.@Nullable Bound most =
          random.nextInt(4) == 0 ? null : new Decimals.Bound(a.max(b), random.nextBoolean());
      boolean integer = random.nextBoolean();
      BigDecimal step =
          random.nextInt(3) == 0
              ? BigDecimal.valueOf(1 + random.nextInt(40), random.nextInt(3))
              : null;
      Language language = Decimals.within(least, most, integer, step).deterministic();
      for (int i = 0; i < 60; i++) {
        BigDecimal value = i == 0 ? a : i == 1 ? b : i == 2 ? BigDecimal.ZERO : number(random);
        if (step != null && i % 2 == 1) {
          value = step.multiply(BigDecimal.valueOf(random.nextInt(200) - 100));
        }
        boolean holds =
            (least == null || value.compareTo(least.value()) >= (least.exclusive() ? 1 : 0))
                && (most == null || value.compareTo(most.value()) <= (most.exclusive() ? -1 : 0))
                && (!integer || value.stripTrailingZeros().scale() <= 0)
                && (step == null || value.remainder(step).signum() == 0);
        String text =
            (integer || value.signum() == 0 ? value.stripTrailingZeros() : value).toPlainString();
        assertThat(language.contains(text))
            .as("%s of %s to %s, integer %s, step %s", text, least, most, integer, step)
            .isEqualTo(holds && !(step != null && tooFine(text, step)));
      }
    }
  }

  /** More decimals than a multiple needs, such as 0.50 of 0.5, are not offered. */
  private static boolean tooFine(String text, BigDecimal step) {
    int point = text.indexOf('.');
    return point >= 0 && text.length() - point - 1 > Math.max(step.stripTrailingZeros().scale(), 0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-0", "1", "-12.50", "0.001", "1e5", "1.5E-3", "2e+10"})
  void anyNumberIsOneOfJson(String text) {
    assertThat(Decimals.ANY.contains(text)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-", "01", "1.", ".5", "+1", "1e", "0x1", "NaN", "1e400"})
  void whatIsNoNumberOrNoneThatADoubleHoldsDoesNotCome(String text) {
    assertThat(Decimals.ANY.contains(text)).isFalse();
  }
}
