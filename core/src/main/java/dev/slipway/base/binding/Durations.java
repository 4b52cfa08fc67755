package dev.slipway.base.binding;

import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Time spans as people write them: {@code 8m}, {@code 1h30m}, {@code 60s}, {@code 10d}. */
public final class Durations {
  private static final Pattern PART = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");
  private static final Pattern WHOLE = Pattern.compile("(\\d{1,9}(ms|s|m|h|d))+");

  private record Unit(String name, long millis) {}

  private static final List<Unit> UNITS =
      List.of(
          new Unit("d", 86_400_000),
          new Unit("h", 3_600_000),
          new Unit("m", 60_000),
          new Unit("s", 1_000),
          new Unit("ms", 1));

  private Durations() {}

  public static Duration parse(String text) {
    if (!WHOLE.matcher(text).matches()) {
      throw new IllegalArgumentException("not a time span: " + text);
    }
    long total = 0;
    Matcher part = PART.matcher(text);
    while (part.find()) {
      for (Unit unit : UNITS) {
        if (unit.name.equals(part.group(2))) {
          total += Long.parseLong(part.group(1)) * unit.millis;
        }
      }
    }
    if (total == 0) {
      throw new IllegalArgumentException("a time span of nothing: " + text);
    }
    return Duration.ofMillis(total);
  }

  /** Largest units first; parsing gives the same span. Spans are whole milliseconds. */
  public static String format(Duration duration) {
    long rest = duration.toMillis();
    StringBuilder text = new StringBuilder();
    for (Unit unit : UNITS) {
      if (rest >= unit.millis) {
        text.append(rest / unit.millis).append(unit.name);
        rest %= unit.millis;
      }
    }
    return text.isEmpty() ? "0ms" : text.toString();
  }
}
