/**
 * What published decoder-only models are made of: attention with rotary positions, grouped queries
 * and a sliding window, feed-forward parts, norms, and the network that runs them; how their
 * checkpoints are named, checked and mapped. Knows none of the architectures, which are packages
 * beside this one.
 *
 * <p><b>How a network is changed from outside.</b> {@link
 * dev.slipway.model.decoder.DecoderNetwork#projections()} gives each place where a projection
 * stands as a {@link dev.slipway.nn.ProjectionSlot}, by the name that its module has in the
 * checkpoint ({@code model.layers.0.self_attn.q_proj}, {@code transformer.h.0.attn.c_attn}, {@code
 * lm_head}). {@code slot.replace(dense -> new Adapted(dense, …))} puts another in its place; the
 * widths are the slot's. A pattern over the names is what PEFT's {@code target_modules} is.
 * Low-rank and bottleneck adapters, scaled activations and quantized weights are all projections
 * around projections. Parameters that are no projections (norms, embeddings, biases) are chosen
 * when the network is made: {@link dev.slipway.model.decoder.DecoderConfig#network} takes any
 * {@link dev.slipway.nn.Weights}, so that some may be leaves with gradients and others the mapped
 * file. Tuned prompts go in by {@link dev.slipway.model.decoder.DecoderNetwork#hiddenOf}, tuned
 * prefixes by a {@link dev.slipway.model.decoder.KeyValueCache}.
 */
@NullMarked
package dev.slipway.model.decoder;

import org.jspecify.annotations.NullMarked;
