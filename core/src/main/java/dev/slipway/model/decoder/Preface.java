package dev.slipway.model.decoder;

import dev.slipway.tensor.Tensor;
import java.util.List;

/**
 * Keys and values of positions that come before every text, put there from outside: tuned ones (Li
 * and Liang 2021, §3), or what a tuned prompt comes to (Lester et al. 2021, §2). A text's first
 * position follows the last of these.
 */
public interface Preface {
  /** P. */
  int length();

  /** Of a block, (1, K, P, D) each in the type of products; its owner's. */
  KeyValueCache.KeyValues at(int layer);

  /** A cache in which they stand before what another one has, or before nothing. */
  static KeyValueCache before(Preface preface, KeyValueCache texts) {
    return (layer, k, v) -> {
      KeyValueCache.KeyValues first = preface.at(layer);
      KeyValueCache.KeyValues then = texts.append(layer, k, v);
      return new KeyValueCache.KeyValues(
          joined(first.keys(), then.keys()), joined(first.values(), then.values()));
    };
  }

  /** (1, K, P, D) before (B, K, S, D). */
  private static Tensor joined(Tensor first, Tensor then) {
    Tensor rows = first.expand(then.size(0), first.size(1), first.size(2), first.size(3));
    return Tensor.cat(List.of(rows, then), 2); // (B, K, P + S, D)
  }
}
