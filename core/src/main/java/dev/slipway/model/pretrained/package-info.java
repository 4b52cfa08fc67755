/**
 * Opens folders of published decoders and encoders, whatever their architecture: the one place that
 * knows all of them, and the modules that sentence-transformers puts after an encoder. Knows
 * nothing of tokenizers, or of generation.
 */
@NullMarked
package dev.slipway.model.pretrained;

import org.jspecify.annotations.NullMarked;
