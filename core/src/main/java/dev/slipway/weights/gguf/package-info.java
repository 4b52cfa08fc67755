/**
 * GGUF files: metadata and tensors, memory-mapped, and ggml's block types. Knows nothing of models.
 */
@NullMarked
package dev.slipway.weights.gguf;

import org.jspecify.annotations.NullMarked;
