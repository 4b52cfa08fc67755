/** Qwen3: its configuration; the network is Llama's. */
@NullMarked
package dev.slipway.model.qwen3;

import org.jspecify.annotations.NullMarked;
