/**
 * What training makes small: losses between a network's raw outputs and its targets. Knows nothing
 * of tasks, batches or metrics.
 */
@NullMarked
package dev.slipway.nn.loss;

import org.jspecify.annotations.NullMarked;
