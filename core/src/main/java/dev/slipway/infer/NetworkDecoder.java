package dev.slipway.infer;

import dev.slipway.model.decoder.DecoderNetwork;
import dev.slipway.model.decoder.DecoderShape;
import dev.slipway.model.decoder.KeyValueCache;
import dev.slipway.model.pretrained.PretrainedDecoder;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleConsumer;
import java.util.function.Supplier;

/**
 * Decodes with a {@link DecoderNetwork}: a prompt in pieces, then token by token over preallocated
 * keys.
 */
public final class NetworkDecoder implements Decoder {
  /** Prompt tokens at a time, which bounds scores and logits. */
  private static final int PIECE = 256;

  private final DecoderNetwork network;
  private final DecoderShape shape;
  private final Runnable freeing;

  /** Decodes with a network whose weights stay the caller's. */
  public NetworkDecoder(DecoderNetwork network) {
    this(network, () -> {});
  }

  /** Decodes with a model that is closed with this decoder. */
  public NetworkDecoder(PretrainedDecoder model) {
    this(model.network(), model::close);
  }

  /**
   * Decodes with a network.
   *
   * @param freeing closes what the network stands on, with this decoder
   */
  public NetworkDecoder(DecoderNetwork network, Runnable freeing) {
    this.network = network;
    this.freeing = freeing;
    shape = network.shape();
  }

  @Override
  public int vocabularySize() {
    return shape.vocabularySize();
  }

  @Override
  public int context() {
    return network.context();
  }

  @Override
  public Session open(int capacity) {
    return new NetworkSession(Math.min(capacity, context()));
  }

  @Override
  public List<Continuation.Likelihood> likelihoods(
      List<Continuation> requests, DoubleConsumer progress) {
    return LikelihoodBatches.of(network, requests, progress);
  }

  @Override
  public void close() {
    freeing.run();
  }

  private final class NetworkSession implements Session, KeyValueCache {
    private final int capacity;
    private final Tensor[] keys = new Tensor[shape.layers()];
    private final Tensor[] values = new Tensor[shape.layers()];
    private int length;

    NetworkSession(int capacity) {
      this.capacity = capacity;
      try (Scope scope = Scope.open()) {
        for (int layer = 0; layer < keys.length; layer++) {
          keys[layer] = scope.keep(empty());
          values[layer] = scope.keep(empty());
        }
      }
    }

    private Tensor empty() {
      return Tensor.empty(
          network.computeType(),
          1,
          shape.keyValueHeads(),
          capacity,
          shape.headDim()); // (1, K, S, D)
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
      int total = length + ids.length;
      int begin = (ids.length - 1) / PIECE * PIECE;
      for (int from = 0; from < begin; from += PIECE) {
        int[] piece = Arrays.copyOfRange(ids, from, from + PIECE);
        inPass(() -> hidden(piece, total));
      }
      return inPass(
          () -> {
            Tensor hidden = hidden(Arrays.copyOfRange(ids, begin, ids.length), total); // (1, T, C)
            long last = ids.length - begin - 1L;
            return network.logits(hidden.narrow(1, last, 1)).toFloats(); // (V)
          });
    }

    @Override
    public float[][] extendAll(int... ids) {
      int total = length + ids.length;
      int vocabulary = vocabularySize();
      float[][] logits = new float[ids.length][];
      for (int from = 0; from < ids.length; from += PIECE) {
        int[] piece = Arrays.copyOfRange(ids, from, Math.min(ids.length, from + PIECE));
        float[] flat = inPass(() -> network.logits(hidden(piece, total)).toFloats()); // (T, V)
        for (int i = 0; i < piece.length; i++) {
          logits[from + i] = Arrays.copyOfRange(flat, i * vocabulary, (i + 1) * vocabulary);
        }
      }
      return logits;
    }

    @Override
    public float[] extendAndScore(int[] ids, int[] targets) {
      int total = length + ids.length;
      float[] logprobs = new float[ids.length];
      for (int from = 0; from < ids.length; from += PIECE) {
        int begin = from;
        int end = Math.min(ids.length, from + PIECE);
        float[] piece =
            inPass(
                () -> {
                  Tensor logits =
                      network.logits(hidden(Arrays.copyOfRange(ids, begin, end), total));
                  Tensor wanted =
                      Tensor.of(Arrays.copyOfRange(targets, begin, end), 1, end - begin, 1)
                          .to(DType.INT64); // (1, T, 1)
                  return logits.logSoftmax(2).gather(2, wanted).toFloats(); // (T)
                });
        System.arraycopy(piece, 0, logprobs, begin, piece.length);
      }
      return logprobs;
    }

    private <T> T inPass(Supplier<T> work) {
      try (Scope _ = Scope.open();
          NoGrad _ = NoGrad.open()) {
        return work.get();
      }
    }

    /**
     * @param total positions of the sequence when all that is at hand has been added
     */
    private Tensor hidden(int[] ids, int total) {
      if (length + ids.length > capacity) {
        throw new IllegalStateException(
            "a sequence of " + capacity + " tokens came to " + (length + ids.length));
      }
      Tensor hidden =
          network.hidden(
              Tensor.of(ids, 1, ids.length), network.pass(length, ids.length, total, this));
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
