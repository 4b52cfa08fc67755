/** Optimizers over the flat parameter buffer, learning rate schedules, gradient clipping. */
@NullMarked
package dev.slipway.optim;

import org.jspecify.annotations.NullMarked;
