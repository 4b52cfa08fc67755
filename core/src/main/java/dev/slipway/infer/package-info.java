/** Generation from a model folder: key-value cache, sampler, streaming, scoring. */
@NullMarked
package dev.slipway.infer;

import org.jspecify.annotations.NullMarked;
