package dev.slipway.data.statistics;

import dev.slipway.data.SplitName;

/**
 * An example of one split that another split has too.
 *
 * @param exact whether the content is the same; else it is nearly so
 * @param similarity 1 for the same content; else of the runs of three words (Jaccard), or the
 *     correlation of the pictures' grey
 */
public record Duplicate(
    SplitName firstSplit,
    String first,
    SplitName split,
    String example,
    boolean exact,
    double similarity) {}
