/** One step of learning with every number shown, to be followed with pencil and paper. */
@NullMarked
package dev.slipway.recipe.worked;

import org.jspecify.annotations.NullMarked;
