/** GPT-2: its configuration, its weights, its network. */
@NullMarked
package dev.slipway.model.gpt2;

import org.jspecify.annotations.NullMarked;
