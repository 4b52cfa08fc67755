/**
 * Names to tensors on disk: safetensors (GGUF: {@code gguf}), memory-mapped. Never runs code from a
 * file.
 */
@NullMarked
package dev.slipway.weights;

import org.jspecify.annotations.NullMarked;
