/** Qwen3-MoE: its configuration; the network is Llama's, with a mixture of experts. */
@NullMarked
package dev.slipway.model.qwen3moe;

import org.jspecify.annotations.NullMarked;
