package dev.slipway.infer;

import dev.slipway.model.gpt.Gpt;
import dev.slipway.model.gpt.GptConfig;
import dev.slipway.model.gpt.GptTables;
import dev.slipway.model.gpt.KeyValueCache;
import dev.slipway.nn.MasterWeights;
import dev.slipway.nn.ParameterSet;
import dev.slipway.nn.ShadowWeights;
import dev.slipway.nn.Weights;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Decodes with {@link Gpt}: a prompt in pieces, then token by token over preallocated keys. */
public final class GptDecoder implements Decoder {
  /** Prompt tokens at a time, which bounds scores and logits. */
  private static final int PIECE = 256;

  private final Gpt gpt;
  private final GptTables tables;
  private final @Nullable ShadowWeights shadow;

  /**
   * @param parameters stay the caller's
   * @param computeType of matrix products, FLOAT32 or BFLOAT16
   */
  public GptDecoder(GptConfig config, ParameterSet parameters, DType computeType) {
    shadow = computeType == DType.FLOAT32 ? null : new ShadowWeights(parameters, computeType);
    Weights weights = shadow == null ? new MasterWeights(parameters) : shadow;
    gpt = new Gpt(config, weights);
    tables = new GptTables(config, computeType);
  }

  @Override
  public int vocabularySize() {
    return gpt.config().vocabularySize();
  }

  @Override
  public int context() {
    return gpt.config().context();
  }

  @Override
  public Session open(int capacity) {
    return new GptSession(Math.min(capacity, context()));
  }

  @Override
  public void close() {
    tables.close();
    if (shadow != null) {
      shadow.close();
    }
  }

  private final class GptSession implements Session, KeyValueCache {
    private final int capacity;
    private final Tensor[] keys;
    private final Tensor[] values;
    private int length;

    GptSession(int capacity) {
      this.capacity = capacity;
      GptConfig config = gpt.config();
      keys = new Tensor[config.layers()];
      values = new Tensor[config.layers()];
      try (Scope scope = Scope.open()) {
        for (int layer = 0; layer < keys.length; layer++) {
          keys[layer] = scope.keep(empty(config));
          values[layer] = scope.keep(empty(config));
        }
      }
    }

    private Tensor empty(GptConfig config) {
      return Tensor.empty(
          gpt.computeType(), 1, config.keyValueHeads(), capacity, config.headDim()); // (1, K, S, D)
    }

    @Override
    public KeyValues append(int layer, Tensor k, Tensor v) {
      long added = k.size(2);
      keys[layer].narrow(2, length, added).copyInPlace(k);
      values[layer].narrow(2, length, added).copyInPlace(v);
      return new KeyValues(
          keys[layer].narrow(2, 0, length + added), values[layer].narrow(2, 0, length + added));
    }

    @Override
    public int length() {
      return length;
    }

    @Override
    public float[] extend(int... ids) {
      for (int from = 0; from < ids.length - PIECE; from += PIECE) {
        int begin = from;
        inPass(() -> hidden(Arrays.copyOfRange(ids, begin, begin + PIECE)));
      }
      int begin = (ids.length - 1) / PIECE * PIECE;
      return inPass(
          () -> {
            Tensor hidden = hidden(Arrays.copyOfRange(ids, begin, ids.length)); // (1, T, C)
            long last = ids.length - begin - 1L;
            return gpt.logits(last == 0 ? hidden : hidden.narrow(1, last, 1)).toFloats(); // (V)
          });
    }

    @Override
    public float[][] extendAll(int... ids) {
      int vocabulary = vocabularySize();
      float[][] logits = new float[ids.length][];
      for (int from = 0; from < ids.length; from += PIECE) {
        int[] piece = Arrays.copyOfRange(ids, from, Math.min(ids.length, from + PIECE));
        float[] flat = inPass(() -> gpt.logits(hidden(piece)).toFloats()); // (T, V)
        for (int i = 0; i < piece.length; i++) {
          logits[from + i] = Arrays.copyOfRange(flat, i * vocabulary, (i + 1) * vocabulary);
        }
      }
      return logits;
    }

    @Override
    public float[] extendAndScore(int[] ids, int[] targets) {
      float[] logprobs = new float[ids.length];
      for (int from = 0; from < ids.length; from += PIECE) {
        int begin = from;
        int end = Math.min(ids.length, from + PIECE);
        float[] piece =
            inPass(
                () -> {
                  Tensor logits = gpt.logits(hidden(Arrays.copyOfRange(ids, begin, end)));
                  Tensor wanted =
                      Tensor.of(Arrays.copyOfRange(targets, begin, end), 1, end - begin, 1)
                          .to(DType.INT64); // (1, T, 1)
                  return logits.logSoftmax(2).gather(2, wanted).toFloats(); // (T)
                });
        System.arraycopy(piece, 0, logprobs, begin, piece.length);
      }
      return logprobs;
    }

    private <T> T inPass(java.util.function.Supplier<T> work) {
      try (Scope _ = Scope.open();
          NoGrad _ = NoGrad.open()) {
        return work.get();
      }
    }

    private Tensor hidden(int[] ids) {
      if (length + ids.length > capacity) {
        throw new IllegalStateException(
            "a sequence of " + capacity + " tokens came to " + (length + ids.length));
      }
      Tensor hidden =
          gpt.hidden(Tensor.of(ids, 1, ids.length), tables.continuing(length, ids.length, this));
      length += ids.length;
      return hidden; // (1, T, C)
    }

    @Override
    public void close() {
      for (int layer = 0; layer < keys.length; layer++) {
        keys[layer].close();
        values[layer].close();
      }
    }
  }
}
