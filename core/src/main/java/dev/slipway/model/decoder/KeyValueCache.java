package dev.slipway.model.decoder;

import dev.slipway.tensor.Tensor;

/** Where attention keeps the keys and values of positions that went before. */
@FunctionalInterface
public interface KeyValueCache {
  /** Keeps nothing: there are no positions but those of the pass. */
  KeyValueCache NONE = (_, k, v) -> new KeyValues(k, v);

  /**
   * Stores the keys and values of new positions.
   *
   * @param k (B, K, T, D)
   * @param v (B, K, T, D)
   * @return those of all positions so far, (B, K, S, D) each
   */
  KeyValues append(int layer, Tensor k, Tensor v);

  /** Keys and values, (B, K, S, D) each. */
  record KeyValues(Tensor keys, Tensor values) {}
}
