package dev.slipway.cli.display;

import java.util.Locale;

/** Numbers as people read them. */
public final class Units {
  private Units() {}

  /** {@code 4.2 s}, {@code 7 min 10 s}, {@code 3 h 05 min}. */
  public static String seconds(double seconds) {
    if (seconds < 59.95) {
      return String.format(Locale.ROOT, "%.1f s", seconds);
    }
    long whole = Math.round(seconds);
    if (whole < 3600) {
      return String.format(Locale.ROOT, "%d min %02d s", whole / 60, whole % 60);
    }
    if (whole < 48 * 3600) {
      return String.format(Locale.ROOT, "%d h %02d min", whole / 3600, whole % 3600 / 60);
    }
    return String.format(Locale.ROOT, "%.1f days", whole / 86400.0);
  }

  /** {@code 950 B}, {@code 38.0 MB}, {@code 1.2 GB}: powers of 1000. */
  public static String bytes(double bytes) {
    String[] units = {"B", "kB", "MB", "GB", "TB"};
    int unit = 0;
    while (bytes >= 999.5 && unit < units.length - 1) {
      bytes /= 1000;
      unit++;
    }
    return String.format(Locale.ROOT, unit == 0 ? "%.0f %s" : "%.1f %s", bytes, units[unit]);
  }

  /** {@code 812}, {@code 29.1 k}, {@code 2.6 M}, {@code 1.2 G}. */
  public static String count(double count) {
    String[] units = {"", " k", " M", " G", " T"};
    int unit = 0;
    while (count >= 9999.5 || (unit > 0 && count >= 999.5)) {
      if (unit == units.length - 1) {
        break;
      }
      count /= 1000;
      unit++;
    }
    return unit == 0
        ? String.format(Locale.ROOT, "%,.0f", count)
        : String.format(Locale.ROOT, "%.1f%s", count, units[unit]);
  }

  /** {@code 5,120}. */
  public static String whole(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }
}
