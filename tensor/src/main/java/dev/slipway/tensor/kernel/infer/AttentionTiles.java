package dev.slipway.tensor.kernel.infer;

import static dev.slipway.tensor.machine.MachineCode.call;

import dev.slipway.tensor.machine.Assembler;
import dev.slipway.tensor.machine.MachineCode;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Queries over the same blocks of keys and values, by machine code or by the Vector API, with the
 * same bits. What a query gives does not depend on those beside it.
 */
abstract class AttentionTiles {
  /** Positions of a block, and dimensions that are computed together. */
  static final int LANES = PagedAttention.BLOCK;

  /** Most queries at once. */
  static final int QUERIES = AttentionCode.QUERIES;

  final boolean half;
  final int padded;

  private AttentionTiles(boolean half, int padded) {
    this.half = half;
    this.padded = padded;
  }

  /**
   * Products of queries and the keys of blocks, whose addresses come, with one more at their end.
   * Values stand behind the keys.
   *
   * @param queries in the type of the keys, {@code padded} values each, one after the other
   * @param stride bytes between rows of scores
   */
  abstract void scores(
      long queries, int count, long addresses, int blocks, long scores, long stride);

  /**
   * {@code y = Σ share v}.
   *
   * @param shares in the type of the values
   * @param stride bytes between rows of shares
   * @param offset of values in a block
   * @param y {@code padded} values each, one after the other
   */
  abstract void mix(
      long shares, long stride, int count, long addresses, long offset, int blocks, long y);

  /**
   * What this machine computes a type by.
   *
   * @param padded dimensions of a head, a multiple of {@value #LANES}
   */
  static AttentionTiles of(boolean half, int padded) {
    return CHOSEN.computeIfAbsent(new Kind(half, padded), Kind::choose);
  }

  private record Kind(boolean half, int padded) {
    AttentionTiles choose() {
      AttentionTiles machine = machine(half, padded);
      return machine == null ? vectors(half, padded) : machine;
    }
  }

  /** One for all layers of all models: code lives as long as the process. */
  private static final ConcurrentHashMap<Kind, AttentionTiles> CHOSEN = new ConcurrentHashMap<>();

  /** By the Vector API. */
  static AttentionTiles vectors(boolean half, int padded) {
    return new Vectors(half, padded);
  }

  /** By machine code; null where there is none for this machine. */
  static @Nullable AttentionTiles machine(boolean half, int padded) {
    if (!MachineCode.has("avx512f") || (half && !MachineCode.has("avx512_bf16"))) {
      return null;
    }
    Assembler.Op multiply = half ? Assembler.Op.DOT_BFLOAT16 : Assembler.Op.FMA;
    int steps = half ? LANES / 2 : LANES;
    int rounds = (half ? padded / 2 : padded) / AttentionCode.SUMS;
    int vectors = padded / LANES;
    MethodHandle[] scores = new MethodHandle[QUERIES + 1];
    MethodHandle[][] mixes =
        new MethodHandle[QUERIES + 1]
            [(vectors + AttentionCode.VECTORS - 1) / AttentionCode.VECTORS];
    for (int queries = 1; queries <= QUERIES; queries++) {
      scores[queries] =
          MachineCode.map(
              AttentionCode.scores(multiply, queries, rounds, (half ? 2 : 4) * LANES * padded));
      if (scores[queries] == null) {
        return null;
      }
      for (int part = 0; part < mixes[queries].length; part++) {
        int count = Math.min(AttentionCode.VECTORS, vectors - AttentionCode.VECTORS * part);
        MethodHandle mix =
            MachineCode.map(AttentionCode.mix(multiply, queries, steps, count, padded));
        if (mix == null) {
          return null;
        }
        mixes[queries][part] = mix;
      }
    }
    return new Machine(half, padded, scores, mixes);
  }

  private static final class Machine extends AttentionTiles {
    /** By their queries. */
    private final MethodHandle[] scores;

    /** By their queries, and which dimensions they mix. */
    private final MethodHandle[][] mixes;

    Machine(boolean half, int padded, MethodHandle[] scores, MethodHandle[][] mixes) {
      super(half, padded);
      this.scores = scores;
      this.mixes = mixes;
    }

    @Override
    void scores(long queries, int count, long addresses, int blocks, long to, long stride) {
      call(scores[count], queries, addresses, 0, blocks, to, stride);
    }

    @Override
    void mix(long shares, long stride, int count, long addresses, long offset, int blocks, long y) {
      MethodHandle[] parts = mixes[count];
      for (int part = 0; part < parts.length; part++) {
        long at = 4L * LANES * AttentionCode.VECTORS * part;
        call(parts[part], shares, addresses, offset + at, blocks, y + at, stride);
      }
    }
  }

  private static final class Vectors extends AttentionTiles {
    Vectors(boolean half, int padded) {
      super(half, padded);
    }

    @Override
    void scores(long queries, int count, long addresses, int blocks, long scores, long stride) {
      for (int i = 0; i < count; i++) {
        long to = scores + stride * i;
        if (half) {
          RowPaged.scoresHalf(queries + 2L * padded * i, addresses, blocks, padded, to);
        } else {
          RowPaged.scores(queries + 4L * padded * i, addresses, blocks, padded, to);
        }
      }
    }

    @Override
    void mix(long shares, long stride, int count, long addresses, long offset, int blocks, long y) {
      for (int i = 0; i < count; i++) {
        long own = shares + stride * i;
        long to = y + 4L * padded * i;
        if (half) {
          RowPaged.mixHalf(own, addresses, blocks, offset, padded, to);
        } else {
          RowPaged.mix(own, addresses, blocks, offset, padded, to);
        }
      }
    }
  }
}
