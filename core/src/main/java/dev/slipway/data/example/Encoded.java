package dev.slipway.data.example;

import dev.slipway.nn.InputShape;
import org.jspecify.annotations.Nullable;

/**
 * One input or target of all examples of a set, ready to be gathered into batches: in memory where
 * it is small, decoded when asked for where it is not. Safe for several threads at once.
 */
public interface Encoded {
  InputShape shape();

  /**
   * The rows of a batch.
   *
   * @param examples indices in the set
   * @param draws one a row, by which it is augmented; null to augment nothing
   * @throws dev.slipway.base.SlipwayException if an example's content cannot be decoded
   */
  Values gather(int[] examples, Draw @Nullable [] draws);
}
