/** Qwen2 and Qwen2.5: their configuration; the network is Llama's. */
@NullMarked
package dev.slipway.model.qwen2;

import org.jspecify.annotations.NullMarked;
