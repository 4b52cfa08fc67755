package dev.slipway.weights.gguf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Float32 to what ggml stores, by its reference routines ({@code quantize_row_*_ref} in
 * ggml-quants.c): the same operations in the same order, so that without fused multiply-adds the
 * bytes are the same.
 */
final class Quantization {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** Below this a group of values counts as zeros. */
  private static final float GROUP_MAX_EPS = 1e-15f;

  private Quantization() {}

  /** Whether values can be stored so. */
  static boolean covers(GgmlType type) {
    return switch (type) {
      case F32, F16, BF16, Q5_0, Q8_0, Q4_K, Q6_K -> true;
      case Q4_0, Q4_1, Q5_1, Q5_K -> false;
    };
  }

  /** The blocks of values, whose number is a multiple of a block's; on all processors. */
  static byte[] toBlocks(GgmlType type, float[] values) {
    int size = type.blockValues();
    byte[] bytes = new byte[Math.multiplyExact(values.length / size, type.blockBytes())];
    int slice = 64 * 256; // whole blocks of every type
    IntStream.range(0, (values.length + slice - 1) / slice)
        .parallel()
        .forEach(
            i -> {
              int to = Math.min(values.length, (i + 1) * slice);
              for (int at = i * slice; at < to; at += size) {
                block(type, values, at, bytes, at / size * type.blockBytes());
              }
            });
    return bytes;
  }

  private static void block(GgmlType type, float[] x, int at, byte[] out, int to) {
    MemorySegment bytes = MemorySegment.ofArray(out);
    switch (type) {
      case F32 -> bytes.set(FLOAT, to, x[at]);
      case F16 -> half(bytes, to, x[at]);
      case BF16 -> bytes.set(SHORT, to, bfloat16(x[at]));
      case Q5_0 -> q5(x, at, bytes, to);
      case Q8_0 -> q8(x, at, bytes, to);
      case Q4_K -> q4k(x, at, bytes, to);
      case Q6_K -> q6k(x, at, bytes, to);
      case Q4_0, Q4_1, Q5_1, Q5_K ->
          throw new IllegalArgumentException("there is no code to write " + type);
    }
  }

  /** Stores a half, and gives what it holds. */
  private static float half(MemorySegment out, int to, float value) {
    short half = Float.floatToFloat16(value);
    out.set(SHORT, to, half);
    return Float.float16ToFloat(half);
  }

  private static short bfloat16(float value) {
    int bits = Float.floatToIntBits(value);
    return (short) (bits + (0x7fff + (bits >> 16 & 1)) >> 16);
  }

  private static void q8(float[] x, int at, MemorySegment out, int to) {
    float largest = 0;
    for (int i = 0; i < 32; i++) {
      largest = Math.max(largest, Math.abs(x[at + i]));
    }
    float d = largest / 127;
    float inverse = d != 0 ? 1 / d : 0;
    half(out, to, d);
    for (int i = 0; i < 32; i++) {
      float scaled = x[at + i] * inverse;
      int rounded = (int) Math.floor(Math.abs((double) scaled) + 0.5); // halves away from zero
      out.set(ValueLayout.JAVA_BYTE, to + 2 + i, (byte) (scaled < 0 ? -rounded : rounded));
    }
  }

  private static void q5(float[] x, int at, MemorySegment out, int to) {
    float largest = 0;
    float signed = 0;
    for (int i = 0; i < 32; i++) {
      if (largest < Math.abs(x[at + i])) {
        largest = Math.abs(x[at + i]);
        signed = x[at + i];
      }
    }
    float d = signed / -16;
    float inverse = d != 0 ? 1 / d : 0;
    half(out, to, d);
    int high = 0;
    for (int i = 0; i < 16; i++) {
      int low = Math.min(31, (int) (x[at + i] * inverse + 16.5f));
      int upper = Math.min(31, (int) (x[at + 16 + i] * inverse + 16.5f));
      out.set(ValueLayout.JAVA_BYTE, to + 6 + i, (byte) (low & 0xf | (upper & 0xf) << 4));
      high |= low >> 4 << i | upper >> 4 << i + 16;
    }
    for (int i = 0; i < 4; i++) {
      out.set(ValueLayout.JAVA_BYTE, to + 2 + i, (byte) (high >> 8 * i));
    }
  }

  private static int nearest(float value) {
    return (int) Math.rint(value);
  }

