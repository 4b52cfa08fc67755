package dev.slipway.eval.report;

import java.util.Locale;

/** Numbers as people write them, the same in every locale. */
final class Figures {
  private Figures() {}

  /** 1,234,567. */
  static String count(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  /** Three digits that count, with k, M, G, T: 1.23 M. */
  static String si(double value) {
    double size = Math.abs(value);
    if (size >= 999.5e9) {
      return digits(value / 1e12) + " T";
    }
    if (size >= 999.5e6) {
      return digits(value / 1e9) + " G";
    }
    if (size >= 999.5e3) {
      return digits(value / 1e6) + " M";
    }
    if (size >= 9_999.5) {
      return digits(value / 1e3) + " k";
    }
    return size >= 999.5 ? String.format(Locale.ROOT, "%,.0f", value) : digits(value);
  }

  /** 1.5 GiB. */
  static String bytes(double value) {
    String[] units = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
    int unit = 0;
    double scaled = value;
    while (Math.abs(scaled) >= 1023.5 && unit < units.length - 1) {
      scaled /= 1024;
      unit++;
    }
    return (unit == 0 ? String.format(Locale.ROOT, "%.0f", scaled) : digits(scaled))
        + " "
        + units[unit];
  }

  /** 1 h 2 min, 3 min 4 s, 5.6 s, 78 ms. */
  static String duration(double seconds) {
    if (seconds < 0.9995) {
      return digits(seconds * 1000) + " ms";
    }
    if (seconds < 59.95) {
      return digits(seconds) + " s";
    }
    long whole = Math.round(seconds);
    if (whole < 3600) {
      return whole / 60 + " min " + whole % 60 + " s";
    }
    long minutes = Math.round(seconds / 60);
    return minutes < 48 * 60
        ? minutes / 60 + " h " + minutes % 60 + " min"
        : Math.round(seconds / 3600) / 24 + " d " + Math.round(seconds / 3600) % 24 + " h";
  }

  /** 12.3 %. */
  static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }

  /** +12.3 % or −4.5 %. */
  static String signedPercent(double share) {
    String number = String.format(Locale.ROOT, "%.1f %%", 100 * Math.abs(share));
    return number.equals("0.0 %") ? number : (share < 0 ? "−" : "+") + number;
  }

  static String decimals(double value, int decimals) {
    return String.format(Locale.ROOT, "%." + decimals + "f", value);
  }

  /** Three digits that count: 0.0123, 1.23, 12.3, 123. */
  static String digits(double value) {
    double size = Math.abs(value);
    if (size == 0) {
      return "0";
    }
    if (!Double.isFinite(value)) {
      return "–";
    }
    int decimals = Math.clamp(2 - (int) Math.floor(Math.log10(size * 1.0005)), 0, 12);
    String text = String.format(Locale.ROOT, "%." + decimals + "f", value);
    return size < 1e-4 ? String.format(Locale.ROOT, "%.1e", value) : text;
  }
}
