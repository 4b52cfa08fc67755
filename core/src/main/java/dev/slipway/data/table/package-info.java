/**
 * Tables of typed columns in memory, from CSV, TSV and Parquet, and as examples. Knows nothing of
 * what is fitted on their columns.
 */
@NullMarked
package dev.slipway.data.table;

import org.jspecify.annotations.NullMarked;
