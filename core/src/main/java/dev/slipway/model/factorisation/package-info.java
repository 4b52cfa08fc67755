/**
 * Matrix factorisation: what a user thinks of an item, from ids alone. Knows nothing of ratings,
 * files and tasks.
 */
@NullMarked
package dev.slipway.model.factorisation;

import org.jspecify.annotations.NullMarked;
