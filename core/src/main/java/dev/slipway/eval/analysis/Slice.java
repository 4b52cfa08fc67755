package dev.slipway.eval.analysis;

import dev.slipway.eval.metric.Interval;
import org.jspecify.annotations.Nullable;

/**
 * Some of the examples, and how the model does on them.
 *
 * @param by what the examples were parted by, such as {@code length}
 * @param part which of them, such as {@code 120 to 250}
 * @param examples how many
 * @param value the mean of their figure
 * @param interval of 95 %; null of one example that has no spread
 * @param rest the mean of all other examples, NaN if there are none
 * @param p probability of a difference for the worse at least this large if the slice were drawn
 *     from all examples at random; NaN of fewer than {@link Slices#FEW} examples on either side
 * @param flagged whether it is significantly worse than the rest, all slices being tested together
 */
public record Slice(
    String by,
    String part,
    int examples,
    double value,
    @Nullable Interval interval,
    double rest,
    double p,
    boolean flagged) {}
