package dev.slipway.platform.audit;

import dev.slipway.base.Json;
import java.net.InetAddress;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Puts {@code [email]}, {@code [iban]}, {@code [card]}, {@code [phone]} and {@code [ip]} in the
 * place of such data. What has check digits (IBAN: ISO 7064 modulo 97; cards: Luhn, ISO/IEC 7812)
 * is told by them; what has none is masked rather once too often. Takes time in proportion to the
 * text, whatever stands in it.
 */
public final class PersonalData {
  // Each pattern can begin only where a run of its characters begins, and takes back nothing of it.
  private static final Pattern EMAIL =
      Pattern.compile(
          "(?<![\\p{L}\\p{N}._%+'-])[\\p{L}\\p{N}._%+'-]++@(?:\\[[0-9A-Fa-f:.]{2,45}+\\]|[\\p{L}\\p{N}.-]++)");

  private static final Pattern IP4 =
      Pattern.compile("(?<![\\d.])(?:\\d{1,3}\\.){3}\\d{1,3}(?![\\d]|\\.\\d)");
  private static final Pattern IP6 =
      Pattern.compile(
          "(?<![\\p{Alnum}:.])[0-9A-Fa-f:]{2,39}+(?:\\.\\d{1,3}){0,3}(?![\\p{Alnum}:])");
  private static final Pattern IBAN =
      Pattern.compile("(?<![\\p{Alnum}])[A-Za-z]{2}\\d{2}(?=[ -]?\\p{Alnum})");

  /** Digits, at most two separators between two of them. */
  private static final Pattern DIGITS =
      Pattern.compile("(?<![\\p{Alnum}.,])[+(]{0,2}\\d(?:[ ./()-]{0,2}\\d){6,24}(?![\\p{Alnum}])");

  private static final Pattern DATE =
      Pattern.compile("\\d{4}[-./]\\d{1,2}[-./]\\d{1,2}|\\d{1,2}[-./]\\d{1,2}[-./]\\d{4}");

  private static final int SHORTEST_IBAN = 15;
  private static final int LONGEST_IBAN = 34;

  private PersonalData() {}

  /** The text with its personal data masked. */
  public static String mask(String text) {
    String masked = EMAIL.matcher(text).replaceAll("[email]");
    masked = ibans(masked);
    masked = replace(masked, IP6, "[ip]", match -> isIp6(match.group()));
    masked = replace(masked, IP4, "[ip]", match -> isIp4(match.group()));
    return numbers(masked);
  }

  /** A document with every text in it, names of fields and numbers included, masked. */
  public static JsonNode mask(JsonNode tree) {
    return switch (tree) {
      case ObjectNode object -> {
        ObjectNode masked = Json.object();
        object.forEachEntry((name, value) -> masked.set(mask(name), mask(value)));
        yield masked;
      }
      case ArrayNode array -> {
        ArrayNode masked = Json.array();
        array.forEach(value -> masked.add(mask(value)));
        yield masked;
      }
      default -> {
        String text = tree.asString();
        String masked = mask(text);
        yield masked.equals(text) ? tree : Json.MAPPER.getNodeFactory().stringNode(masked);
      }
    };
  }

  private static String replace(
      String text, Pattern pattern, String mask, Predicate<MatchResult> is) {
    return pattern
        .matcher(text)
        .replaceAll(match -> is.test(match) ? mask : Matcher.quoteReplacement(match.group()));
  }

  private static boolean isIp4(String text) {
    for (String part : text.split("\\.", -1)) {
      if (Integer.parseInt(part) > 255) {
        return false;
      }
    }
    return true;
  }

  private static boolean isIp6(String text) {
    if (text.chars().filter(c -> c == ':').count() < 2 || text.equals("::")) {
      return false;
    }
    try {
      InetAddress.ofLiteral(text);
      return true;
    } catch (IllegalArgumentException e) {
      return false; // a time, a range, a name in C++
    }
  }

  /** The longest of what begins like one and has its check digits. */
  private static String ibans(String text) {
    StringBuilder masked = new StringBuilder();
    int from = 0;
    Matcher match = IBAN.matcher(text);
    while (match.find()) {
      int end = match.start() < from ? -1 : ibanEnd(text, match.start());
      if (end > 0) {
        masked.append(text, from, match.start()).append("[iban]");
        from = end;
      }
    }
    return masked.append(text, from, text.length()).toString();
  }

  private static int ibanEnd(String text, int start) {
    StringBuilder compact = new StringBuilder();
    int best = -1;
    for (int i = start; i < text.length() && compact.length() < LONGEST_IBAN; i++) {
      char c = text.charAt(i);
      if (c == ' ' || c == '-') {
        char before = text.charAt(i - 1);
        if (before == ' ' || before == '-') {
          break;
        }
      } else if (c < 128 && Character.isLetterOrDigit(c)) {
        compact.append(Character.toUpperCase(c));
        boolean ends = i + 1 == text.length() || !Character.isLetterOrDigit(text.charAt(i + 1));
        if (ends && compact.length() >= SHORTEST_IBAN && isIban(compact)) {
          best = i + 1;
        }
      } else {
        break;
      }
    }
    return best;
  }

  private static boolean isIban(CharSequence text) {
    int rest = 0;
    for (int i = 0; i < text.length(); i++) {
      int value = Character.digit(text.charAt((i + 4) % text.length()), 36);
      rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
    }
    return rest == 1;
  }

  private static String numbers(String text) {
    return DIGITS
        .matcher(text)
        .replaceAll(
            match -> {
              String found = match.group();
              String digits = found.replaceAll("\\D", "");
              if (digits.length() >= 13 && hasCard(digits)) {
                return "[card]";
              }
              return isPhone(found, digits.length()) ? "[phone]" : Matcher.quoteReplacement(found);
            });
  }

  /** Whether a card's number is among these digits: one may stand next to others. */
  private static boolean hasCard(String digits) {
    for (int length = Math.min(19, digits.length()); length >= 13; length--) {
      for (int from = 0; from + length <= digits.length(); from++) {
        if (isLuhn(digits, from, from + length)) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean isLuhn(String digits, int from, int to) {
    int sum = 0;
    boolean twice = false;
    for (int i = to - 1; i >= from; i--) {
      int digit = digits.charAt(i) - '0';
      int value = twice ? digit * 2 : digit;
      sum += value > 9 ? value - 9 : value;
      twice = !twice;
    }
    return sum % 10 == 0;
  }

  /** With a country's or a trunk's prefix, an area in brackets, or groups as people write them. */
  private static boolean isPhone(String text, int digits) {
    if (digits > 15 || DATE.matcher(text).matches()) {
      return false;
    }
    char first = text.charAt(0);
    boolean grouped = text.toLowerCase(Locale.ROOT).matches(".*\\d[ ./)-]+\\d.*\\d[ ./-]\\d.*");
    return first == '+' || first == '(' || first == '0' || grouped;
  }
}
