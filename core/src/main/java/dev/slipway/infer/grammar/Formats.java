package dev.slipway.infer.grammar;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Texts of JSON Schema's formats (Validation §7.3). Each is a part of what the format allows in
 * which every text is valid, such as no 29 February; a format that is not here says nothing.
 */
final class Formats {
  private static final String DATE =
      "[12]\\d{3}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|02-(?:0[1-9]|1\\d|2[0-8]))";
  private static final String TIME =
      "(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.\\d{1,6})?(?:Z|[+-](?:0\\d|1[0-3]):[0-5]\\d)";
  private static final String BYTE = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
  private static final String LABEL = "[a-z0-9](?:[a-z0-9-]{0,20}[a-z0-9])?";
  private static final String HOST = LABEL + "(?:\\." + LABEL + "){0,4}\\.[a-z]{2,10}";

  private static final String EMAIL =
      "[A-Za-z0-9_+-]{1,30}(?:\\.[A-Za-z0-9_+-]{1,30}){0,3}@" + HOST;
  private static final String PATH = "(?:/[A-Za-z0-9._~-]{1,40}){0,8}/?";
  private static final String URI = "https?://" + HOST + PATH;
  private static final String POINTER = "(?:/[A-Za-z0-9._-]{0,40}){0,8}";

  /** One thing of a regular expression, and what stands in its parentheses. */
  private static final String ATOM =
      "(?:[A-Za-z0-9 _,:;@#%&=~/!-]|\\.|\\\\[dwsDWS./()\\[\\]{}|^$*+?\\\\-]|\\[\\^?[A-Za-z0-9_ ]{1,20}\\])[*+?]?";

  private static final Map<String, String> EXPRESSIONS =
      Map.ofEntries(
          Map.entry("date", DATE),
          Map.entry("time", TIME),
          Map.entry("date-time", DATE + "T" + TIME),
          Map.entry("duration", "P(?:\\d{1,4}D|\\d{1,4}W|(?:\\d{1,4}D)?T\\d{1,4}[HMS])"),
          Map.entry("email", EMAIL),
          Map.entry("idn-email", EMAIL),
          Map.entry("hostname", HOST),
          Map.entry("idn-hostname", HOST),
          Map.entry("ipv4", BYTE + "(?:\\." + BYTE + "){3}"),
          Map.entry("ipv6", "[0-9a-f]{1,4}(?::[0-9a-f]{1,4}){7}"),
          Map.entry(
              "uuid", "[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"),
          Map.entry("uri", URI),
          Map.entry("iri", URI),
          Map.entry("uri-reference", URI + "|" + PATH),
          Map.entry("iri-reference", URI + "|" + PATH),
          Map.entry("uri-template", URI),
          Map.entry("json-pointer", POINTER),
          Map.entry("relative-json-pointer", "(?:0|[1-9]\\d{0,2})(?:#|" + POINTER + ")"),
          Map.entry("regex", "\\^?(?:" + ATOM + "|\\((?:" + ATOM + ")+\\)[*+?]?)+\\$?"));

  private Formats() {}

  static @Nullable Language of(String format) {
    String expression = EXPRESSIONS.get(format);
    return expression == null ? null : RegularExpression.whole(expression);
  }
}
