package dev.slipway.recipe;

import dev.slipway.base.binding.Durations;
import dev.slipway.base.binding.ScalarType;
import java.time.Duration;

/** How often something happens while training: {@code 60s}, or {@code 200 steps}. */
public sealed interface Interval {
  record Time(Duration time) implements Interval {
    @Override
    public String toString() {
      return Durations.format(time);
    }
  }

  record Steps(int steps) implements Interval {
    @Override
    public String toString() {
      return steps + " steps";
    }
  }

  /**
   * The same in steps, as near as steps are long.
   *
   * @param most steps of the run
   */
  default int steps(double secondsPerStep, int most) {
    return switch (this) {
      case Steps(int steps) -> steps;
      case Time(Duration time) ->
          Math.clamp(Math.round(time.toMillis() / 1000.0 / secondsPerStep), 1, most);
    };
  }

  ScalarType<Interval> TYPE =
      new ScalarType<>(
          Interval.class,
          "a time span such as 60s, or a count such as 200 steps",
          "^(([0-9]+(ms|s|m|h|d))+|[1-9][0-9]{0,8} steps?)$",
          false,
          Interval::parse,
          Interval::toString);

  static Interval parse(String text) {
    if (text.matches("[1-9]\\d{0,8} steps?")) {
      return new Steps(Integer.parseInt(text.substring(0, text.indexOf(' '))));
    }
    return new Time(Durations.parse(text));
  }
}
