/** Mistral: its configuration; the network is Llama's. */
@NullMarked
package dev.slipway.model.mistral;

import org.jspecify.annotations.NullMarked;
