/**
 * Generation from a model folder: key-value cache, sampler, streaming, scoring. Knows nothing of
 * servers or training.
 */
@NullMarked
package dev.slipway.infer;

import org.jspecify.annotations.NullMarked;
