package dev.slipway.infer.grammar;

import dev.slipway.base.SlipwayException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Regular expressions in the part of ECMAScript 262's syntax that describes regular languages, with
 * the {@code u} flag's view of characters: alternatives, groups, classes, escapes, quantifiers
 * (lazy ones mean the same texts), Unicode properties, anchors at the ends, and looking around
 * outside of groups, where it is an intersection with what follows or precedes. Back references are
 * refused, as is all other looking around.
 */
final class RegularExpression {
  private static final int DEEPEST = 100;
  private static final int MOST_REPETITIONS = 10_000;

  private static final Language DIGIT = Language.range('0', '9').deterministic();
  private static final Language WORD =
      Language.union(
              List.of(
                  Language.range('a', 'z'), Language.range('A', 'Z'), DIGIT, Language.text("_")))
          .deterministic();
  private static final Language SPACE =
      Language.union(
              List.of(
                  Language.range('\t', '\r'),
                  Language.text(" "),
                  Language.text("\u00a0"),
                  Language.text("\u1680"),
                  Language.range(0x2000, 0x200a),
                  Language.range(0x2028, 0x2029),
                  Language.text("\u202f"),
                  Language.text("\u205f"),
                  Language.text("\u3000"),
                  Language.text("\ufeff")))
          .deterministic();
  private static final Language LINE_END =
      Language.union(
              List.of(Language.text("\n"), Language.text("\r"), Language.range(0x2028, 0x2029)))
          .deterministic();

  private static final Map<Character, Integer> CONTROL =
      Map.of('t', 9, 'n', 10, 'v', 11, 'f', 12, 'r', 13, '0', 0);

  private final String source;
  private final Map<String, Language> properties = new HashMap<>(); // as it names them
  private int at;
  private int depth;
  private int looking; // depth at which a group looks ahead; 0 for none

  private RegularExpression(String source) {
    this.source = source;
  }

  /** The texts that an expression matches as a whole, whether or not it is anchored. */
  static Language whole(String expression) {
    return new RegularExpression(expression).parse(false);
  }

  /**
   * The texts in which an expression matches somewhere, as JSON Schema's {@code pattern} means it
   * (Validation §6.3.3).
   */
  static Language within(String expression) {
    return new RegularExpression(expression).parse(true);
  }

  private Language parse(boolean within) {
    try {
      Language result = alternatives(within);
      if (at < source.length()) {
        throw invalid("an unexpected " + source.charAt(at));
      }
      return result;
    } catch (StackOverflowError e) {
      throw tooDeep();
    }
  }

  /**
   * @param search whether texts may go on where an alternative is not anchored; only outermost
   */
  private Language alternatives(boolean search) {
    if (++depth > DEEPEST) {
      throw tooDeep();
    }
    List<Language> all = new ArrayList<>();
    do {
      all.add(sequence(search, false));
    } while (take('|'));
    depth--;
    return all.size() == 1 ? all.getFirst() : Language.union(all);
  }

  /**
   * @param follows whether it is the rest of a sequence
   */
  private Language sequence(boolean search, boolean follows) {
    List<Language> parts = new ArrayList<>();
    boolean open = search || depth == looking; // whether texts may go on behind
    boolean begins = follows;
    boolean ends = false;
    while (at < source.length() && source.charAt(at) != '|' && source.charAt(at) != ')') {
      if (source.charAt(at) == '^') {
        if (!parts.isEmpty() || depth > 1 || follows) {
          throw unsupported("^ inside of it");
        }
        at++;
        begins = true;
      } else if (source.charAt(at) == '$') {
        at++;
        boolean last = at == source.length() || "|)".indexOf(source.charAt(at)) >= 0;
        if (!last || (depth > 1 && depth != looking)) {
          throw unsupported("$ inside of it");
        }
        ends = true;
      } else if (depth == 1 && (source.startsWith("(?=", at) || source.startsWith("(?!", at))) {
        boolean wanted = source.charAt(at + 2) == '=';
        Language condition = look(3, true);
        Language rest = sequence(search, true);
        parts.add(wanted ? rest.and(condition) : rest.minus(condition));
        ends = true; // where the rest does
      } else if (depth == 1 && (source.startsWith("(?<=", at) || source.startsWith("(?<!", at))) {
        boolean wanted = source.charAt(at + 3) == '=';
        Language condition = Language.ANY_TEXT.then(look(4, false));
        Language before = joined(parts, search && !begins, false);
        parts.clear();
        parts.add(wanted ? before.and(condition) : before.minus(condition));
        begins = true; // where what came before does
      } else {
        parts.add(quantified(atom()));
      }
    }
    return joined(parts, search && !begins, open && !ends);
  }

