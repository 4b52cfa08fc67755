package dev.slipway.tensor.kernel.infer;

import static dev.slipway.tensor.machine.MachineCode.call;

import dev.slipway.tensor.kernel.Lanes;
import dev.slipway.tensor.kernel.Row;
import dev.slipway.tensor.kernel.RowActivation;
import dev.slipway.tensor.kernel.RowHeads;
import dev.slipway.tensor.kernel.RowNorm;
import dev.slipway.tensor.machine.MachineCode;
import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Loops over a row for answering, by machine code or by the Vector API, with the same bits. Machine
 * code is fast from its first run on, while the first answer of a service comes before loops of the
 * Vector API are compiled: a thousand times slower. Counts are of whole vectors of {@value #LANES}.
 */
abstract class RowTiles {
  static final int LANES = 16;

  /** Scratch that a call needs, in floats. */
  static final int SCRATCH = 3 * LANES;

  /** {@code x += more}. */
  abstract void accumulate(long x, long more, int count);

  /** Sum of x². */
  abstract float squares(long x, int count, long scratch);

  /** {@code y = x factor w}. */
  abstract void rms(long x, float factor, long w, long y, int count, long scratch);

  /** {@code y = x factor}; both may be the same. */
  abstract void scale(long x, float factor, long y, int count, long scratch);

  /** float32 to bfloat16; may write behind what it reads. */
  abstract void narrow(long x, long y, int count);

  /** {@code y = x} of bfloat16, writing no more than {@code count} values. */
  abstract void widen(long x, long y, int count);

  /** As {@link RowPaged#softmax}. */
  abstract float softmax(long scores, int from, int to, int count, long scratch);

  /** As above; the scores' first half is bfloat16 then, and the second one anything. */
  abstract float softmaxHalf(long scores, int from, int to, int count, long scratch);

  /** The largest magnitude. */
  abstract float magnitude(long x, int count, long scratch);

  /** As {@link RowBytes#split}. */
  abstract void split(long x, float factor, int count, long y, long scratch);

  /** As {@link RowBytes#weigh}. */
  abstract float weigh(long x, long addresses, long offset, int count, long scratch);

  /** {@code y = silu(gate) up}. */
  abstract void swiGlu(long gate, long up, long y, int count);

  /**
   * Turns heads that follow each other, and multiplies them by a factor.
   *
   * @param half of a head's width, any number
   */
  abstract void rotate(
      long x, long cosines, long sines, int half, int heads, float factor, long scratch);

  /**
   * A position's keys and values in bfloat16, head by head, to a block of {@link PagedAttention}.
   *
   * @param block the first head's keys, its values and so on
   * @param place of the position in the block
   * @param dims of a head
   * @param padded dimensions that a value has room for
   */
  abstract void storeHalves(
      long keys, long values, long block, int place, int heads, int dims, int padded);

  private static final class Chosen {
    static final RowTiles TILES = choose();

    private static RowTiles choose() {
      RowTiles machine = machine();
      return machine == null ? new Vectors() : machine;
    }
  }

  /** What this machine computes by. */
  static RowTiles common() {
    return Chosen.TILES;
  }

  /** By the Vector API. */
  static RowTiles vectors() {
    return new Vectors();
  }

  /** By machine code; null where there is none for this machine. */
  static @Nullable RowTiles machine() {
    // Sums have a lane for each of a vector's values: the Vector API must have as many.
    if (Lanes.WIDTH != LANES || !MachineCode.has("avx512f", "avx512bw", "avx512dq")) {
      return null;
    }
    byte[][] codes = {
      RowCode.accumulate(),
      RowCode.squares(),
      RowCode.rms(),
      RowCode.scale(),
      RowCode.narrow(),
      RowCode.softmax(false),
      RowCode.softmax(true),
      RowCode.swiGlu(),
      RowCode.magnitude(),
      RowCode.split(),
      RowCode.weigh(),
      RowCode.widen()
    };
    MethodHandle[] handles = new MethodHandle[codes.length];
    for (int i = 0; i < codes.length; i++) {
      MethodHandle handle = MachineCode.map(codes[i], Linker.Option.critical(false));
      if (handle == null) {
        return null;
      }
      handles[i] = handle;
    }
    return new Machine(handles);
  }

  private static final class Machine extends RowTiles {
    private final MethodHandle accumulate;
    private final MethodHandle squares;
    private final MethodHandle rms;
    private final MethodHandle scale;
    private final MethodHandle narrow;
    private final MethodHandle softmax;
    private final MethodHandle softmaxHalf;
    private final MethodHandle swiGlu;
    private final MethodHandle magnitude;
    private final MethodHandle split;
    private final MethodHandle weigh;
    private final MethodHandle widen;
    private final ConcurrentHashMap<Integer, MethodHandle> rotations = new ConcurrentHashMap<>();

    /** By dimensions, and one for an odd place. */
    private final ConcurrentHashMap<Integer, MethodHandle> stores = new ConcurrentHashMap<>();

    private final RowTiles others = new Vectors();
    private final long constants;

    /** Of pairs of a key. */
    private final long distances;

    Machine(MethodHandle[] handles) {
      accumulate = handles[0];
      squares = handles[1];
      rms = handles[2];
      scale = handles[3];
      narrow = handles[4];
      softmax = handles[5];
      softmaxHalf = handles[6];
      swiGlu = handles[7];
      magnitude = handles[8];
      split = handles[9];
      weigh = handles[10];
      widen = handles[11];
      constants = Arena.global().allocate(4L * RowCode.CONSTANTS.length, 64).address();
      for (int i = 0; i < RowCode.CONSTANTS.length; i++) {
        int bits = Float.floatToRawIntBits(RowCode.CONSTANTS[i]);
        Lanes.MEMORY.set(ValueLayout.JAVA_INT, constants + 4L * i, bits);
      }
      distances = Arena.global().allocate(4L * LANES, 64).address();
      for (int i = 0; i < LANES; i++) {
        int distance = 4 * PagedAttention.BLOCK * i;
        Lanes.MEMORY.set(ValueLayout.JAVA_INT, distances + 4L * i, distance);
      }
    }

    @Override
    void accumulate(long x, long more, int count) {
      call(accumulate, x, more, 0, count / LANES, 0, 0);
    }

    @Override
    float squares(long x, int count, long scratch) {
      call(squares, x, 0, 0, count / LANES, scratch, 0);
      return sum(scratch);
    }

    /** In the order of {@link Lanes#sum}. */
    private static float sum(long scratch) {
      for (int half = LANES / 2; half > 0; half /= 2) {
        for (int i = 0; i < half; i++) {
          Lanes.set(scratch, i, Lanes.get(scratch, i) + Lanes.get(scratch, i + half));
        }
      }
      return Lanes.get(scratch, 0);
    }

    @Override
    void rms(long x, float factor, long w, long y, int count, long scratch) {
      Lanes.set(scratch, 0, factor);
      call(rms, x, w, scratch, count / LANES, y, 0);
    }

    @Override
    void scale(long x, float factor, long y, int count, long scratch) {
      Lanes.set(scratch, 0, factor);
      call(scale, x, 0, scratch, count / LANES, y, 0);
    }

    @Override
    void narrow(long x, long y, int count) {
      call(narrow, x, 0, 0, count / LANES, y, constants);
    }

    @Override
    void widen(long x, long y, int count) {
      if (count < LANES || count % LANES != 0) {
        others.widen(x, y, count);
      } else {
        call(widen, x, 0, 0, count / LANES, y, 0);
      }
    }

    @Override
    float softmax(long scores, int from, int to, int count, long scratch) {
      return softmax(softmax, scores, from, to, count, scratch);
    }

    @Override
    float softmaxHalf(long scores, int from, int to, int count, long scratch) {
      return softmax(softmaxHalf, scores, from, to, count, scratch);
    }

    private float softmax(
        MethodHandle code, long scores, int from, int to, int count, long scratch) {
      RowPaged.hide(scores, from, to, count);
      call(code, scores, 0, 0, count / LANES, scratch, constants);
      return Lanes.get(scratch, 0);
    }

    private static float larger(long lanes) {
      float max = Lanes.get(lanes, 0);
      for (int i = 1; i < LANES; i++) {
        max = Math.max(max, Lanes.get(lanes, i));
      }
      return max;
    }

    @Override
    float magnitude(long x, int count, long scratch) {
      call(magnitude, x, 0, 0, count / LANES, scratch, 0);
      return larger(scratch);
    }

    @Override
    void split(long x, float factor, int count, long y, long scratch) {
      long sums = scratch + 4 * LANES;
      Lanes.set(scratch, 0, factor);
      Lanes.set(scratch, 1, RowBytes.ROUND);
      Lanes.MEMORY.set(ValueLayout.JAVA_INT, scratch + 8, -Float.floatToRawIntBits(RowBytes.ROUND));
      Lanes.MEMORY.set(ValueLayout.JAVA_INT, scratch + 12, 128);
      call(split, x, 0, scratch, count / LANES, y + RowBytes.HEADER, sums);
      RowBytes.begin(y, ints(sums), ints(sums + 4 * LANES));
    }

    private static int ints(long lanes) {
      int sum = 0;
      for (int i = 0; i < LANES; i++) {
        sum += Lanes.MEMORY.get(ValueLayout.JAVA_INT, lanes + 4L * i);
      }
      return sum;
    }

    @Override
    float weigh(long x, long addresses, long offset, int count, long scratch) {
      call(weigh, x, addresses, offset, count / LANES, scratch, 0);
      return larger(scratch);
    }

    @Override
    void swiGlu(long gate, long up, long y, int count) {
      call(swiGlu, gate, up, 0, count / LANES, y, constants);
    }

    @Override
    void rotate(long x, long cosines, long sines, int half, int heads, float factor, long scratch) {
      if (half % LANES != 0) {
        others.rotate(x, cosines, sines, half, heads, factor, scratch);
        return;
      }
      MethodHandle code = rotations.get(half);
      if (code == null) {
        code =
            Objects.requireNonNull(
                MachineCode.map(RowCode.rotate(half / LANES), Linker.Option.critical(false)));
        rotations.put(half, code);
      }
      Lanes.set(scratch, 0, factor);
      call(code, x, cosines, sines, heads, scratch, 0);
    }

    @Override
    void storeHalves(
        long keys, long values, long block, int place, int heads, int dims, int padded) {
      if (dims % (2 * LANES) != 0) {
        others.storeHalves(keys, values, block, place, heads, dims, padded);
        return;
      }
      MethodHandle code = stores.get(2 * dims + place % 2);
      if (code == null) {
        code =
            Objects.requireNonNull(
                MachineCode.map(
                    RowCode.storeHalves(dims, place % 2 == 1), Linker.Option.critical(false)));
        stores.put(2 * dims + place % 2, code);
      }
      long to = block + 2L * PagedAttention.BLOCK * dims + 4L * (place / 2) * dims;
      call(code, keys, values, block + 4L * place, heads, to, distances);
    }
  }

  private static final class Vectors extends RowTiles {
    @Override
    void accumulate(long x, long more, int count) {
      Row.accumulate(more, x, count);
    }

    @Override
    float squares(long x, int count, long scratch) {
      return Row.dot(x, x, count, scratch);
    }

    @Override
    void rms(long x, float factor, long w, long y, int count, long scratch) {
      RowNorm.rms(x, factor, w, y, count);
    }

    @Override
    void scale(long x, float factor, long y, int count, long scratch) {
      Row.scale(x, factor, y, count);
    }

    @Override
    void narrow(long x, long y, int count) {
      Row.narrow(x, y, count);
    }

    @Override
    void widen(long x, long y, int count) {
      Row.widenExact(x, y, count);
    }

    @Override
    float softmax(long scores, int from, int to, int count, long scratch) {
      return RowPaged.softmax(scores, from, to, count, scratch);
    }

    @Override
    float softmaxHalf(long scores, int from, int to, int count, long scratch) {
      float sum = RowPaged.softmax(scores, from, to, count, scratch);
      Row.narrow(scores, scores, count);
      return sum;
    }

    @Override
    float magnitude(long x, int count, long scratch) {
      return RowPanel.largest(x, scratch, count);
    }

    @Override
    void split(long x, float factor, int count, long y, long scratch) {
      RowBytes.split(x, factor, count, y);
    }

    @Override
    float weigh(long x, long addresses, long offset, int count, long scratch) {
      return RowBytes.weigh(x, addresses, offset, count);
    }

    @Override
    void swiGlu(long gate, long up, long y, int count) {
      RowActivation.swiGlu(gate, up, y, count);
    }

    @Override
    void rotate(long x, long cosines, long sines, int half, int heads, float factor, long scratch) {
      for (int head = 0; head < heads; head++) {
        long at = x + 8L * half * head;
        RowHeads.rotate(at, cosines, sines, 1, half);
        RowHeads.scale(at, factor, 2 * half);
      }
    }

    @Override
    void storeHalves(
        long keys, long values, long block, int place, int heads, int dims, int padded) {
      long headBytes = 2L * PagedAttention.BLOCK * padded;
      for (int head = 0; head < heads; head++) {
        long to = block + 2 * headBytes * head;
        long from = 2L * head * dims;
        RowPaged.storeKeyHalf(keys + from, to, place, dims);
        RowPaged.storeValueHalf(values + from, to + headBytes, place, dims, padded);
      }
    }
  }
}
