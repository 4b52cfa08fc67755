package dev.slipway.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

final class Gpt2PreTokenizerTest {
  private static final String WHITE =
      "\\t-\\r \\u0085\\u00A0\\u1680\\u2000-\\u200A\\u2028\\u2029\\u202F\\u205F\\u3000";
  private static final Pattern PATTERN =
      Pattern.compile(
          "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^WHITE\\p{L}\\p{N}]+|[WHITE]+(?![^WHITE])|[WHITE]+"
              .replace("WHITE", WHITE));

  @Test
  void classesAreThoseOfUnicode16() {
    Pattern white = Pattern.compile("[" + WHITE + "]");
    List<Integer> different = new ArrayList<>();
    for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
      byte expected =
          switch (Character.getType(c)) {
            case Character.UPPERCASE_LETTER,
                Character.LOWERCASE_LETTER,
                Character.TITLECASE_LETTER,
                Character.MODIFIER_LETTER,
                Character.OTHER_LETTER ->
                Gpt2PreTokenizer.LETTER;
            case Character.DECIMAL_DIGIT_NUMBER, Character.LETTER_NUMBER, Character.OTHER_NUMBER ->
                Gpt2PreTokenizer.NUMBER;
            default ->
                white.matcher(Character.toString(c)).matches()
                    ? Gpt2PreTokenizer.WHITESPACE
                    : Gpt2PreTokenizer.OTHER;
          };
      if (Gpt2PreTokenizer.classOf(c) != expected) {
        different.add(c);
      }
    }
    if (Runtime.version().feature() == 25) {
      assertThat(different).isEmpty();
    } else { // what later versions of Unicode assigned was no letter and no number in 16.0
      assertThat(different).allMatch(c -> Gpt2PreTokenizer.classOf(c) == Gpt2PreTokenizer.OTHER);
    }
  }

  @Test
  void piecesAreWhatThePatternMatches() {
    GeneratedStrings strings = new GeneratedStrings(42);
    for (int i = 0; i < 20_000; i++) {
      String text = strings.next();
      boolean isOfThisUnicode =
          text.codePoints()
              .allMatch(
                  c ->
                      Gpt2PreTokenizer.classOf(c) != Gpt2PreTokenizer.OTHER
                          || !Character.isLetter(c));
      if (isOfThisUnicode) {
        assertThat(pieces(text)).as(text).isEqualTo(matches(text));
      }
    }
  }

  @Test
  void piecesOfEveryShortTextAreWhatThePatternMatches() {
    // One of each class and each letter that the pattern names, in every order up to length five.
    String alphabet = " \n'srevl1!é";
    List<String> texts = new ArrayList<>(List.of(""));
    int first = 0;
    for (int length = 1; length <= 5; length++) {
      int last = texts.size();
      for (int i = first; i < last; i++) {
        for (char c : alphabet.toCharArray()) {
          texts.add(texts.get(i) + c);
        }
      }
      first = last;
    }
    for (String text : texts) {
      if (!pieces(text).equals(matches(text))) {
        assertThat(pieces(text)).as(text).isEqualTo(matches(text));
      }
    }
    assertThat(texts).hasSizeGreaterThan(100_000);
  }

  private static List<String> matches(String text) {
    List<String> matches = new ArrayList<>();
    Matcher matcher = PATTERN.matcher(text);
    while (matcher.find()) {
      matches.add(matcher.group());
    }
    return matches;
  }

  private static List<String> pieces(String text) {
    byte[] bytes = Utf8.encode(text);
    List<String> pieces = new ArrayList<>();
    for (int from = 0; from < bytes.length; ) {
      int to = Gpt2PreTokenizer.end(bytes, from, bytes.length);
      pieces.add(new String(bytes, from, to - from, StandardCharsets.UTF_8));
      from = to;
    }
    return pieces;
  }
}
