package dev.slipway.infer.batch;

import dev.slipway.model.decoder.DecoderNetwork;
import dev.slipway.model.decoder.DecoderShape;
import dev.slipway.model.decoder.KeyValueCache;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Any {@link DecoderNetwork}, one piece after the other by libtorch's operations: for what {@link
 * KernelNetwork} does not cover. Their sums depend on how many rows come at once, so that a prompt
 * is always cut at the same places.
 */
public final class SteppedNetwork implements BatchNetwork {
  private static final int PIECE = 64;

  private final DecoderNetwork network;
  private final DecoderShape shape;
  private final Runnable freeing;
  private final int blocks;

  /** (K, blocks BLOCK, D) of each layer. */
  private final Tensor[] keys;

  private final Tensor[] values;

  /**
   * @param freeing called when this is closed
   */
  public SteppedNetwork(DecoderNetwork network, int blocks, Runnable freeing) {
    this.network = network;
    this.blocks = blocks;
    this.freeing = freeing;
    shape = network.shape();
    keys = new Tensor[shape.layers()];
    values = new Tensor[shape.layers()];
    try (Scope scope = Scope.open()) {
      for (int layer = 0; layer < keys.length; layer++) {
        keys[layer] = scope.keep(empty());
        values[layer] = scope.keep(empty());
      }
    }
  }

  private Tensor empty() {
    return Tensor.zeros(
        network.computeType(), shape.keyValueHeads(), (long) blocks * BLOCK, shape.headDim());
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
  public int blocks() {
    return blocks;
  }

  @Override
  public int fixedPiece() {
    return PIECE;
  }

  @Override
  public List<float[]> run(List<Piece> pieces) {
    List<float[]> logits = new ArrayList<>();
    for (Piece piece : pieces) {
      try (Scope _ = Scope.open();
          NoGrad _ = NoGrad.open()) {
        run(piece, logits);
      }
    }
    return logits;
  }

  private void run(Piece piece, List<float[]> logits) {
    if (!piece.adapter().isEmpty()) {
      throw new IllegalArgumentException("this network takes no adapters");
    }
    int count = piece.ids().length;
    Tensor hidden =
        network.hidden(
            Tensor.of(piece.ids(), 1, count),
            network.pass(piece.start(), count, piece.length(), new PagedCache(piece))); // (1, T, C)
    if (piece.wanted() == 0) {
      return;
    }
    Tensor wanted = hidden.narrow(1, (long) count - piece.wanted(), piece.wanted());
    float[] flat = network.logits(wanted).toFloats(); // (wanted, V)
    int vocabulary = vocabularySize();
    for (int i = 0; i < piece.wanted(); i++) {
      logits.add(Arrays.copyOfRange(flat, i * vocabulary, (i + 1) * vocabulary));
    }
  }

  private final class PagedCache implements KeyValueCache {
    private final Piece piece;
    private final Tensor places;

    PagedCache(Piece piece) {
      this.piece = piece;
      long[] all = new long[piece.start() + piece.ids().length];
      for (int i = 0; i < all.length; i++) {
        all[i] = (long) piece.blocks()[i / BLOCK] * BLOCK + i % BLOCK;
      }
      places = Tensor.of(all, all.length);
    }

    @Override
    public KeyValues append(int layer, Tensor k, Tensor v) {
      store(keys[layer], k);
      store(values[layer], v);
      return new KeyValues(
          keys[layer].indexSelect(1, places).unsqueeze(0), // (1, K, S, D)
          values[layer].indexSelect(1, places).unsqueeze(0)); // (1, K, S, D)
    }

    /** New positions, (1, K, T, D), to their places. */
    private void store(Tensor all, Tensor added) {
      int count = piece.ids().length;
      for (int from = 0; from < count; ) {
        int position = piece.start() + from;
        int run = Math.min(BLOCK - position % BLOCK, count - from);
        long place = (long) piece.blocks()[position / BLOCK] * BLOCK + position % BLOCK;
        all.narrow(1, place, run).copyInPlace(added.narrow(2, from, run).squeeze(0));
        from += run;
      }
    }
  }

  @Override
  public void close() {
    for (int layer = 0; layer < keys.length; layer++) {
      keys[layer].close();
      values[layer].close();
    }
    freeing.run();
  }
}
