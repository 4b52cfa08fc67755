/**
 * Opens folders of published decoders, whatever their architecture: the one place that knows all of
 * them. Knows nothing of tokenizers, or of generation.
 */
@NullMarked
package dev.slipway.model.pretrained;

import org.jspecify.annotations.NullMarked;
