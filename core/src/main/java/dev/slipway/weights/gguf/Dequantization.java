package dev.slipway.weights.gguf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Blocks back to float32, in the order of operations of ggml-quants.c, so that results are equal to
 * the bit.
 */
final class Dequantization {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private Dequantization() {}

  /**
   * @param from whole blocks
   * @param to float32 in native order, as many as the blocks hold
   */
  static void toFloats(GgmlType type, MemorySegment from, MemorySegment to) {
    long blocks = from.byteSize() / type.blockBytes();
    byte[] block = new byte[type.blockBytes()];
    float[] values = new float[type.blockValues()];
    for (long i = 0; i < blocks; i++) {
      MemorySegment.copy(from, ValueLayout.JAVA_BYTE, i * block.length, block, 0, block.length);
      switch (type) {
        case Q4_0 -> q4(block, values);
        case Q4_1 -> q4WithMin(block, values);
        case Q5_0 -> q5(block, values);
        case Q5_1 -> q5WithMin(block, values);
        case Q8_0 -> q8(block, values);
        case Q4_K -> q4k(block, values);
        case Q5_K -> q5k(block, values);
        case Q6_K -> q6k(block, values);
        case F32, F16, BF16 -> throw new IllegalArgumentException(type + " has no blocks");
      }
      MemorySegment.copy(
          values, 0, to, ValueLayout.JAVA_FLOAT, i * values.length * Float.BYTES, values.length);
    }
  }

  private static float half(byte[] block, int at) {
    return Float.float16ToFloat(MemorySegment.ofArray(block).get(SHORT, at));
  }

  private static void q4(byte[] block, float[] values) {
    float d = half(block, 0);
    for (int i = 0; i < 16; i++) {
      values[i] = ((block[2 + i] & 0xf) - 8) * d;
      values[i + 16] = (((block[2 + i] & 0xff) >> 4) - 8) * d;
    }
  }

  private static void q4WithMin(byte[] block, float[] values) {
    float d = half(block, 0);
    float min = half(block, 2);
    for (int i = 0; i < 16; i++) {
      values[i] = (block[4 + i] & 0xf) * d + min;
      values[i + 16] = ((block[4 + i] & 0xff) >> 4) * d + min;
    }
  }

  private static void q5(byte[] block, float[] values) {
    float d = half(block, 0);
    for (int i = 0; i < 32; i++) {
      values[i] = (fiveBits(block, 2, i) - 16) * d;
    }
  }

  private static void q5WithMin(byte[] block, float[] values) {
    float d = half(block, 0);
    float min = half(block, 2);
    for (int i = 0; i < 32; i++) {
      values[i] = fiveBits(block, 4, i) * d + min;
    }
  }

  /** Value {@code i} of 32, whose fifth bits stand in the four bytes before the others. */
  private static int fiveBits(byte[] block, int at, int i) {
    int pair = block[at + 4 + i % 16] & 0xff;
    int high = block[at + i / 8] >> i % 8 & 1;
    return (i < 16 ? pair & 0xf : pair >> 4) | high << 4;
  }

  private static void q8(byte[] block, float[] values) {
    float d = half(block, 0);
    for (int i = 0; i < 32; i++) {
      values[i] = block[2 + i] * d;
    }
  }

  private static void q4k(byte[] block, float[] values) {
    float d = half(block, 0);
    float least = half(block, 2);
    for (int group = 0; group < 8; group++) {
      float scale = d * scale(block, 4, group);
      float min = least * min(block, 4, group);
      for (int i = 0; i < 32; i++) {
        int pair = block[16 + group / 2 * 32 + i] & 0xff;
        int q = group % 2 == 0 ? pair & 0xf : pair >> 4;
        values[group * 32 + i] = scale * q - min;
      }
    }
  }

  private static void q5k(byte[] block, float[] values) {
    float d = half(block, 0);
    float least = half(block, 2);
    for (int group = 0; group < 8; group++) {
      float scale = d * scale(block, 4, group);
      float min = least * min(block, 4, group);
      for (int i = 0; i < 32; i++) {
        int pair = block[48 + group / 2 * 32 + i] & 0xff;
        int low = group % 2 == 0 ? pair & 0xf : pair >> 4;
        int high = block[16 + i] >> group & 1;
        values[group * 32 + i] = scale * (low | high << 4) - min;
      }
    }
  }

  /** Six bits of a group's scale ({@code get_scale_min_k4}). */
  static int scale(byte[] block, int at, int group) {
    return group < 4
        ? block[at + group] & 63
        : block[at + group + 4] & 0xf | (block[at + group - 4] & 0xff) >> 6 << 4;
  }

  /** Six bits of a group's minimum. */
  static int min(byte[] block, int at, int group) {
    return group < 4
        ? block[at + group + 4] & 63
        : (block[at + group + 4] & 0xff) >> 4 | (block[at + group] & 0xff) >> 6 << 4;
  }

  private static void q6k(byte[] block, float[] values) {
    float d = half(block, 208);
    for (int half = 0; half < 2; half++) {
      for (int quarter = 0; quarter < 4; quarter++) {
        for (int i = 0; i < 32; i++) {
          int low = block[half * 64 + quarter % 2 * 32 + i] & 0xff;
          int high = (block[128 + half * 32 + i] & 0xff) >> 2 * quarter & 3;
          int q = (quarter < 2 ? low & 0xf : low >> 4) | high << 4;
          int scale = block[192 + half * 8 + quarter * 2 + i / 16];
          values[half * 128 + quarter * 32 + i] = d * scale * (q - 32);
        }
      }
    }
  }
}
