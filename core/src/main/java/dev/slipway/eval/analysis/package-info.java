/**
 * What a model's mistakes have in common: slices, groups, worst errors, what its learning curves
 * say, what its decisions cost, and how far folds differ. Knows arrays, names and metrics, nothing
 * of networks, tasks or where examples come from.
 */
@NullMarked
package dev.slipway.eval.analysis;

import org.jspecify.annotations.NullMarked;
