package dev.slipway.tensor.kernel;

import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/**
 * One query over blocks of keys and values, by machine code or by the Vector API, with the same
 * bits.
 */
abstract class AttentionTiles {
  /** Positions of a block, and dimensions that are computed together. */
  static final int LANES = PagedAttention.BLOCK;

  /**
   * Products of a query and the keys of blocks, whose addresses come.
   *
   * @param query in the type of the keys, {@code padded} values
   */
  abstract void scores(long query, long addresses, int padded, int blocks, long scores);

  /**
   * {@code y = Σ share v}.
   *
   * @param shares in the type of the values
   * @param offset of values in a block
   */
  abstract void mix(long shares, long addresses, long offset, int blocks, int padded, long y);

  private static final class Chosen {
    static final AttentionTiles FLOATS = choose(false);
    static final AttentionTiles HALVES = choose(true);

    private static AttentionTiles choose(boolean half) {
      AttentionTiles machine = machine(half);
      return machine == null ? vectors(half) : machine;
    }
  }

  /** What this machine computes a type by. */
  static AttentionTiles of(boolean half) {
    return half ? Chosen.HALVES : Chosen.FLOATS;
  }

  /** By the Vector API. */
  static AttentionTiles vectors(boolean half) {
    return new Vectors(half);
  }

  /** By machine code; null where there is none for this machine. */
  static @Nullable AttentionTiles machine(boolean half) {
    if (!MachineCode.has("avx512f") || (half && !MachineCode.has("avx512_bf16"))) {
      return null;
    }
    Assembler.Op multiply = half ? Assembler.Op.DOT_BFLOAT16 : Assembler.Op.FMA;
    MethodHandle scores = MachineCode.map(AttentionCode.scores(multiply));
    MethodHandle[] mixes = new MethodHandle[AttentionCode.VECTORS + 1];
    for (int vectors = 1; vectors < mixes.length; vectors++) {
      byte[] code = AttentionCode.mix(multiply, half ? LANES / 2 : LANES, vectors);
      MethodHandle mix = MachineCode.map(code);
      if (mix == null) {
        return null;
      }
      mixes[vectors] = mix;
    }
    return scores == null ? null : new Machine(half, scores, mixes);
  }

  private static final class Machine extends AttentionTiles {
    private final boolean half;
    private final MethodHandle scores;

    /** By their vectors of dimensions. */
    private final MethodHandle[] mixes;

    Machine(boolean half, MethodHandle scores, MethodHandle[] mixes) {
      this.half = half;
      this.scores = scores;
      this.mixes = mixes;
    }

    @Override
    void scores(long query, long addresses, int padded, int blocks, long to) {
      long rounds = (half ? padded / 2 : padded) / AttentionCode.SUMS;
      call(scores, query, addresses, rounds, blocks, to, 0);
    }

    @Override
    void mix(long shares, long addresses, long offset, int blocks, int padded, long y) {
      int all = padded / LANES;
      for (int from = 0; from < all; from += AttentionCode.VECTORS) {
        MethodHandle mix = mixes[Math.min(AttentionCode.VECTORS, all - from)];
        long at = 4L * LANES * from;
        call(mix, shares, addresses, offset + at, blocks, y + at, 4L * padded);
      }
    }

    private static void call(MethodHandle code, long a, long b, long c, long d, long e, long f) {
      try {
        code.invokeExact(a, b, c, d, e, f);
      } catch (RuntimeException | Error thrown) {
        throw thrown;
      } catch (Throwable thrown) {
        throw new IllegalStateException("attention failed", thrown);
      }
    }
  }

  private static final class Vectors extends AttentionTiles {
    private final boolean half;

    Vectors(boolean half) {
      this.half = half;
    }

    @Override
    void scores(long query, long addresses, int padded, int blocks, long scores) {
      if (half) {
        RowPaged.scoresHalf(query, addresses, blocks, padded, scores);
      } else {
        RowPaged.scores(query, addresses, blocks, padded, scores);
      }
    }

    @Override
    void mix(long shares, long addresses, long offset, int blocks, int padded, long y) {
      if (half) {
        RowPaged.mixHalf(shares, addresses, blocks, offset, padded, y);
      } else {
        RowPaged.mix(shares, addresses, blocks, offset, padded, y);
      }
    }
  }
}
