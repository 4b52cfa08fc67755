/**
 * Runs whose task is learnt of examples: from the source to a packaged model that answers. Knows
 * nothing of language models.
 */
@NullMarked
package dev.slipway.recipe.examples;

import org.jspecify.annotations.NullMarked;
