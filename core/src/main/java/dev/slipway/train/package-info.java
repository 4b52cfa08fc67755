/**
 * The loop: precision, accumulation, checkpoints, exact resume, and the events that tell the world.
 */
@NullMarked
package dev.slipway.train;

import org.jspecify.annotations.NullMarked;
