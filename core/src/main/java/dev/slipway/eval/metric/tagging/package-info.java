/** Metrics of tagged sequences: by token and by entity. Knows tags alone. */
@NullMarked
package dev.slipway.eval.metric.tagging;

import org.jspecify.annotations.NullMarked;
