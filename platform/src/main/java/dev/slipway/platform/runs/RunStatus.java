package dev.slipway.platform.runs;

import java.util.Locale;

/** How a run stands. */
public enum RunStatus {
  /** A living process holds the run's lock. */
  RUNNING,
  /** It came to its end. */
  FINISHED,
  /** It was stopped or killed before its end; {@code resume} goes on with it. */
  INTERRUPTED,
  /** It ended by an error that it wrote down. */
  FAILED,
  /** What the folder holds is not whole: the record's problems say what. */
  DAMAGED;

  /** The word that people and JSON see. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
