/**
 * Carries out a resolved recipe: data, tokenizer, training, evaluation, packaging. Each stage
 * leaves its product in the run's folder whole or not at all, and takes what is there already, so
 * that a run which was killed anywhere goes on from there.
 *
 * <p>Prints nothing: what happens leaves through a {@link dev.slipway.recipe.run.RunListener}.
 */
@NullMarked
package dev.slipway.recipe.run;

import org.jspecify.annotations.NullMarked;
