package dev.slipway.tensor.kernel.optim;

import dev.slipway.tensor.kernel.Buffer;
import dev.slipway.tensor.kernel.Lanes;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * 8-bit numbers with a dynamic exponent (Dettmers 2015; Dettmers et al. 2022, "8-bit optimizers",
 * §2.2), as bitsandbytes has them: blocks of 256 values share a scale, their largest magnitude; a
 * value is the nearest of 256 by its block's scale, the lower one of two that are as near.
 */
public final class DynamicBytes {
  /** Values that share a scale. */
  public static final int BLOCK = 256;

  private static final int EXPONENTS = 7;
  private static final float[] VALUES = table();

  private DynamicBytes() {}

  /** For each exponent the middles of equal parts of (0.1, 1), twice as many each time. */
  private static float[] table() {
    float[] values = new float[256];
    int count = 0;
    for (int exponent = 0; exponent < EXPONENTS; exponent++) {
      float factor = (float) Math.pow(10, exponent - (EXPONENTS - 1));
      int parts = 1 << exponent;
      for (int i = 0; i < parts; i++) {
        float middle = (boundary(i, parts) + boundary(i + 1, parts)) / 2;
        values[count++] = middle * factor;
        values[count++] = middle * -factor;
      }
    }
    values[count++] = 0;
    values[count] = 1;
    Arrays.sort(values);
    return values;
  }

  /** As torch.linspace counts from both ends. */
  private static float boundary(int index, int parts) {
    float step = (1f - 0.1f) / parts;
    return index < (parts + 1) / 2
        ? Math.fma(step, index, 0.1f)
        : Math.fma(-step, parts - index, 1f);
  }

  /** The 256 values, smallest first. */
  public static float[] values() {
    return VALUES.clone();
  }

  /** Blocks of {@code count} values, the last one possibly shorter. */
  public static long blocks(long count) {
    return (count + BLOCK - 1) / BLOCK;
  }

  /**
   * Codes and scales of values.
   *
   * @param values float32
   * @param codes room for a byte a value
   * @param scales float32, room for {@link #blocks}
   */
  public static void quantize(Buffer values, MemorySegment codes, Buffer scales, long count) {
    long from = values.floats(count);
    long to = bytes(codes, count);
    long scale = scales.floats(blocks(count));
    for (long block = 0; block < blocks(count); block++) {
      long start = block * BLOCK;
      long end = Math.min(start + BLOCK, count);
      float largest = 0;
      for (long i = start; i < end; i++) {
        largest = Math.max(largest, Math.abs(Lanes.get(from, i)));
      }
      float reciprocal = 1 / largest;
      for (long i = start; i < end; i++) {
        float scaled = largest == 0 ? 0 : Math.clamp(Lanes.get(from, i) * reciprocal, -1, 1);
        Lanes.MEMORY.set(ValueLayout.JAVA_BYTE, to + i, (byte) nearest(scaled));
      }
      Lanes.set(scale, block, largest);
    }
  }

  /** {@code value · scale + offset} of each code, to float32. */
  public static void dequantize(
      MemorySegment codes, Buffer scales, float offset, Buffer values, long count) {
    long from = bytes(codes, count);
    long scale = scales.floats(blocks(count));
    long to = values.floats(count);
    for (long i = 0; i < count; i++) {
      int code = Lanes.MEMORY.get(ValueLayout.JAVA_BYTE, from + i) & 0xFF;
      Lanes.set(to, i, VALUES[code] * Lanes.get(scale, i / BLOCK) + offset);
    }
  }

  private static long bytes(MemorySegment codes, long count) {
    if (!codes.isNative() || codes.byteSize() < count) {
      throw new IllegalArgumentException(
          "codes of " + count + " values need as many native bytes, came " + codes);
    }
    return codes.address();
  }

  private static int nearest(float scaled) {
    int at = Arrays.binarySearch(VALUES, scaled);
    if (at >= 0) {
      return at;
    }
    int above = -at - 1;
    if (above == 0) {
      return 0;
    }
    if (above == VALUES.length) {
      return VALUES.length - 1;
    }
    return VALUES[above] - scaled < scaled - VALUES[above - 1] ? above : above - 1;
  }
}
