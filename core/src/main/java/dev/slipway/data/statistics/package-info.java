/**
 * What is told of examples before anything is learnt from them: sizes, classes, lengths, missing
 * values, and duplicates between splits. Knows nothing of features and networks.
 */
@NullMarked
package dev.slipway.data.statistics;

import org.jspecify.annotations.NullMarked;
