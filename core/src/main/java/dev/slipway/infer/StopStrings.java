package dev.slipway.infer;

import java.util.List;

/**
 * Finds stop strings in a stream of pieces. Text that may be the beginning of one is held back
 * until that is settled; a stop string itself is never given out.
 */
final class StopStrings {
  private final List<String> stops;
  private final StringBuilder held = new StringBuilder();
  private boolean found;

  StopStrings(List<String> stops) {
    this.stops = stops;
  }

  /** The text that is certain after this piece. */
  String next(String piece) {
    int known = held.length();
    held.append(piece);
    int first = -1;
    for (String stop : stops) {
      int at = held.indexOf(stop, known - stop.length() + 1); // with an end in this piece
      if (at >= 0 && (first < 0 || at < first)) {
        first = at;
      }
    }
    if (first >= 0) {
      found = true;
      String text = held.substring(0, first);
      held.setLength(0);
      return text;
    }
    return certain();
  }

  /** As {@link #next}, of a piece that comes too early for a stop string to end in it. */
  String pass(String piece) {
    held.append(piece);
    return certain();
  }

  private String certain() {
    int certain = held.length() - undecided();
    String text = held.substring(0, certain);
    held.delete(0, certain);
    return text;
  }

  /** Length of the longest end of the text that begins some stop string. */
  private int undecided() {
    int longest = 0;
    for (String stop : stops) {
      for (int length = Math.min(stop.length() - 1, held.length()); length > longest; length--) {
        if (stop.startsWith(held.substring(held.length() - length))) {
          longest = length;
        }
      }
    }
    return longest;
  }

  /** Whether a stop string came. */
  boolean found() {
    return found;
  }

  /** What was held back when the stream ends without a stop string. */
  String finish() {
    String text = held.toString();
    held.setLength(0);
    return text;
  }
}
