/**
 * GGUF files as models in Hugging Face's terms, and back: configuration, names and layout of
 * tensors, tokenizer. Knows nothing of networks.
 */
@NullMarked
package dev.slipway.model.gguf;

import org.jspecify.annotations.NullMarked;