  /** What a group's values come to: {@code x ≈ scale l + min}. */
  private static final class Fit {
    private final int[] l = new int[32];
    private final int[] tried = new int[32];
    private final float[] weights = new float[32];
    private float scale;
    private float min;
  }

  /** {@code make_qkx2_quants} over 32 values with levels from 0 to {@code most}. */
  private static void fit(float[] x, int at, int most, Fit fit) {
    float squares = 0;
    for (int i = 0; i < 32; i++) {
      squares += x[at + i] * x[at + i];
    }
    float usual = (float) Math.sqrt(squares / 32);
    float[] weights = fit.weights;
    for (int i = 0; i < 32; i++) {
      weights[i] = usual + Math.abs(x[at + i]);
    }
    float min = x[at];
    float max = x[at];
    float sumW = weights[0];
    float sumX = sumW * x[at];
    for (int i = 1; i < 32; i++) {
      min = Math.min(min, x[at + i]);
      max = Math.max(max, x[at + i]);
      sumW += weights[i];
      sumX += weights[i] * x[at + i];
    }
    min = Math.min(min, 0);
    if (max == min) {
      Arrays.fill(fit.l, 0);
      fit.scale = 0;
      fit.min = -min;
      return;
    }
    float inverse = most / (max - min);
    float scale = 1 / inverse;
    float best = 0;
    for (int i = 0; i < 32; i++) {
      int l = Math.clamp(nearest(inverse * (x[at + i] - min)), 0, most);
      fit.l[i] = l;
      float difference = scale * l + min - x[at + i];
      best += weights[i] * (difference * difference);
    }
    for (int step = 0; step <= 20; step++) {
      inverse = (-1f + 0.1f * step + most) / (max - min);
      float sumL = 0;
      float sumLl = 0;
      float sumXl = 0;
      for (int i = 0; i < 32; i++) {
        int l = Math.clamp(nearest(inverse * (x[at + i] - min)), 0, most);
        fit.tried[i] = l;
        sumL += weights[i] * l;
        sumLl += weights[i] * l * l;
        sumXl += weights[i] * l * x[at + i];
      }
      float determinant = sumW * sumLl - sumL * sumL;
      if (determinant > 0) {
        float thisScale = (sumW * sumXl - sumX * sumL) / determinant;
        float thisMin = (sumLl * sumX - sumL * sumXl) / determinant;
        if (thisMin > 0) {
          thisMin = 0;
          thisScale = sumXl / sumLl;
        }
        float error = 0;
        for (int i = 0; i < 32; i++) {
          float difference = thisScale * fit.tried[i] + thisMin - x[at + i];
          error += weights[i] * (difference * difference);
        }
        if (error < best) {
          System.arraycopy(fit.tried, 0, fit.l, 0, 32);
          best = error;
          scale = thisScale;
          min = thisMin;
        }
      }
    }
    fit.scale = scale;
    fit.min = -min;
  }

  private static void q4k(float[] x, int at, MemorySegment out, int to) {
    int[] levels = new int[256];
    float[] scales = new float[8];
    float[] mins = new float[8];
    float maxScale = 0;
    float maxMin = 0;
    Fit fit = new Fit();
    for (int group = 0; group < 8; group++) {
      fit(x, at + 32 * group, 15, fit);
      System.arraycopy(fit.l, 0, levels, 32 * group, 32);
      scales[group] = fit.scale;
      mins[group] = fit.min;
      maxScale = Math.max(maxScale, fit.scale);
      maxMin = Math.max(maxMin, fit.min);
    }
    float inverseScale = maxScale > 0 ? 63 / maxScale : 0;
    float inverseMin = maxMin > 0 ? 63 / maxMin : 0;
    byte[] packed = new byte[12];
    for (int group = 0; group < 8; group++) {
      int scale = Math.min(63, nearest(inverseScale * scales[group]) & 0xff);
      int min = Math.min(63, nearest(inverseMin * mins[group]) & 0xff);
      if (group < 4) {
        packed[group] = (byte) scale;
        packed[group + 4] = (byte) min;
      } else {
        packed[group + 4] = (byte) (scale & 0xf | (min & 0xf) << 4);
        packed[group - 4] |= (byte) (scale >> 4 << 6);
        packed[group] |= (byte) (min >> 4 << 6);
      }
    }
    float d = half(out, to, maxScale / 63);
    float least = half(out, to + 2, maxMin / 63);
    MemorySegment.copy(packed, 0, out, ValueLayout.JAVA_BYTE, to + 4, 12);
    for (int group = 0; group < 8; group++) {
      float scale = d * Dequantization.scale(packed, 0, group);
      if (scale != 0) {
        float min = least * Dequantization.min(packed, 0, group);
        for (int i = 32 * group; i < 32 * group + 32; i++) {
          levels[i] = Math.clamp(nearest((x[at + i] + min) / scale), 0, 15);
        }
      }
    }
    for (int pair = 0; pair < 4; pair++) {
      for (int i = 0; i < 32; i++) {
        int low = levels[64 * pair + i];
        int high = levels[64 * pair + 32 + i];
        out.set(ValueLayout.JAVA_BYTE, to + 16 + 32 * pair + i, (byte) (low | high << 4));
      }
    }
  }

