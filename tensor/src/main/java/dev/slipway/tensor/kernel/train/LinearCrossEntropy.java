package dev.slipway.tensor.kernel.train;

import dev.slipway.tensor.DType;
import dev.slipway.tensor.kernel.Buffer;
import dev.slipway.tensor.kernel.Lanes;
import dev.slipway.tensor.kernel.Matrix;
import dev.slipway.tensor.kernel.Row;
import dev.slipway.tensor.kernel.Team;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The output layer and its cross-entropy, by chunks of rows: logits, loss and gradient in one pass,
 * so that the logits of a whole batch never exist. {@code loss = log Σ exp(logits) -
 * logit[target]}, in nats; its gradient is {@code softmax(logits) - onehot(target)}, written over
 * the logits.
 */
public final class LinearCrossEntropy implements AutoCloseable {
  /** A target that is not learnt from; PyTorch's {@code ignore_index}. */
  public static final int IGNORED = -100;

  private static final long CHUNK = 1L << 23;

  private final Projection head;
  private final int vocabulary;
  private final int chunk;
  private final List<Chunk> chunks = new ArrayList<>();
  private final float[] losses;
  private final Team team = Team.common();

  private record Chunk(int from, Matrix hidden, Matrix dHidden, Matrix logits) {
    void close() {
      hidden.close();
      if (dHidden != hidden) {
        dHidden.close();
      }
      logits.close();
    }
  }

  /** Rows whose logits exist at the same time. */
  public static int chunkRows(int rows, int vocabulary) {
    int parts = (int) Math.max(1, ((long) rows * vocabulary + CHUNK - 1) / CHUNK);
    return (rows + parts - 1) / parts;
  }

  /**
   * @param head the output layer; whoever made it closes it
   * @param hidden (N, C)
   * @param dHidden (N, C): where the gradient of hidden goes; hidden itself where there is no
   *     backward
   */
  public LinearCrossEntropy(
      Arena arena, DType dtype, Projection head, int vocabulary, Matrix hidden, Matrix dHidden) {
    this.head = head;
    this.vocabulary = vocabulary;
    int rows = hidden.rows();
    chunk = chunkRows(rows, vocabulary);
    losses = new float[rows];
    Buffer logits = Buffer.allocate(arena, dtype, (long) chunk * vocabulary);
    for (int from = 0; from < rows; from += chunk) {
      int count = Math.min(chunk, rows - from);
      Matrix part = hidden.rows(from, count);
      chunks.add(
          new Chunk(
              from,
              part,
              dHidden == hidden ? part : dHidden.rows(from, count),
              Matrix.on(logits, count, vocabulary)));
    }
  }

  /**
   * Loss, and {@code scale} times its gradient.
   *
   * @param targets (N) the right token of each row, or {@link #IGNORED}
   * @return the sum of the losses, not scaled
   */
  public double forwardBackward(int[] targets, float scale) {
    float[] scales = new float[losses.length];
    Arrays.fill(scales, scale);
    return forwardBackward(targets, scales);
  }

  /**
   * Loss, and its gradient times a number for each row.
   *
   * @param targets (N) the right token of each row, or {@link #IGNORED}
   * @param scales (N)
   * @return the sum of the losses, not scaled
   */
  public double forwardBackward(int[] targets, float[] scales) {
    double sum = 0;
    for (Chunk chunk : chunks) {
      head.forward(chunk.hidden, chunk.logits);
      crossEntropy(chunk, targets, scales, true, new boolean[0]);
      head.backwardInput(chunk.logits, chunk.dHidden);
      head.backwardWeight(chunk.logits, chunk.hidden);
    }
    for (float loss : losses) {
      sum += loss;
    }
    return sum;
  }

  /** Losses alone, row by row; marks the rows whose largest logit is the target's. */
  public float[] forward(int[] targets, boolean[] correct) {
    for (Chunk chunk : chunks) {
      head.forward(chunk.hidden, chunk.logits);
      crossEntropy(chunk, targets, new float[losses.length], false, correct);
    }
    return losses.clone();
  }

  private void crossEntropy(
      Chunk chunk, int[] targets, float[] scales, boolean gradient, boolean[] correct) {
    int rows = chunk.logits.rows();
    long address = chunk.logits.address(rows, vocabulary);
    boolean half = chunk.logits.half();
    for (int row = 0; row < rows; row++) {
      int target = targets[chunk.from + row];
      if (target != IGNORED && (target < 0 || target >= vocabulary)) {
        throw new IllegalArgumentException(
            "target " + target + " with a vocabulary of " + vocabulary);
      }
    }
    team.run(
        Team.SLICES,
        (slice, worker) -> {
          long scratch = worker.scratch(Lanes.padded(vocabulary) + 64L);
          int end = Team.from(slice + 1, Team.SLICES, rows);
          for (int row = Team.from(slice, Team.SLICES, rows); row < end; row++) {
            row(
                address + (half ? 2L : 4L) * row * vocabulary,
                half,
                chunk.from + row,
                targets,
                scales[chunk.from + row],
                gradient,
                correct,
                scratch);
          }
        });
  }

  private void row(
      long logits,
      boolean half,
      int index,
      int[] targets,
      float scale,
      boolean gradient,
      boolean[] correct,
      long scratch) {
    int target = targets[index];
    if (target == IGNORED) {
      losses[index] = 0;
      if (gradient) {
        Row.zero(logits, (half ? 2L : 4L) * vocabulary);
      }
      return;
    }
    long x = Row.in(logits, half, vocabulary, scratch + 64);
    int padded = Lanes.padded(vocabulary);
    Row.fill(x, vocabulary, padded, Float.NEGATIVE_INFINITY);
    float logit = Lanes.get(x, target);
    float max = RowSoftmax.max(x, padded);
    float sum = RowSoftmax.exponentials(x, max, padded, scratch);
    losses[index] = (float) (StrictMath.log(sum) + max - logit);
    if (correct.length > 0) {
      correct[index] = logit == max;
    }
    if (gradient) {
      Row.scale(x, scale / sum, x, padded);
      Lanes.set(x, target, Lanes.get(x, target) - scale);
      Row.out(x, logits, half, vocabulary);
    }
  }

  @Override
  public void close() {
    chunks.forEach(Chunk::close);
  }
}
