/**
 * Carries out recipes that go on from a published model: what is learnt ({@link
 * dev.slipway.recipe.tuning.TuningTask}) is one seam, what of the model learns ({@code
 * tune.TuningMethod}) the other.
 */
@NullMarked
package dev.slipway.recipe.tuning;

import org.jspecify.annotations.NullMarked;
