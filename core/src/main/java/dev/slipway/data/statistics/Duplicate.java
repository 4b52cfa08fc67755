package dev.slipway.data.statistics;

import dev.slipway.data.SplitName;

/**
 * An example of one split that another split has too.
 *
 * @param similarity 1 for the same content; else of the runs of three words (Jaccard), or of a
 *     perceptual hash's bits
 */
public record Duplicate(
    SplitName firstSplit, String first, SplitName split, String example, double similarity) {
  public boolean exact() {
    return similarity == 1;
  }
}
