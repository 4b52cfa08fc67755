package dev.slipway.data;

import java.util.Locale;
import java.util.Optional;

/** The parts of the data: to learn from, to choose by, and to judge by once. */
public enum SplitName {
  TRAIN,
  VALIDATION,
  TEST;

  /** The split that folders, columns and fields of data sets call so, such as {@code val}. */
  public static Optional<SplitName> named(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "train", "training" -> Optional.of(TRAIN);
      case "validation", "val", "valid", "dev" -> Optional.of(VALIDATION);
      case "test", "testing" -> Optional.of(TEST);
      default -> Optional.empty();
    };
  }

  /** As files and reports spell it: {@code train}, {@code validation}, {@code test}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
