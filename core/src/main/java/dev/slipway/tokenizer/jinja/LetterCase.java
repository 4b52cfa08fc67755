package dev.slipway.tokenizer.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Upper, lower and title case as Python has them where Java's {@code String} has no such method or
 * another answer: Unicode's full mappings (SpecialCasing.txt, CaseFolding.txt) with the final
 * sigma.
 */
final class LetterCase {
  private LetterCase() {}

  static boolean isCased(int c) {
    return Character.isUpperCase(c) || Character.isLowerCase(c) || Character.isTitleCase(c);
  }

  static boolean isLower(String text) {
    return text.codePoints().anyMatch(Character::isLowerCase)
        && text.codePoints().noneMatch(c -> isCased(c) && !Character.isLowerCase(c));
  }

  static boolean isUpper(String text) {
    return text.codePoints().anyMatch(Character::isUpperCase)
        && text.codePoints().noneMatch(c -> isCased(c) && !Character.isUpperCase(c));
  }

  /** Whether capitals begin words and nothing else is one; it isn't enough to be its own title. */
  static boolean isTitle(String text) {
    boolean found = false;
    boolean inWord = false;
    for (int c : text.codePoints().toArray()) {
      boolean capital = Character.isUpperCase(c) || Character.isTitleCase(c);
      if (capital ? inWord : Character.isLowerCase(c) && !inWord) {
        return false;
      }
      inWord = isCased(c);
      found |= capital;
    }
    return found;
  }

  static String capitalize(String text) {
    if (text.isEmpty()) {
      return text;
    }
    List<String> lower = lower(text);
    return title(text.codePointAt(0)) + String.join("", lower.subList(1, lower.size()));
  }

  static String title(String text) {
    List<String> lower = lower(text);
    StringBuilder out = new StringBuilder();
    boolean inWord = false;
    int at = 0;
    for (int c : text.codePoints().toArray()) {
      out.append(inWord ? lower.get(at) : title(c));
      inWord = isCased(c);
      at++;
    }
    return out.toString();
  }

  static String swap(String text) {
    List<String> lower = lower(text);
    StringBuilder out = new StringBuilder();
    int at = 0;
    for (int c : text.codePoints().toArray()) {
      String character = Character.toString(c);
      out.append(
          Character.isUpperCase(c)
              ? lower.get(at)
              : Character.isLowerCase(c) ? character.toUpperCase(Locale.ROOT) : character);
      at++;
    }
    return out.toString();
  }

  /** As CaseFolding.txt's full folding (statuses C and F). */
  static String fold(String text) {
    StringBuilder out = new StringBuilder();
    text.codePoints().forEach(c -> out.append(fold(c)));
    return out.toString();
  }

  private static String fold(int c) {
    if (c == 'ı' || (c >= 0x13a0 && c <= 0x13f5)) {
      return Character.toString(c);
    }
    if (c == 'ẞ') {
      return "ss";
    }
    // Cherokee folds to capitals, which were in Unicode long before its small letters.
    if (c >= 0x13f8 && c <= 0x13fd) {
      return Character.toString(c - 8);
    }
    if (c >= 0xab70 && c <= 0xabbf) {
      return Character.toString(c - 0xab70 + 0x13a0);
    }
    // By each character, since a sigma folds to the one that isn't final.
    StringBuilder out = new StringBuilder();
    Character.toString(c)
        .toUpperCase(Locale.ROOT)
        .codePoints()
        .forEach(u -> out.append(Character.toString(u).toLowerCase(Locale.ROOT)));
    return out.toString();
  }

  /** The small letters of each code point, as its place in the text makes them. */
  private static List<String> lower(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    List<String> each = new ArrayList<>(text.length());
    int at = 0;
    for (int c : text.codePoints().toArray()) {
      int end = at + Character.toString(c).toLowerCase(Locale.ROOT).length();
      each.add(lower.substring(at, end));
      at = end;
    }
    return each;
  }

  private static String title(int c) {
    String upper = Character.toString(c).toUpperCase(Locale.ROOT);
    int title = Character.toTitleCase(c);
    if (title != c || Character.isTitleCase(c) || CodePoints.length(upper) == 1) {
      return Character.toString(title);
    }
    // A letter whose capital is several, such as ß; of ŉ the mark before it is no letter.
    int end = upper.offsetByCodePoints(0, c == 'ŉ' ? 2 : 1);
    return upper.substring(0, end)
        + upper.substring(end).toLowerCase(Locale.ROOT).replace('ι', '\u0345');
  }
}
