/**
 * From a source to batches: read, clean, deduplicate, split, tokenize, pack; and the ledger that
 * accounts for every record.
 */
@NullMarked
package dev.slipway.data;

import org.jspecify.annotations.NullMarked;
