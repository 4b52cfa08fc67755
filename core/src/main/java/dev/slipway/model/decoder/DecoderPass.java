package dev.slipway.model.decoder;

import dev.slipway.tensor.Tensor;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What all blocks of one forward pass share; made by {@link DecoderNetwork#pass}. Its tensors are
 * the scope's in which it was made.
 *
 * @param positions of each column, (T) or (B, T), for learned positions
 * @param angles by the rotary settings that blocks have
 * @param masks by the window that blocks have, 0 for none
 * @param cache keys and values of earlier positions; null when there are none
 */
public record DecoderPass(
    Tensor positions,
    Map<Rope, Rope.Angles> angles,
    Map<Integer, Mask> masks,
    @Nullable KeyValueCache cache) {
  /**
   * What positions may see.
   *
   * @param added to the scores, broadcast to (B, H, T, S); null where {@code causal} says it all
   * @param causal whether, without a mask, a position sees only those up to itself
   */
  public record Mask(@Nullable Tensor added, boolean causal) {}

  Rope.Angles angles(Rope rope) {
    return Objects.requireNonNull(angles.get(rope));
  }

  Mask mask(int window) {
    return Objects.requireNonNull(masks.get(window));
  }
}
