package dev.slipway.infer.grammar;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import org.apache.lucene.util.automaton.Automaton;
import org.jspecify.annotations.Nullable;

/**
 * The characters of a Unicode property, by ECMAScript's names of {@code \p{…}} (ECMA-262 §22.2.1,
 * tables 67 to 70): general categories, scripts, and the binary properties that the JDK knows.
 */
final class UnicodeProperty {
  /** Long names of general categories by their short ones (UAX 44, table 12). */
  private static final Map<String, String> SHORT =
      Map.ofEntries(
          Map.entry("Letter", "L"),
          Map.entry("Cased_Letter", "LC"),
          Map.entry("Uppercase_Letter", "Lu"),
          Map.entry("Lowercase_Letter", "Ll"),
          Map.entry("Titlecase_Letter", "Lt"),
          Map.entry("Modifier_Letter", "Lm"),
          Map.entry("Other_Letter", "Lo"),
          Map.entry("Mark", "M"),
          Map.entry("Combining_Mark", "M"),
          Map.entry("Nonspacing_Mark", "Mn"),
          Map.entry("Spacing_Mark", "Mc"),
          Map.entry("Enclosing_Mark", "Me"),
          Map.entry("Number", "N"),
          Map.entry("Decimal_Number", "Nd"),
          Map.entry("digit", "Nd"),
          Map.entry("Letter_Number", "Nl"),
          Map.entry("Other_Number", "No"),
          Map.entry("Punctuation", "P"),
          Map.entry("punct", "P"),
          Map.entry("Connector_Punctuation", "Pc"),
          Map.entry("Dash_Punctuation", "Pd"),
          Map.entry("Open_Punctuation", "Ps"),
          Map.entry("Close_Punctuation", "Pe"),
          Map.entry("Initial_Punctuation", "Pi"),
          Map.entry("Final_Punctuation", "Pf"),
          Map.entry("Other_Punctuation", "Po"),
          Map.entry("Symbol", "S"),
          Map.entry("Math_Symbol", "Sm"),
          Map.entry("Currency_Symbol", "Sc"),
          Map.entry("Modifier_Symbol", "Sk"),
          Map.entry("Other_Symbol", "So"),
          Map.entry("Separator", "Z"),
          Map.entry("Space_Separator", "Zs"),
          Map.entry("Line_Separator", "Zl"),
          Map.entry("Paragraph_Separator", "Zp"),
          Map.entry("Other", "C"),
          Map.entry("Control", "Cc"),
          Map.entry("cntrl", "Cc"),
          Map.entry("Format", "Cf"),
          Map.entry("Surrogate", "Cs"),
          Map.entry("Private_Use", "Co"),
          Map.entry("Unassigned", "Cn"));

  private static final Map<String, Integer> CATEGORIES =
      Map.ofEntries(
          Map.entry("Lu", bit(Character.UPPERCASE_LETTER)),
          Map.entry("Ll", bit(Character.LOWERCASE_LETTER)),
          Map.entry("Lt", bit(Character.TITLECASE_LETTER)),
          Map.entry("Lm", bit(Character.MODIFIER_LETTER)),
          Map.entry("Lo", bit(Character.OTHER_LETTER)),
          Map.entry("Mn", bit(Character.NON_SPACING_MARK)),
          Map.entry("Mc", bit(Character.COMBINING_SPACING_MARK)),
          Map.entry("Me", bit(Character.ENCLOSING_MARK)),
          Map.entry("Nd", bit(Character.DECIMAL_DIGIT_NUMBER)),
          Map.entry("Nl", bit(Character.LETTER_NUMBER)),
          Map.entry("No", bit(Character.OTHER_NUMBER)),
          Map.entry("Pc", bit(Character.CONNECTOR_PUNCTUATION)),
          Map.entry("Pd", bit(Character.DASH_PUNCTUATION)),
          Map.entry("Ps", bit(Character.START_PUNCTUATION)),
          Map.entry("Pe", bit(Character.END_PUNCTUATION)),
          Map.entry("Pi", bit(Character.INITIAL_QUOTE_PUNCTUATION)),
          Map.entry("Pf", bit(Character.FINAL_QUOTE_PUNCTUATION)),
          Map.entry("Po", bit(Character.OTHER_PUNCTUATION)),
          Map.entry("Sm", bit(Character.MATH_SYMBOL)),
          Map.entry("Sc", bit(Character.CURRENCY_SYMBOL)),
          Map.entry("Sk", bit(Character.MODIFIER_SYMBOL)),
          Map.entry("So", bit(Character.OTHER_SYMBOL)),
          Map.entry("Zs", bit(Character.SPACE_SEPARATOR)),
          Map.entry("Zl", bit(Character.LINE_SEPARATOR)),
          Map.entry("Zp", bit(Character.PARAGRAPH_SEPARATOR)),
          Map.entry("Cc", bit(Character.CONTROL)),
          Map.entry("Cf", bit(Character.FORMAT)),
          Map.entry("Cs", bit(Character.SURROGATE)),
          Map.entry("Co", bit(Character.PRIVATE_USE)),
          Map.entry("Cn", bit(Character.UNASSIGNED)));

