package dev.slipway.platform.access;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What a key may do. */
public enum Scope {
  /** Ask the model, and rate its answers. */
  INFER,
  /** Change what the service does. */
  ADMIN,
  /** Read the metrics. */
  METRICS;

  /** As key files and messages have it. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * @throws SlipwayException {@code keys.scope} for any other word
   */
  public static Scope of(String word) {
    for (Scope scope : values()) {
      if (scope.word().equals(word)) {
        return scope;
      }
    }
    throw new SlipwayException(
        Exit.USAGE,
        "keys.scope",
        "there is no scope '" + word + "'",
        "choose of " + Arrays.stream(values()).map(Scope::word).collect(Collectors.joining(", ")));
  }
}
