package dev.slipway.data.picture;

import java.util.Arrays;

/**
 * The inverse discrete cosine transform in 32-bit integers, bit by bit that of libjpeg's {@code
 * jidctint.c} (Loeffler, Ligtenberg and Moschytz, 1989), which decoders by libjpeg-turbo use too.
 */
final class JpegTransform {
  /** Natural place of each coefficient in the order of the file. */
  static final int[] ZIGZAG = {
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20,
    13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59,
    52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63
  };

  /** The first ten coefficients of a file lie in the first four columns and rows. */
  static final int LOW = 9;

  private final int[] work = new int[64];

  /**
   * @param in 64 coefficients, dequantised, row by row
   * @param out gets 8 rows of 8 samples from {@code at}, {@code stride} apart
   */
  void inverse(int[] in, byte[] out, int at, int stride) {
    int[] ws = work;
    for (int c = 0; c < 8; c++) {
      int i1 = in[c + 8];
      int i2 = in[c + 16];
      int i3 = in[c + 24];
      int i4 = in[c + 32];
      int i5 = in[c + 40];
      int i6 = in[c + 48];
      int i7 = in[c + 56];
      if ((i1 | i2 | i3 | i4 | i5 | i6 | i7) == 0) {
        int dc = in[c] << 2;
        ws[c] = dc;
        ws[c + 8] = dc;
        ws[c + 16] = dc;
        ws[c + 24] = dc;
        ws[c + 32] = dc;
        ws[c + 40] = dc;
        ws[c + 48] = dc;
        ws[c + 56] = dc;
        continue;
      }
      int z1 = (i2 + i6) * 4433;
      int t2 = z1 - i6 * 15137;
      int t3 = z1 + i2 * 6270;
      int t0 = (in[c] + i4) << 13;
      int t1 = (in[c] - i4) << 13;
      int t10 = t0 + t3 + 1024;
      int t13 = t0 - t3 + 1024;
      int t11 = t1 + t2 + 1024;
      int t12 = t1 - t2 + 1024;
      z1 = (i7 + i1) * -7373;
      int z2 = (i5 + i3) * -20995;
      int z5 = (i7 + i3 + i5 + i1) * 9633;
      int z3 = (i7 + i3) * -16069 + z5;
      int z4 = (i5 + i1) * -3196 + z5;
      t0 = i7 * 2446 + z1 + z3;
      t1 = i5 * 16819 + z2 + z4;
      t2 = i3 * 25172 + z2 + z3;
      t3 = i1 * 12299 + z1 + z4;
      ws[c] = (t10 + t3) >> 11;
      ws[c + 56] = (t10 - t3) >> 11;
      ws[c + 8] = (t11 + t2) >> 11;
      ws[c + 48] = (t11 - t2) >> 11;
      ws[c + 16] = (t12 + t1) >> 11;
      ws[c + 40] = (t12 - t1) >> 11;
      ws[c + 24] = (t13 + t0) >> 11;
      ws[c + 32] = (t13 - t0) >> 11;
    }
    for (int r = 0, to = at; r < 64; r += 8, to += stride) {
      int i0 = ws[r];
      int i1 = ws[r + 1];
      int i2 = ws[r + 2];
      int i3 = ws[r + 3];
      int i4 = ws[r + 4];
      int i5 = ws[r + 5];
      int i6 = ws[r + 6];
      int i7 = ws[r + 7];
      int z1 = (i2 + i6) * 4433;
      int t2 = z1 - i6 * 15137;
      int t3 = z1 + i2 * 6270;
      // Half for rounding, and 128 for the shift of levels.
      int t0 = ((i0 + i4) << 13) + (1 << 17) + (128 << 18);
      int t1 = ((i0 - i4) << 13) + (1 << 17) + (128 << 18);
      int t10 = t0 + t3;
      int t13 = t0 - t3;
      int t11 = t1 + t2;
      int t12 = t1 - t2;
      z1 = (i7 + i1) * -7373;
      int z2 = (i5 + i3) * -20995;
      int z5 = (i7 + i3 + i5 + i1) * 9633;
      int z3 = (i7 + i3) * -16069 + z5;
      int z4 = (i5 + i1) * -3196 + z5;
      t0 = i7 * 2446 + z1 + z3;
      t1 = i5 * 16819 + z2 + z4;
      t2 = i3 * 25172 + z2 + z3;
      t3 = i1 * 12299 + z1 + z4;
      out[to] = clamp((t10 + t3) >> 18);
      out[to + 7] = clamp((t10 - t3) >> 18);
      out[to + 1] = clamp((t11 + t2) >> 18);
      out[to + 6] = clamp((t11 - t2) >> 18);
      out[to + 2] = clamp((t12 + t1) >> 18);
      out[to + 5] = clamp((t12 - t1) >> 18);
      out[to + 3] = clamp((t13 + t0) >> 18);
      out[to + 4] = clamp((t13 - t0) >> 18);
    }
  }

