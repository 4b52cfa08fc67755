/** The decoder-only transformer: GPT-2's layout, Llama's and Qwen3's, by one record of choices. */
@NullMarked
package dev.slipway.model.gpt;

import org.jspecify.annotations.NullMarked;
