package dev.slipway.data;

import java.util.Locale;

/** The parts of the data: to learn from, to choose by, and to judge by once. */
public enum SplitName {
  TRAIN,
  VALIDATION,
  TEST;

  /** As files and reports spell it: {@code train}, {@code validation}, {@code test}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
