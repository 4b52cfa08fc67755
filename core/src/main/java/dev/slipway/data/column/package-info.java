/**
 * What is fitted on the training rows of one column of a table and applied to any row: missing
 * values, outliers, scaling, ids of categories. Fitted records are JSON; applying is a pure
 * function. Knows nothing of files, examples and networks.
 */
@NullMarked
package dev.slipway.data.column;

import org.jspecify.annotations.NullMarked;
