/**
 * Text to token ids and back: training a byte-level BPE, loading and applying any {@code
 * tokenizer.json}, streaming decoding. Knows nothing of models.
 */
@NullMarked
package dev.slipway.tokenizer;

import org.jspecify.annotations.NullMarked;
