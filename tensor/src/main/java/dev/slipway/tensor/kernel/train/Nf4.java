package dev.slipway.tensor.kernel.train;

import dev.slipway.tensor.kernel.Buffer;
import dev.slipway.tensor.kernel.Lanes;
import dev.slipway.tensor.kernel.Team;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * 4-bit NormalFloat (Dettmers et al. 2023, "QLoRA", §3), bit for bit as bitsandbytes packs it:
 * blocks of 64 values share a scale, their largest magnitude; a value is the nearest of 16
 * quantiles of the normal distribution by its block's scale; two values share a byte, the first one
 * in its upper half.
 */
public final class Nf4 {
  /** Values that share a scale. */
  public static final int BLOCK = 64;

  private static final float[] VALUES = {
    -1.0f,
    -0.6961928009986877f,
    -0.5250730514526367f,
    -0.39491748809814453f,
    -0.28444138169288635f,
    -0.18477343022823334f,
    -0.09105003625154495f,
    0.0f,
    0.07958029955625534f,
    0.16093020141124725f,
    0.24611230194568634f,
    0.33791524171829224f,
    0.44070982933044434f,
    0.5626170039176941f,
    0.7229568362236023f,
    1.0f
  };

  /** Between neighbours; what lies on one belongs to the lower value. */
  private static final float[] MIDPOINTS = midpoints();

  /** Both values of a byte, as the eight bytes that they are in memory. */
  private static final long[] PAIRS = pairs();

  private static final float SMALLEST_SCALE = 1e-38f;

  /** Blocks in a slice of work. */
  private static final int SLICE = 1 << 10;

  private Nf4() {}

  private static float[] midpoints() {
    float[] midpoints = new float[VALUES.length - 1];
    for (int i = 0; i < midpoints.length; i++) {
      midpoints[i] = (VALUES[i] + VALUES[i + 1]) / 2;
    }
    return midpoints;
  }

  private static long[] pairs() {
    boolean little = Lanes.ORDER == ByteOrder.LITTLE_ENDIAN;
    long[] pairs = new long[256];
    for (int i = 0; i < 256; i++) {
      long first = Float.floatToRawIntBits(VALUES[i >>> 4]) & 0xFFFFFFFFL;
      long second = Float.floatToRawIntBits(VALUES[i & 15]) & 0xFFFFFFFFL;
      pairs[i] = little ? second << 32 | first : first << 32 | second;
    }
    return pairs;
  }

  /** The 16 values, smallest first. */
  public static float[] values() {
    return VALUES.clone();
  }

  /** Bytes that codes of {@code count} values take. */
  public static long bytes(long count) {
    return (count + 1) / 2;
  }

  /** Blocks of {@code count} values, the last one possibly shorter. */
  public static long blocks(long count) {
    return (count + BLOCK - 1) / BLOCK;
  }

  /**
   * Codes and scales of values.
   *
   * @param values float32 or bfloat16
   * @param codes room for {@link #bytes} bytes
   * @param scales float32, room for {@link #blocks}
   */
  public static void quantize(Buffer values, MemorySegment codes, Buffer scales, long count) {
    long from = values.address(count);
    long to = bytes(codes, count);
    long scale = scales.floats(blocks(count));
    boolean half = values.half();
    run(
        count,
        (block, length) ->
            Lanes.set(
                scale, block, block(from, half, block * BLOCK, length, to + block * (BLOCK / 2))));
  }

  /**
   * Values of codes.
   *
   * @param codes of {@code count} values
   * @param scales float32, of each block
   * @param values float32 or bfloat16, room for {@code count}
   */
  public static void dequantize(MemorySegment codes, Buffer scales, Buffer values, long count) {
    long from = bytes(codes, count);
    long scale = scales.floats(blocks(count));
    long to = values.address(count);
    boolean half = values.half();
    Team.common()
        .run(
            slices(count),
            (slice, worker) -> {
              long scratch = worker.scratch(BLOCK);
              long last = Math.min((slice + 1L) * SLICE, blocks(count));
              for (long block = (long) slice * SLICE; block < last; block++) {
                int length = (int) Math.min(BLOCK, count - block * BLOCK);
                RowNf4.unpack(from + block * (BLOCK / 2), scratch, length, PAIRS);
                float factor = Lanes.get(scale, block);
                if (half) {
                  RowNf4.scaleHalf(scratch, factor, to + 2 * block * BLOCK, length);
                } else {
                  RowNf4.scaleExact(scratch, factor, to + 4 * block * BLOCK, length);
                }
              }
            });
  }

  private static long bytes(MemorySegment codes, long count) {
    if (!codes.isNative() || codes.byteSize() < bytes(count)) {
      throw new IllegalArgumentException(
          "codes of " + count + " values need " + bytes(count) + " native bytes, came " + codes);
    }
    return codes.address();
  }

  @FunctionalInterface
  private interface BlockWork {
    void run(long block, int length);
  }

  private static int slices(long count) {
    return Math.toIntExact((blocks(count) + SLICE - 1) / SLICE);
  }

  private static void run(long count, BlockWork work) {
    Team.common()
        .run(
            slices(count),
            (slice, worker) -> {
              long last = Math.min((slice + 1L) * SLICE, blocks(count));
              for (long block = (long) slice * SLICE; block < last; block++) {
                work.run(block, (int) Math.min(BLOCK, count - block * BLOCK));
              }
            });
  }

  /** Packs one block and gives its scale. */
  private static float block(long values, boolean half, long start, int length, long codes) {
    float scale = 0;
    for (int i = 0; i < length; i++) {
      scale = Math.max(scale, Math.abs(get(values, half, start + i)));
    }
    boolean whole = length == BLOCK;
    float bounded = Math.max(scale, SMALLEST_SCALE);
    float reciprocal = 1 / bounded;
    for (int i = 0; i < length; i += 2) {
      int high = code(scaled(get(values, half, start + i), bounded, reciprocal, whole));
      float second = i + 1 < length ? get(values, half, start + i + 1) : 0;
      int low = code(scaled(second, bounded, reciprocal, whole));
      Lanes.MEMORY.set(ValueLayout.JAVA_BYTE, codes + i / 2, (byte) (high << 4 | low));
    }
    return whole ? scale : bounded;
  }

  /** bitsandbytes divides in a last, shorter block, and multiplies in all others. */
  private static float scaled(float value, float scale, float reciprocal, boolean whole) {
    float scaled = whole ? value * reciprocal : value / scale;
    return Math.clamp(scaled, -1, 1);
  }

  private static float get(long address, boolean half, long index) {
    return half ? Lanes.getHalf(address, index) : Lanes.get(address, index);
  }

  /** How many midpoints lie below. */
  private static int code(float scaled) {
    int code = scaled > MIDPOINTS[7] ? 8 : 0;
    code += scaled > MIDPOINTS[code + 3] ? 4 : 0;
    code += scaled > MIDPOINTS[code + 1] ? 2 : 0;
    return code + (scaled > MIDPOINTS[code] ? 1 : 0);
  }
}
