/** Gemma 3, the part that reads and writes text: its configuration, its weights, its network. */
@NullMarked
package dev.slipway.model.gemma3;

import org.jspecify.annotations.NullMarked;
