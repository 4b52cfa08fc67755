/**
 * Cleaning of one record at a time, as pure functions from text to text or to the reason why the
 * record is dropped. Knows nothing of where records come from or go to.
 */
@NullMarked
package dev.slipway.data.clean;

import org.jspecify.annotations.NullMarked;