  private static final Map<String, IntPredicate> BINARY =
      Map.ofEntries(
          Map.entry("Any", _ -> true),
          Map.entry("ASCII", c -> c < 0x80),
          Map.entry("Assigned", Character::isDefined),
          Map.entry("Alphabetic", Character::isAlphabetic),
          Map.entry("Alpha", Character::isAlphabetic),
          Map.entry("Uppercase", Character::isUpperCase),
          Map.entry("Upper", Character::isUpperCase),
          Map.entry("Lowercase", Character::isLowerCase),
          Map.entry("Lower", Character::isLowerCase),
          Map.entry("Ideographic", Character::isIdeographic),
          Map.entry("Ideo", Character::isIdeographic),
          Map.entry("ASCII_Hex_Digit", c -> c < 0x80 && Character.digit(c, 16) >= 0),
          Map.entry("AHex", c -> c < 0x80 && Character.digit(c, 16) >= 0),
          Map.entry("Emoji", Character::isEmoji),
          Map.entry("Emoji_Presentation", Character::isEmojiPresentation),
          Map.entry("EPres", Character::isEmojiPresentation),
          Map.entry("Emoji_Modifier", Character::isEmojiModifier),
          Map.entry("Emoji_Modifier_Base", Character::isEmojiModifierBase),
          Map.entry("Emoji_Component", Character::isEmojiComponent),
          Map.entry("Extended_Pictographic", Character::isExtendedPictographic));

  /** What asking of every character counts as: some 10 ms. */
  private static final int LOOKING = 50_000;

  private UnicodeProperty() {}

  private static int bit(byte category) {
    return 1 << category;
  }

  /**
   * @param said what stands between the braces
   * @return null where no such property is known
   */
  static @Nullable Language of(String said) {
    int equals = said.indexOf('=');
    String name = equals < 0 ? "" : said.substring(0, equals);
    String value = said.substring(equals + 1);
    IntPredicate holds =
        switch (name) {
          case "" -> BINARY.containsKey(value) ? BINARY.get(value) : category(value);
          case "General_Category", "gc" -> category(value);
          case "Script", "sc" -> script(value);
          default -> null;
        };
    return holds == null ? null : characters(holds);
  }

  private static @Nullable IntPredicate category(String value) {
    String name = SHORT.getOrDefault(value, value);
    int bits = 0;
    for (Map.Entry<String, Integer> one : CATEGORIES.entrySet()) {
      boolean belongs =
          name.equals("LC")
              ? List.of("Lu", "Ll", "Lt").contains(one.getKey())
              : one.getKey().equals(name) || (name.length() == 1 && one.getKey().startsWith(name));
      bits |= belongs ? one.getValue() : 0;
    }
    int any = bits;
    return any == 0 ? null : c -> (any >> Character.getType(c) & 1) != 0;
  }

  private static @Nullable IntPredicate script(String value) {
    try {
      Character.UnicodeScript script = Character.UnicodeScript.forName(value);
      return c -> Character.UnicodeScript.of(c) == script;
    } catch (IllegalArgumentException e) {
      return null; // which the caller says
    }
  }

  /** One step by any scalar value that has it; half a pair is no character. */
  private static Language characters(IntPredicate holds) {
    Effort.spend(LOOKING);
    List<int[]> ranges = new ArrayList<>();
    int first = -1;
    for (int c = 0; c <= Character.MAX_CODE_POINT + 1; c++) {
      boolean in =
          c <= Character.MAX_CODE_POINT
              && (c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE)
              && holds.test(c);
      if (in && first < 0) {
        first = c;
      } else if (!in && first >= 0) {
        ranges.add(new int[] {first, c - 1});
        first = -1;
      }
    }
    Automaton.Builder builder = new Automaton.Builder();
    int from = builder.createState();
    int to = builder.createState();
    builder.setAccept(to, true);
    ranges.forEach(range -> builder.addTransition(from, to, range[0], range[1]));
    return new Language(builder.finish());
  }
}
