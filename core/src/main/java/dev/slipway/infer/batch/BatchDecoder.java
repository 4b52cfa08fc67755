package dev.slipway.infer.batch;

import dev.slipway.infer.Continuation;
import dev.slipway.infer.Decoder;
import dev.slipway.infer.batch.BatchNetwork.Piece;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleConsumer;

/**
 * One sequence after the other over the network that answers many at once, cut as {@link Batcher}
 * cuts: what it gives are the bytes that a server gives. One session at a time.
 */
public final class BatchDecoder implements Decoder {
  /** Positions at a time, which bounds logits. */
  private static final int PIECE = 256;

  private final BatchNetwork network;
  private final String adapter;
  private final int[] blocks;

  /**
   * @param network is closed with this
   */
  public BatchDecoder(BatchNetwork network) {
    this(network, "");
  }

  /**
   * @param network is closed with this
   * @param adapter that was loaded there; "" for none
   */
  public BatchDecoder(BatchNetwork network, String adapter) {
    this.network = network;
    this.adapter = adapter;
    blocks = new int[network.blocks()];
    for (int i = 0; i < blocks.length; i++) {
      blocks[i] = i;
    }
  }

  @Override
  public int vocabularySize() {
    return network.vocabularySize();
  }

  @Override
  public int context() {
    return (int) Math.min(network.context(), (long) network.blocks() * BatchNetwork.BLOCK);
  }

  @Override
  public Session open(int capacity) {
    return new BatchSession();
  }

  @Override
  public List<Continuation.Likelihood> likelihoods(
      List<Continuation> requests, DoubleConsumer progress) {
    List<Continuation.Likelihood> all = new ArrayList<>();
    for (Continuation request : requests) {
      int[] row = request.row(context());
      int from = row.length - request.ids().length;
      double logprob = 0;
      int hits = 0;
      List<float[]> logits = new BatchSession().extend(Arrays.copyOf(row, row.length - 1), true);
      for (int i = from; i < row.length; i++) {
        float[] before = logits.get(i - 1);
        logprob += logprob(before, row[i]);
        hits += likeliest(before) == row[i] ? 1 : 0;
      }
      all.add(new Continuation.Likelihood(logprob, request.ids().length, hits));
      progress.accept((double) all.size() / requests.size());
    }
    return all;
  }

  private static int likeliest(float[] logits) {
    int best = 0;
    for (int id = 1; id < logits.length; id++) {
      best = logits[id] > logits[best] ? id : best;
    }
    return best;
  }

  private static double logprob(float[] logits, int id) {
    double largest = Double.NEGATIVE_INFINITY;
    for (float logit : logits) {
      largest = Math.max(largest, logit);
    }
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp(logit - largest);
    }
    return logits[id] - largest - Math.log(sum);
  }

  @Override
  public void close() {
    network.close();
  }

  private final class BatchSession implements Session {
    private int length;

    @Override
    public int length() {
      return length;
    }

    /** As many logits as are wanted: after each token, or after the last. */
    private List<float[]> extend(int[] ids, boolean all) {
      return extend(ids, all, length + ids.length);
    }

    /**
     * @param total tokens of the sequence when all that is at hand has been added
     */
    private List<float[]> extend(int[] ids, boolean all, int total) {
      if (length + ids.length > context()) {
        throw new IllegalStateException(
            "a sequence of " + context() + " tokens came to " + (length + ids.length));
      }
      int most = network.fixedPiece() > 0 ? network.fixedPiece() : PIECE;
      List<float[]> logits = new ArrayList<>();
      for (int at = 0; at < ids.length; ) {
        int count = Math.min(most - length % most, ids.length - at);
        boolean last = at + count == ids.length;
        int[] piece = Arrays.copyOfRange(ids, at, at + count);
        int wanted = all ? count : last ? 1 : 0;
        logits.addAll(
            network.run(List.of(new Piece(piece, length, blocks, wanted, total, adapter))));
        at += count;
        length += count;
      }
      return logits;
    }

    @Override
    public float[] extend(int... ids) {
      return extend(ids, false).getFirst();
    }

    @Override
    public float[][] extendAll(int... ids) {
      return extend(ids, true).toArray(float[][]::new);
    }

    @Override
    public float[] extendAndScore(int[] ids, int[] targets) {
      float[] logprobs = new float[ids.length];
      int total = length + ids.length;
      for (int from = 0; from < ids.length; from += PIECE) {
        int to = Math.min(ids.length, from + PIECE);
        List<float[]> logits = extend(Arrays.copyOfRange(ids, from, to), true, total);
        for (int i = from; i < to; i++) {
          logprobs[i] = (float) logprob(logits.get(i - from), targets[i]);
        }
      }
      return logprobs;
    }

    @Override
    public void close() {}
  }
}