  /** What a group that looks around finds, ahead with all that may follow. */
  private Language look(int opening, boolean ahead) {
    at += opening;
    looking = ahead ? depth + 1 : 0;
    Language found = alternatives(false);
    looking = 0;
    if (!take(')')) {
      throw invalid("a ( without )");
    }
    return found;
  }

  /** Parts in a row, with any text before or behind them. */
  private static Language joined(List<Language> parts, boolean before, boolean behind) {
    List<Language> all = new ArrayList<>(parts);
    if (before) {
      all.addFirst(Language.ANY_TEXT);
    }
    if (behind) {
      all.addLast(Language.ANY_TEXT);
    }
    return switch (all.size()) {
      case 0 -> Language.EMPTY_TEXT;
      case 1 -> all.getFirst();
      default -> Language.concat(all);
    };
  }

  private Language quantified(Language atom) {
    if (at >= source.length()) {
      return atom;
    }
    Language result;
    switch (source.charAt(at)) {
      case '*' -> {
        at++;
        result = atom.repeat(0, -1);
      }
      case '+' -> {
        at++;
        result = atom.repeat(1, -1);
      }
      case '?' -> {
        at++;
        result = atom.repeat(0, 1);
      }
      case '{' -> {
        if (!isRepetition()) {
          return atom;
        }
        int[] bounds = bounds();
        result = atom.repeat(bounds[0], bounds[1]);
      }
      default -> {
        return atom;
      }
    }
    take('?'); // a lazy quantifier has the same texts
    if (at < source.length() && ("*+?".indexOf(source.charAt(at)) >= 0 || isRepetition())) {
      throw invalid("a quantifier after a quantifier");
    }
    return result;
  }

  private boolean isRepetition() {
    return source.charAt(at) == '{'
        && at + 1 < source.length()
        && Character.digit(source.charAt(at + 1), 10) >= 0;
  }

  /** {@code {2}}, {@code {2,}} or {@code {2,5}}. */
  private int[] bounds() {
    at++;
    int least = number();
    int most = least;
    if (take(',')) {
      most = at < source.length() && source.charAt(at) == '}' ? -1 : number();
    }
    if (!take('}') || (most >= 0 && most < least)) {
      throw invalid("a malformed {…}");
    }
    return new int[] {least, most};
  }

  private int number() {
    int begin = at;
    int value = 0;
    while (at < source.length() && Character.digit(source.charAt(at), 10) >= 0) {
      value = value * 10 + Character.digit(source.charAt(at++), 10);
      if (value > MOST_REPETITIONS) {
        throw Refusal.tooLarge("a quantifier", MOST_REPETITIONS, "repetitions");
      }
    }
    if (at == begin) {
      throw invalid("a malformed {…}");
    }
    return value;
  }

  private Language atom() {
    int c = source.codePointAt(at);
    switch (c) {
      case '(' -> {
        return group();
      }
      case '[' -> {
        return characterClass();
      }
      case '.' -> {
        at++;
        return Language.ANY_CHARACTER.minus(LINE_END);
      }
      case '\\' -> {
        at++;
        return escape(false);
      }
      case '*', '+', '?' -> throw invalid("a quantifier of nothing");
      default -> { // also ] and }, and a { that begins no quantifier (ECMA-262, annex B)
        if (isRepetition()) {
          throw invalid("a quantifier of nothing");
        }
        at += Character.charCount(c);
        return Language.range(c, c);
      }
    }
  }

  private Language group() {
    at++;
    if (take('?')) {
      if (source.startsWith(":", at)) {
        at++;
      } else if (source.startsWith("P<", at) // Python's spelling
          || (source.startsWith("<", at)
              && !source.startsWith("<=", at)
              && !source.startsWith("<!", at))) {
        int end = source.indexOf('>', at);
        if (end < 0) {
          throw invalid("a group's name without an end");
        }
        at = end + 1;
      } else {
        String kind = at < source.length() ? source.substring(at, at + 1) : "";
        throw unsupported(
            (kind.isEmpty() || !"=!<".contains(kind)
                    ? "a group of the kind (?"
                    : "looking around by (?")
                + kind);
      }
    }
    Language inner = alternatives(false);
    if (!take(')')) {
      throw invalid("a ( without )");
    }
    return inner;
  }

  private Language characterClass() {
    at++;
    boolean negated = take('^');
    List<Language> members = new ArrayList<>();
    while (true) {
      if (at >= source.length()) {
        throw invalid("a [ without ]");
      }
      if (take(']')) {
        break;
      }
      Integer first = null;
      Language set = null;
      if (source.charAt(at) == '\\') {
        int before = at++;
        first = character();
        if (first == null) {
          at = before + 1;
          set = escape(true);
        }
      } else {
        first = source.codePointAt(at);
        at += Character.charCount(first);
      }
      if (set != null) {
        members.add(set);
      } else if (first != null) {
        members.add(Language.range(first, last(first)));
      }
    }
    Language union = members.isEmpty() ? Language.NOTHING : Language.union(members);
    return negated ? Language.ANY_CHARACTER.minus(union) : union;
  }

