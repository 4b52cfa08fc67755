/**
 * Tuning of a model with few parameters beside its frozen ones: methods, the projections that carry
 * them out, and adapters as folders in PEFT's format. Knows networks by the slots of their
 * projections alone; knows nothing of data, of loops, and of recipes.
 */
@NullMarked
package dev.slipway.tune;

import org.jspecify.annotations.NullMarked;
