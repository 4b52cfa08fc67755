package dev.slipway.eval.yardstick;

import dev.slipway.eval.metric.Interval;
import org.jspecify.annotations.Nullable;

/**
 * Something simple that was measured on the same held-out text as the model.
 *
 * @param name as a table shows it
 * @param bitsPerByte the figure
 * @param interval of 95 % over documents, where the yardstick scores each document on its own
 * @param seconds it took
 * @param saw what it knew of besides the text it was measured on, a sentence
 * @param source the paper or program
 */
public record Yardstick(
    String name,
    double bitsPerByte,
    @Nullable Interval interval,
    double seconds,
    String saw,
    String source) {}
