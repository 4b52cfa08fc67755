package dev.slipway.tokenizer.jinja;

import java.time.DayOfWeek;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.TextStyle;
import java.time.temporal.IsoFields;
import java.util.Locale;

/**
 * {@code strftime} of the C library in the C locale, with GNU's flags, for a time without a zone.
 */
final class Strftime {
  private Strftime() {}

  static String format(String format, LocalDateTime time) {
    StringBuilder out = new StringBuilder();
    int at = 0;
    while (at < format.length()) {
      char c = format.charAt(at++);
      if (c != '%') {
        out.append(c);
        continue;
      }
      int begin = at - 1;
      char flag = ' ';
      while (at < format.length() && "-_0^#".indexOf(format.charAt(at)) >= 0) {
        flag = format.charAt(at++);
      }
      if (at >= format.length()) {
        out.append(format, begin, format.length());
        break;
      }
      String made = field(format.charAt(at++), flag, time);
      out.append(made.equals("?") ? format.substring(begin, at) : made);
    }
    return out.toString();
  }

  private static String field(char field, char flag, LocalDateTime time) {
    String text =
        switch (field) {
          case 'a' -> day(time, TextStyle.SHORT);
          case 'A' -> day(time, TextStyle.FULL);
          case 'b', 'h' -> month(time, TextStyle.SHORT);
          case 'B' -> month(time, TextStyle.FULL);
          case 'c' -> format("%a %b %e %H:%M:%S %Y", time);
          case 'C' -> number(time.getYear() / 100, 2, '0', flag);
          case 'd' -> number(time.getDayOfMonth(), 2, '0', flag);
          case 'D', 'x' -> format("%m/%d/%y", time);
          case 'e' -> number(time.getDayOfMonth(), 2, ' ', flag);
          case 'f' -> number(time.getNano() / 1000, 6, '0', ' ');
          case 'F' -> format("%Y-%m-%d", time);
          case 'g' -> number(time.get(IsoFields.WEEK_BASED_YEAR) % 100, 2, '0', flag);
          case 'G' -> number(time.get(IsoFields.WEEK_BASED_YEAR), 4, '0', flag);
          case 'H' -> number(time.getHour(), 2, '0', flag);
          case 'I' -> number(twelve(time), 2, '0', flag);
          case 'j' -> number(time.getDayOfYear(), 3, '0', flag);
          case 'k' -> number(time.getHour(), 2, ' ', flag);
          case 'l' -> number(twelve(time), 2, ' ', flag);
          case 'm' -> number(time.getMonthValue(), 2, '0', flag);
          case 'M' -> number(time.getMinute(), 2, '0', flag);
          case 'n' -> "\n";
          case 'p' -> time.getHour() < 12 ? "AM" : "PM";
          case 'P' -> time.getHour() < 12 ? "am" : "pm";
          case 'r' -> format("%I:%M:%S %p", time);
          case 'R' -> format("%H:%M", time);
          case 's' -> Long.toString(time.atZone(ZoneId.systemDefault()).toEpochSecond());
          case 'S' -> number(time.getSecond(), 2, '0', flag);
          case 't' -> "\t";
          case 'T', 'X' -> format("%H:%M:%S", time);
          case 'u' -> number(time.getDayOfWeek().getValue(), 1, '0', flag);
          case 'U' -> number(week(time, DayOfWeek.SUNDAY), 2, '0', flag);
          case 'V' -> number(time.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR), 2, '0', flag);
          case 'w' -> number(time.getDayOfWeek().getValue() % 7, 1, '0', flag);
          case 'W' -> number(week(time, DayOfWeek.MONDAY), 2, '0', flag);
          case 'y' -> number(time.getYear() % 100, 2, '0', flag);
          case 'Y' -> Integer.toString(time.getYear());
          case 'z', 'Z' -> "";
          case '%' -> "%";
          default -> "?";
        };
    return switch (flag) {
      case '^' -> text.toUpperCase(Locale.ROOT);
      case '#' -> field == 'p' ? text.toLowerCase(Locale.ROOT) : text.toUpperCase(Locale.ROOT);
      default -> text;
    };
  }

  private static String day(LocalDateTime time, TextStyle style) {
    return time.getDayOfWeek().getDisplayName(style, Locale.ENGLISH);
  }

  private static String month(LocalDateTime time, TextStyle style) {
    return time.getMonth().getDisplayName(style, Locale.ENGLISH);
  }

  private static int twelve(LocalDateTime time) {
    int hour = time.getHour() % 12;
    return hour == 0 ? 12 : hour;
  }

  private static int week(LocalDateTime time, DayOfWeek first) {
    int day = Math.floorMod(time.getDayOfWeek().getValue() - first.getValue(), 7);
    return (time.getDayOfYear() + 6 - day) / 7;
  }

  private static String number(int value, int width, char fill, char flag) {
    String digits = Integer.toString(value);
    if (flag == '-') {
      return digits;
    }
    char filler = flag == '_' ? ' ' : flag == '0' ? '0' : fill;
    return Character.toString(filler).repeat(Math.max(0, width - digits.length())) + digits;
  }
}
