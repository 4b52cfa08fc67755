package dev.slipway.infer.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.base.SlipwayException;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RegularExpressionTest {
  /** Expressions that mean the same in Java's syntax. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "a",
        "abc|d",
        "a*b+c?",
        "(ab)*",
        "(?:ab|c){2}",
        "(?<name>a|b){1,3}c",
        "[a-c]{2,}",
        "[^a]b",
        "\\d+(\\.\\d+)?",
        "\\w+-\\w+",
        "a.c",
        "[\\d-]+",
        "[a\\-c]+",
        "\\x61\\u0062",
        "(a|b|)c",
        "a{0}b",
        "a{2}?",
        "((a|b)*c){0,2}",
        "\\.\\*\\+\\(\\)\\[\\]\\{\\}\\^\\$\\|\\/\\\\",
        "[.*+()]+",
        "",
        "é|ü",
        "(?=ab).*",
        "(?!a)[a-d]+",
        "a(?!b|c.)[a-d]*c?",
        "(?=.*\\d)(?=.*[a-d]).{2,4}",
        "[a-d]+(?<!b)",
        "[a-d]*(?<=ab|c)\\d?",
        "(?!.*[01]$)[a-d01]+",
        "\\$\\{.*?}",
        "a]|b}",
        "\\p{L}+",
        "\\P{L}\\p{Lu}?",
        "[\\p{Nd}\\p{P}]+"
      })
  void matchesWhatJavaMatches(String expression) {
    Language whole = RegularExpression.whole(expression).deterministic();
    Language within = RegularExpression.within(expression).deterministic();
    Pattern java = Pattern.compile(expression);
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 3_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int length = random.nextInt(7); length > 0; length--) {
        text.append("abcd01.-_*+(é".charAt(random.nextInt(13)));
      }
      assertThat(whole.contains(text.toString()))
          .as("%s in whole %s", expression, text)
          .isEqualTo(java.matcher(text).matches());
      assertThat(within.contains(text.toString()))
          .as("%s in %s", expression, text)
          .isEqualTo(java.matcher(text).find());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "^a,ab,true",
    "^a,ba,false",
    "b$,ab,true",
    "b$,ba,false",
    "^ab$,ab,true",
    "^ab$,abb,false",
    "^a|b$,xb,true",
    "^a|b$,ax,true",
    "^a|b$,xax,false",
    "\\S,x,true",
    "\\W,x,false"
  })
  void anchorsHoldAtTheEnds(String expression, String text, boolean matches) {
    assertThat(RegularExpression.within(expression).contains(text)).isEqualTo(matches);
  }

  /** By ECMAScript's names, which Java's differ from. */
  @ParameterizedTest
  @CsvSource({
    "\\p{Letter},é,true",
    "\\p{Letter},1,false",
    "\\p{General_Category=Uppercase_Letter},Ä,true",
    "\\p{gc=Lu},ä,false",
    "\\p{Script=Greek},λ,true",
    "\\p{sc=Greek},l,false",
    "\\p{Alphabetic},ж,true",
    "\\p{ASCII},é,false",
    "\\p{Emoji_Presentation},\uD83D\uDE00,true",
    "[^\\p{L}],-,true",
    "\\pL,q,true"
  })
  void unicodePropertiesHaveTheirCharacters(String expression, String text, boolean matches) {
    assertThat(RegularExpression.whole(expression).contains(text)).isEqualTo(matches);
  }

  @Test
  void takesCharactersBeyondTheBasicPlaneAsOne() {
    assertThat(RegularExpression.whole(".").contains("\uD83D\uDE00")).isTrue();
    assertThat(RegularExpression.whole("[\uD83D\uDE00-\uD83D\uDE02]").contains("\uD83D\uDE01"))
        .isTrue();
    assertThat(RegularExpression.whole("\\u{1F600}").contains("\uD83D\uDE00")).isTrue();
    assertThat(RegularExpression.whole("\\uD83D\\uDE00").contains("\uD83D\uDE00")).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "(a,constraint.invalid",
    "a),constraint.invalid",
    "[a,constraint.invalid",
    "*a,constraint.invalid",
    "a**,constraint.invalid",
    "a{2,constraint.invalid",
    "[b-a],constraint.invalid",
    "\\,constraint.invalid",
    "\\x6,constraint.invalid",
    "\\u{110000},constraint.invalid",
    "\\q,constraint.invalid",
    "((?=a)),constraint.unsupported",
    "(?:(?!a)b)*,constraint.unsupported",
    "((?<=a)b),constraint.unsupported",
    "(a)\\1,constraint.unsupported",
    "\\bword,constraint.unsupported",
    "\\p{Nonsense},constraint.invalid",
    "\\p{L,constraint.invalid",
    "\\p,constraint.invalid",
    "a^b,constraint.unsupported",
    "a$b,constraint.unsupported",
    "(^a),constraint.unsupported"
  })
  void refusesWhatItCannotFollow(String expression, String code) {
    assertThatThrownBy(() -> RegularExpression.whole(expression))
        .isInstanceOfSatisfying(SlipwayException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "((((a{1,100}){1,100}){1,100}){1,100}){1,100}",
        "a{1,99999999999}",
        "(a|aa|aaa|b){2000}{1}(x|y){9000}",
        "(.*a.{40}){30}",
        "(x+x+)+y{5000}(.*z.{30})"
      })
  void bombsAreRefusedAndDoNotStopTheService(String expression) {
    assertThatThrownBy(() -> RegularExpression.whole(expression).bytes())
        .isInstanceOfSatisfying(
            SlipwayException.class, e -> assertThat(e.code()).startsWith("constraint."));
    String nested = "(".repeat(100_000) + "a" + ")".repeat(100_000);
    assertThatThrownBy(() -> RegularExpression.whole(nested))
        .isInstanceOfSatisfying(
            SlipwayException.class, e -> assertThat(e.code()).isEqualTo("constraint.too-large"));
  }
}
