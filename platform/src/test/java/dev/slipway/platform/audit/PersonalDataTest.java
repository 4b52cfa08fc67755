package dev.slipway.platform.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.base.Json;
import java.math.BigInteger;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class PersonalDataTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          mail ann.lee+x@example.co.uk now      | mail [email] now
          Jürgen.Groß@bücher.example, please    | [email], please
          pay DE89 3704 0044 0532 0130 00 today | pay [iban] today
          pay GB82WEST12345698765432.           | pay [iban].
          pay gb82 west 1234 5698 7654 32       | pay [iban]
          card 4111 1111 1111 1111 and          | card [card] and
          card 378282246310005                  | card [card]
          card 5555-5555-5555-4444, 12/29       | card [card], 12/29
          call +49 (0)30 1234567 or             | call [phone] or
          call (415) 555-2671                   | call [phone]
          call 030/1234567                      | call [phone]
          from 192.168.17.4:8080                | from [ip]:8080
          from 2001:db8::8a2e:370:7334 to ::1   | from [ip] to [ip]
          from ::ffff:192.0.2.7                 | from [ip]
          """)
  void personalDataIsMasked(String text, String masked) {
    assertThat(PersonalData.mask(text.strip())).isEqualTo(masked.strip());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "on 2026-05-01 at 12:30:45",
        "version 1.2.3 of std::vector",
        "pi is 3.14159265358979",
        "100000000 parameters, 65536 tokens",
        "order 1234567890123 of DE12",
        "GB83WEST12345698765432 has wrong check digits",
        "999.1.1.1 and 1.2.3.4.5.6",
        "for (int i = 0; i < 10; i++) a[i] = i;"
      })
  void whatIsNoneStays(String text) {
    assertThat(PersonalData.mask(text)).isEqualTo(text);
  }

  /** Of every kind many, drawn by a seed, in the midst of other words. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void nothingThatIsDrawnGetsThrough(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 500; i++) {
      for (String kind : List.of("[email]", "[iban]", "[card]", "[phone]", "[ip]")) {
        String secret =
            switch (kind) {
              case "[email]" -> email(random);
              case "[iban]" -> iban(random);
              case "[card]" -> card(random);
              case "[phone]" -> phone(random);
              default -> ip(random);
            };
        String masked = PersonalData.mask("please note: " + secret + "; thanks");
        assertThat(masked).as(secret).isEqualTo("please note: " + kind + "; thanks");
      }
    }
  }

  private static String digits(Random random, int count) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < count; i++) {
      text.append((char) ('0' + random.nextInt(10)));
    }
    return text.toString();
  }

  private static String letters(Random random, int count) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < count; i++) {
      text.append((char) ('a' + random.nextInt(26)));
    }
    return text.toString();
  }

  private static String grouped(Random random, String text) {
    String between = List.of("", " ", "-").get(random.nextInt(3));
    return String.join(between, text.split("(?<=\\G.{4})"));
  }

  private static String email(Random random) {
    return letters(random, 1 + random.nextInt(8))
        + List.of("", ".", "_", "+").get(random.nextInt(4))
        + letters(random, 3)
        + "@"
        + letters(random, 5)
        + "."
        + letters(random, 2 + random.nextInt(3));
  }

  private static String iban(Random random) {
    String account =
        random.nextBoolean() ? digits(random, 18) : letters(random, 4) + digits(random, 14);
    String country = List.of("DE", "GB", "FR", "ES").get(random.nextInt(4));
    BigInteger number =
        new BigInteger(
            (account + country + "00")
                .toUpperCase(Locale.ROOT)
                .chars()
                .mapToObj(c -> String.valueOf(Character.digit(c, 36)))
                .reduce("", String::concat));
    int check = 98 - number.mod(BigInteger.valueOf(97)).intValue();
    return grouped(
        random,
        country + String.format(Locale.ROOT, "%02d", check) + account.toUpperCase(Locale.ROOT));
  }

  private static String card(Random random) {
    String first = List.of("4", "51", "37", "6011").get(random.nextInt(4)) + digits(random, 11);
    for (int check = 0; check < 10; check++) {
      String card = first + check;
      int sum = 0;
      for (int i = 0; i < card.length(); i++) {
        int digit = card.charAt(card.length() - 1 - i) - '0';
        int value = i % 2 == 1 ? digit * 2 : digit;
        sum += value / 10 + value % 10;
      }
      if (sum % 10 == 0) {
        return grouped(random, card);
      }
    }
    throw new AssertionError();
  }

  private static String phone(Random random) {
    String number = digits(random, 3) + " " + digits(random, 4);
    return switch (random.nextInt(4)) {
      case 0 -> "+" + (1 + random.nextInt(99)) + " " + (100 + random.nextInt(900)) + " " + number;
      case 1 -> "0" + (10 + random.nextInt(90)) + "/" + digits(random, 6);
      case 2 -> "(" + digits(random, 3) + ") " + number.replace(' ', '-');
      default -> "00" + (1 + random.nextInt(99)) + digits(random, 8);
    };
  }

  private static String ip(Random random) {
    if (random.nextBoolean()) {
      return random.nextInt(256)
          + "."
          + random.nextInt(256)
          + "."
          + random.nextInt(256)
          + "."
          + random.nextInt(256);
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 8; i++) {
      text.append(i == 0 ? "" : ":").append(Integer.toHexString(random.nextInt(65_536)));
    }
    return text.toString();
  }

  @Test
  void everyTextOfADocumentIsMasked() {
    assertThat(
            PersonalData.mask(
                Json.parse(
                    "{\"a@b.example\": [\"\\u0061nn@example.org\", {\"n\": 4111111111111111}], \"t\": true, \"x\": null}",
                    "test")))
        .isEqualTo(
            Json.parse(
                "{\"[email]\": [\"[email]\", {\"n\": \"[card]\"}], \"t\": true, \"x\": null}",
                "test"));
  }

  /** Texts on which careless expressions take quadratic time, or the whole stack. */
  @ParameterizedTest
  @ValueSource(strings = {"a", "1", "1 ", "a.", "DE12", "::", "1.", "+(", "a@", "12-", "ab:", "é"})
  void longTextsOfOneKindTakeNoLonger(String part) {
    String text = part.repeat((1 << 20) / part.length());
    assertThat(PersonalData.mask(text)).isNotEmpty();
  }
}
