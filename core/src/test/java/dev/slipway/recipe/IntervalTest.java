package dev.slipway.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IntervalTest {
  @ParameterizedTest
  @CsvSource({
    "60s, 0.5, 1000, 120",
    "100ms, 0.06, 1000, 2",
    "1ms, 0.5, 1000, 1", // as often as can be
    "1h, 0.5, 1000, 1000", // at the end
    "200 steps, 0.5, 1000, 200",
  })
  void isSoManySteps(String interval, double secondsPerStep, int most, int steps) {
    assertThat(Interval.parse(interval).steps(secondsPerStep, most)).isEqualTo(steps);
  }
}
