package dev.slipway.model.gpt;

import dev.slipway.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What all blocks of one forward pass share.
 *
 * @param positions learned positions' indices, (T) or (B, T); null with rotary ones
 * @param cos cosines of the rotary angles, (T, 1, D); null with learned positions
 * @param sin sines, the first half negated, (T, 1, D); null with learned positions
 * @param mask added to the scores, broadcast to (B, H, T, S); null where {@code causal} says it all
 * @param causal whether, without a mask, a position sees only those up to itself
 */
public record GptPass(
    @Nullable Tensor positions,
    @Nullable Tensor cos,
    @Nullable Tensor sin,
    @Nullable Tensor mask,
    boolean causal) {}