  /** The end of a range that begins with a character, or the character. */
  private int last(int first) {
    if (at + 1 >= source.length() || source.charAt(at) != '-' || source.charAt(at + 1) == ']') {
      return first;
    }
    at++;
    Integer last;
    if (source.charAt(at) == '\\') {
      at++;
      last = character();
    } else {
      last = source.codePointAt(at);
      at += Character.charCount(last);
    }
    if (last == null || last < first) {
      throw invalid("a range out of order");
    }
    return last;
  }

  /** What stands after a backslash, as a set. */
  private Language escape(boolean inClass) {
    if (at >= source.length()) {
      throw invalid("a backslash at the end");
    }
    char c = source.charAt(at);
    Language set =
        switch (c) {
          case 'd' -> DIGIT;
          case 'D' -> Language.ANY_CHARACTER.minus(DIGIT);
          case 'w' -> WORD;
          case 'W' -> Language.ANY_CHARACTER.minus(WORD);
          case 's' -> SPACE;
          case 'S' -> Language.ANY_CHARACTER.minus(SPACE);
          default -> null;
        };
    if (set != null) {
      at++;
      return set;
    }
    if (!inClass && (c == 'b' || c == 'B')) {
      throw unsupported("word boundaries by \\" + c);
    }
    if (c >= '1' && c <= '9' || c == 'k') {
      throw unsupported("back references by \\" + c);
    }
    if (c == 'p' || c == 'P') {
      at++;
      return property(c == 'P');
    }
    Integer character = character();
    if (character == null) {
      throw invalid("an unknown escape \\" + c);
    }
    return Language.range(character, character);
  }

  /** {@code \p{…}} behind its letter; Python's and Java's one-letter names need no braces. */
  private Language property(boolean negated) {
    boolean braced = source.startsWith("{", at);
    int begin = braced ? at + 1 : at;
    int end = braced ? source.indexOf('}', at) : at + 1;
    if (end <= begin || end > source.length()) {
      throw invalid("a malformed \\p{…}");
    }
    String name = source.substring(begin, end);
    Language characters = properties.get(name);
    if (characters == null) {
      characters = UnicodeProperty.of(name);
      if (characters == null) {
        throw invalid("the unknown property " + name);
      }
      properties.put(name, characters);
    }
    at = braced ? end + 1 : end;
    return negated ? Language.ANY_CHARACTER.minus(characters) : characters;
  }

  /** The one character that stands after a backslash; null where a set does. */
  private @Nullable Integer character() {
    if (at >= source.length()) {
      throw invalid("a backslash at the end");
    }
    char c = source.charAt(at);
    Integer control = CONTROL.get(c);
    if (control != null) {
      at++;
      return control;
    }
    if (c == 'x') {
      at++;
      return hex(2);
    }
    if (c == 'u') {
      at++;
      if (take('{')) {
        int end = source.indexOf('}', at);
        int value = end < 0 || end - at > 6 ? -1 : hex(end - at);
        if (value < 0 || value > Character.MAX_CODE_POINT || !take('}')) {
          throw invalid("a malformed \\u{…}");
        }
        return value;
      }
      int high = hex(4);
      if (Character.isHighSurrogate((char) high) && source.startsWith("\\u", at)) {
        at += 2;
        return Character.toCodePoint((char) high, (char) hex(4));
      }
      return high;
    }
    if (Character.isLetterOrDigit(c)) {
      return null;
    }
    int symbol = source.codePointAt(at);
    at += Character.charCount(symbol);
    return symbol;
  }

  private int hex(int digits) {
    if (digits < 1 || at + digits > source.length()) {
      throw invalid("a malformed escape");
    }
    int value = 0;
    for (int i = 0; i < digits; i++) {
      int digit = Character.digit(source.charAt(at++), 16);
      if (digit < 0) {
        throw invalid("a malformed escape");
      }
      value = value * 16 + digit;
    }
    return value;
  }

  private boolean take(char c) {
    if (at < source.length() && source.charAt(at) == c) {
      at++;
      return true;
    }
    return false;
  }

  private SlipwayException invalid(String what) {
    return Refusal.invalid(
        "the regular expression " + shown() + " has " + what + " at character " + at,
        "write it in ECMAScript's syntax");
  }

  private SlipwayException unsupported(String what) {
    return Refusal.unsupported(
        "the regular expression " + shown() + " has " + what,
        "describe the texts by classes, groups, alternatives and quantifiers");
  }

  private static SlipwayException tooDeep() {
    return Refusal.tooLarge("an expression", DEEPEST, "groups within each other");
  }

  private String shown() {
    return source.length() <= 60 ? source : source.substring(0, 60) + "…";
  }
}
