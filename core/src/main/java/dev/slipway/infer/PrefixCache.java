package dev.slipway.infer;

import dev.slipway.model.decoder.KeyValueCache;
import dev.slipway.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Keys and values of one sequence, which several rows may go on from. While it is {@link #filling}
 * what passes through it is kept; else it is put behind what is kept, for every row, and forgotten.
 */
final class PrefixCache implements KeyValueCache, AutoCloseable {
  private final @Nullable Tensor[] keys;
  private final @Nullable Tensor[] values;
  private int[] ids = new int[0];
  private int kept; // how many positions of what is stored count
  private boolean filling;

  PrefixCache(int layers) {
    keys = new @Nullable Tensor[layers];
    values = new @Nullable Tensor[layers];
  }

  /**
   * Begins a sequence. What it has in common with the last one stays, but for its last token, whose
   * output is still to be computed.
   *
   * @return how many of its ids are here already
   */
  int begin(int[] sequence) {
    int common = common(ids, sequence);
    kept = Math.min(common, sequence.length - 1);
    ids = sequence;
    filling = true;
    return kept;
  }

  /** How many ids two sequences begin with in common. */
  static int common(int[] a, int[] b) {
    int mismatch = Arrays.mismatch(a, b);
    return mismatch < 0 ? a.length : mismatch;
  }

  /** So many positions have passed and are kept. */
  void passed(int positions) {
    kept += positions;
  }

  /** All of the sequence has passed: what comes now are rows behind it. */
  void filled() {
    filling = false;
  }

  @Override
  public KeyValues append(int layer, Tensor k, Tensor v) {
    Tensor allKeys = behind(keys[layer], k);
    Tensor allValues = behind(values[layer], v);
    if (filling) {
      store(keys, layer, allKeys);
      store(values, layer, allValues);
    }
    return new KeyValues(allKeys, allValues);
  }

  /** Rows (B, K, T, D) behind what is kept, (B, K, S, D). */
  private Tensor behind(@Nullable Tensor stored, Tensor rows) {
    if (stored == null || kept == 0) {
      return rows;
    }
    Tensor prefix = stored.narrow(2, 0, kept); // (1, K, P, D)
    return Tensor.cat(
        List.of(prefix.expand(rows.size(0), prefix.size(1), kept, prefix.size(3)), rows), 2);
  }

  private static void store(@Nullable Tensor[] place, int layer, Tensor value) {
    Tensor before = place[layer];
    place[layer] = value.copy().retain();
    if (before != null) {
      before.close();
    }
  }

  @Override
  public void close() {
    free(keys);
    free(values);
  }

  private static void free(@Nullable Tensor[] tensors) {
    for (int i = 0; i < tensors.length; i++) {
      Tensor tensor = tensors[i];
      if (tensor != null) {
        tensor.close();
        tensors[i] = null;
      }
    }
  }
}
