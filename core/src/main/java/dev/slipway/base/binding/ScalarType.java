package dev.slipway.base.binding;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;

/**
 * A type that is one word in a document.
 *
 * @param type the Java class
 * @param expected what it looks like, for errors and the reference, such as {@code a size (200B)}
 * @param pattern regular expression (ECMA 262) that a text must match, for the JSON Schema
 * @param alsoNumber whether a plain number is good too
 * @param parse throws {@link IllegalArgumentException} for any other text
 * @param format the inverse of {@code parse}
 */
public record ScalarType<T>(
    Class<T> type,
    String expected,
    String pattern,
    boolean alsoNumber,
    Function<String, T> parse,
    Function<T, String> format) {

  public static final ScalarType<ByteSize> SIZE =
      new ScalarType<>(
          ByteSize.class,
          "a size such as 200B, 64KiB or 4GiB",
          "^[0-9]+(\\.[0-9]+)?\\s*([KMGT]i?B|B)$",
          false,
          ByteSize::parse,
          ByteSize::toString);

  public static final ScalarType<Duration> DURATION =
      new ScalarType<>(
          Duration.class,
          "a time span such as 60s, 8m or 1h30m",
          "^([0-9]+(ms|s|m|h|d))+$",
          false,
          Durations::parse,
          Durations::format);

  public static final ScalarType<Fraction> FRACTION =
      new ScalarType<>(
          Fraction.class,
          "a fraction such as 1% or 0.01",
          "^[0-9]+(\\.[0-9]+)?\\s*%?$",
          true,
          Fraction::parse,
          Fraction::toString);

  public static final ScalarType<Path> PATH =
      new ScalarType<>(Path.class, "a path", "^.*[^\\s].*$", false, Path::of, Path::toString);

  /** Those that every document knows. */
  public static final List<ScalarType<?>> COMMON = List.of(SIZE, DURATION, FRACTION, PATH);

  String formatted(Object value) {
    return format.apply(type.cast(value));
  }
}
