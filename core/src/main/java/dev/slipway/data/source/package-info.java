/**
 * Where records come from: a zip, a folder, JSON lines, a text, a Parquet file; read as a stream in
 * bounded memory, in an order that depends on the content alone. Knows nothing of cleaning or of
 * tokens.
 */
@NullMarked
package dev.slipway.data.source;

import org.jspecify.annotations.NullMarked;