  /**
   * The same where all but the first four columns and rows are 0, as in most blocks: what would be
   * multiplied by 0 is left out.
   */
  void inverseLow(int[] in, byte[] out, int at, int stride) {
    int[] ws = work;
    for (int c = 0; c < 4; c++) {
      int i1 = in[c + 8];
      int i2 = in[c + 16];
      int i3 = in[c + 24];
      int t2 = i2 * 4433;
      int t3 = t2 + i2 * 6270;
      int t0 = (in[c] << 13) + 1024;
      int z5 = (i3 + i1) * 9633;
      int z3 = i3 * -16069 + z5;
      int z4 = i1 * -3196 + z5;
      int o0 = i1 * -7373 + z3;
      int o1 = i3 * -20995 + z4;
      int o2 = i3 * (25172 - 20995) + z3;
      int o3 = i1 * (12299 - 7373) + z4;
      ws[c] = (t0 + t3 + o3) >> 11;
      ws[c + 56] = (t0 + t3 - o3) >> 11;
      ws[c + 8] = (t0 + t2 + o2) >> 11;
      ws[c + 48] = (t0 + t2 - o2) >> 11;
      ws[c + 16] = (t0 - t2 + o1) >> 11;
      ws[c + 40] = (t0 - t2 - o1) >> 11;
      ws[c + 24] = (t0 - t3 + o0) >> 11;
      ws[c + 32] = (t0 - t3 - o0) >> 11;
    }
    for (int r = 0, to = at; r < 64; r += 8, to += stride) {
      int i1 = ws[r + 1];
      int i2 = ws[r + 2];
      int i3 = ws[r + 3];
      int t2 = i2 * 4433;
      int t3 = t2 + i2 * 6270;
      int t0 = (ws[r] << 13) + (1 << 17) + (128 << 18);
      int z5 = (i3 + i1) * 9633;
      int z3 = i3 * -16069 + z5;
      int z4 = i1 * -3196 + z5;
      int o0 = i1 * -7373 + z3;
      int o1 = i3 * -20995 + z4;
      int o2 = i3 * (25172 - 20995) + z3;
      int o3 = i1 * (12299 - 7373) + z4;
      out[to] = clamp((t0 + t3 + o3) >> 18);
      out[to + 7] = clamp((t0 + t3 - o3) >> 18);
      out[to + 1] = clamp((t0 + t2 + o2) >> 18);
      out[to + 6] = clamp((t0 + t2 - o2) >> 18);
      out[to + 2] = clamp((t0 - t2 + o1) >> 18);
      out[to + 5] = clamp((t0 - t2 - o1) >> 18);
      out[to + 3] = clamp((t0 - t3 + o0) >> 18);
      out[to + 4] = clamp((t0 - t3 - o0) >> 18);
    }
  }

  /** The same where only the first coefficient isn't 0. */
  static void flat(int dc, byte[] out, int at, int stride) {
    byte value = clamp((((dc << 2) + 16) >> 5) + 128);
    for (int r = 0, to = at; r < 8; r++, to += stride) {
      Arrays.fill(out, to, to + 8, value);
    }
  }

  static byte clamp(int value) {
    return (byte) Math.max(0, Math.min(255, value)); // Math.clamp computes in longs
  }
}
