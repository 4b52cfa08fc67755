package dev.slipway.tensor.kernel.infer;

import dev.slipway.tensor.machine.MachineCode;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/**
 * Queries over the same blocks of keys and values in bytes ({@link RowBytes}), by machine code or
 * by the Vector API, with the same bits.
 */
abstract class ByteAttentionTiles {
  /** Most queries at once. */
  static final int QUERIES = AttentionTiles.QUERIES;

  /** Dimensions for which a score's sum fits into 32 bits. */
  static final int MOST_DIMENSIONS = 512;

  /** Positions for which a mixture's sums fit into 32 bits. */
  static final int MOST_POSITIONS = 1 << 17;

  final int padded;

  private ByteAttentionTiles(int padded) {
    if (padded > MOST_DIMENSIONS) {
      throw new IllegalArgumentException("heads of " + padded + " dimensions are too wide");
    }
    this.padded = padded;
  }

  /**
   * Products of queries and the keys of blocks, whose addresses come, with one more at their end.
   * Values stand behind the keys.
   *
   * @param queries split rows of {@code padded} values, one after the other
   * @param stride bytes between rows of scores
   */
  abstract void scores(
      long queries, int count, long addresses, int blocks, long scores, long stride);

  /**
   * {@code y = Σ share v}, without the shares' scale.
   *
   * @param shares split rows
   * @param stride bytes between them
   * @param offset of values in a block
   * @param y {@code padded} values each, one after the other
   */
  abstract void mix(
      long shares, long stride, int count, long addresses, long offset, int blocks, long y);

  /** What this machine computes by. */
  static ByteAttentionTiles of(int padded) {
    ByteAttentionTiles machine = machine(padded);
    return machine == null ? vectors(padded) : machine;
  }

  /** By the Vector API. */
  static ByteAttentionTiles vectors(int padded) {
    return new Vectors(padded);
  }

  /** By machine code; null where there is none for this machine. */
  static @Nullable ByteAttentionTiles machine(int padded) {
    if (!MachineCode.has("avx512f", "avx512bw", "avx512_vnni")) {
      return null;
    }
    int vectors = padded / AttentionTiles.LANES;
    MethodHandle[] scores = new MethodHandle[QUERIES + 1];
    MethodHandle[][] mixes = new MethodHandle[QUERIES + 1][];
    for (int queries = 1; queries <= QUERIES; queries++) {
      scores[queries] = MachineCode.map(ByteAttentionCode.scores(queries, padded));
      if (scores[queries] == null) {
        return null;
      }
      int most = ByteAttentionCode.vectors(queries);
      mixes[queries] = new MethodHandle[(vectors + most - 1) / most];
      for (int part = 0; part < mixes[queries].length; part++) {
        int count = Math.min(most, vectors - most * part);
        MethodHandle mix = MachineCode.map(ByteAttentionCode.mix(queries, count, padded));
        if (mix == null) {
          return null;
        }
        mixes[queries][part] = mix;
      }
    }
    return new Machine(padded, scores, mixes);
  }

  private static final class Machine extends ByteAttentionTiles {
    /** By their queries. */
    private final MethodHandle[] scores;

    /** By their queries, and which dimensions they mix. */
    private final MethodHandle[][] mixes;

    Machine(int padded, MethodHandle[] scores, MethodHandle[][] mixes) {
      super(padded);
      this.scores = scores;
      this.mixes = mixes;
    }

    @Override
    void scores(long queries, int count, long addresses, int blocks, long to, long stride) {
      MachineCode.call(scores[count], queries, addresses, 0, blocks, to, stride);
    }

    @Override
    void mix(long shares, long stride, int count, long addresses, long offset, int blocks, long y) {
      MethodHandle[] parts = mixes[count];
      int most = ByteAttentionCode.vectors(count);
      for (int part = 0; part < parts.length; part++) {
        long at = 4L * AttentionTiles.LANES * most * part;
        MachineCode.call(parts[part], shares, addresses, offset + at, blocks, y + at, stride);
      }
    }
  }

  private static final class Vectors extends ByteAttentionTiles {
    Vectors(int padded) {
      super(padded);
    }

    @Override
    void scores(long queries, int count, long addresses, int blocks, long scores, long stride) {
      for (int i = 0; i < count; i++) {
        long query = queries + RowBytes.splitBytes(padded) * i;
        RowBytes.scores(query, addresses, blocks, padded, scores + stride * i);
      }
    }

    @Override
    void mix(long shares, long stride, int count, long addresses, long offset, int blocks, long y) {
      for (int i = 0; i < count; i++) {
        RowBytes.mix(shares + stride * i, addresses, blocks, offset, padded, y + 4L * padded * i);
      }
    }
  }
}