  /** {@code make_qx_quants} over 16 values with 64 levels, weighing by squares. */
  private static float symmetricScale(float[] x, int at, int[] levels, int group) {
    float signed = 0;
    float largest = 0;
    for (int i = 0; i < 16; i++) {
      if (Math.abs(x[at + i]) > largest) {
        largest = Math.abs(x[at + i]);
        signed = x[at + i];
      }
    }
    if (largest < GROUP_MAX_EPS) {
      return 0;
    }
    float scale = 0;
    float best = 0;
    for (int step = -10; step <= 9; step++) {
      // The first is the plain one, those that follow try scales around it.
      int is = step == -10 ? 0 : step;
      if (step == 0) {
        continue;
      }
      float inverse = -(32 + 0.1f * is) / signed;
      float sumLx = 0;
      float sumLl = 0;
      for (int i = 0; i < 16; i++) {
        int l = Math.clamp(nearest(inverse * x[at + i]), -32, 31);
        float weight = x[at + i] * x[at + i];
        sumLx += weight * x[at + i] * l;
        sumLl += weight * l * l;
      }
      boolean plain = step == -10;
      if (plain || sumLl > 0 && sumLx * sumLx > best * sumLl) {
        for (int i = 0; i < 16; i++) {
          levels[group * 16 + i] = 32 + Math.clamp(nearest(inverse * x[at + i]), -32, 31);
        }
        scale = sumLl != 0 ? sumLx / sumLl : 0;
        best = scale * sumLx;
      }
    }
    return scale;
  }

  private static void q6k(float[] x, int at, MemorySegment out, int to) {
    int[] levels = new int[256];
    float[] scales = new float[16];
    float largest = 0;
    float signed = 0;
    for (int group = 0; group < 16; group++) {
      scales[group] = symmetricScale(x, at + 16 * group, levels, group);
      if (Math.abs(scales[group]) > largest) {
        largest = Math.abs(scales[group]);
        signed = scales[group];
      }
    }
    if (largest < GROUP_MAX_EPS) {
      out.asSlice(to, GgmlType.Q6_K.blockBytes()).fill((byte) 0);
      return;
    }
    float inverse = -128 / signed;
    float d = half(out, to + 208, 1 / inverse);
    for (int group = 0; group < 16; group++) {
      byte stored = (byte) Math.min(127, nearest(inverse * scales[group]));
      out.set(ValueLayout.JAVA_BYTE, to + 192 + group, stored);
      float scale = d * stored;
      if (scale != 0) {
        for (int i = 16 * group; i < 16 * group + 16; i++) {
          levels[i] = Math.clamp(nearest(x[at + i] / scale), -32, 31) + 32;
        }
      }
    }
    for (int part = 0; part < 2; part++) {
      for (int i = 0; i < 32; i++) {
        int a = levels[128 * part + i];
        int b = levels[128 * part + 32 + i];
        int c = levels[128 * part + 64 + i];
        int e = levels[128 * part + 96 + i];
        int low = to + 64 * part + i;
        out.set(ValueLayout.JAVA_BYTE, low, (byte) (a & 0xf | (c & 0xf) << 4));
        out.set(ValueLayout.JAVA_BYTE, low + 32, (byte) (b & 0xf | (e & 0xf) << 4));
        out.set(
            ValueLayout.JAVA_BYTE,
            to + 128 + 32 * part + i,
            (byte) (a >> 4 | b >> 4 << 2 | c >> 4 << 4 | e >> 4 << 6));
      }
    }
  }
}
