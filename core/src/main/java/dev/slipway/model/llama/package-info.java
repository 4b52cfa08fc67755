/**
 * Llama (1 to 3, and what has its form): its configuration, its weights, its network; also the one
 * of the architectures that differ from it by settings alone.
 */
@NullMarked
package dev.slipway.model.llama;

import org.jspecify.annotations.NullMarked;
