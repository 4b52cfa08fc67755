package dev.slipway.tensor.kernel.train;

import dev.slipway.tensor.kernel.Buffer;
import dev.slipway.tensor.kernel.Lanes;
import dev.slipway.tensor.kernel.RowHeads;
import java.lang.foreign.Arena;

/**
 * Cosines and sines of rotary positions, (context, D / 2) each: angle {@code p θ^(-2i/D)}. Su et
 * al. 2021, "RoFormer", §3.2.2; pairs lie half a head apart, as in Hugging Face's Llama.
 */
public final class Rotary {
  private final long cosines;
  private final long sines;
  private final int half;

  public Rotary(Arena arena, int context, int headDim, double theta) {
    this(arena, context, frequencies(headDim, theta), 1);
  }

  /**
   * @param frequencies radians that a position adds to each pair, (D / 2)
   * @param factor what cosines and sines are multiplied by
   */
  public Rotary(Arena arena, int context, float[] frequencies, double factor) {
    half = frequencies.length;
    cosines = arena.allocate(4L * context * half, 64).address();
    sines = arena.allocate(4L * context * half, 64).address();
    for (int i = 0; i < half; i++) {
      for (int position = 0; position < context; position++) {
        float angle = position * frequencies[i];
        long at = (long) position * half + i;
        Lanes.set(cosines, at, (float) (factor * StrictMath.cos(angle)));
        Lanes.set(sines, at, (float) (factor * StrictMath.sin(angle)));
      }
    }
  }

  /**
   * Writes a row's cosines and sines, (D / 2) each.
   *
   * @param frequencies radians that a position adds to each pair, (D / 2)
   * @param factor of both
   */
  public static void angles(
      Buffer cosines, Buffer sines, int row, int position, float[] frequencies, double factor) {
    int half = frequencies.length;
    long cos = cosines.floats((row + 1L) * half) + 4L * row * half;
    long sin = sines.floats((row + 1L) * half) + 4L * row * half;
    for (int i = 0; i < half; i++) {
      float angle = position * frequencies[i];
      Lanes.set(cos, i, (float) (StrictMath.cos(angle) * factor));
      Lanes.set(sin, i, (float) (StrictMath.sin(angle) * factor));
    }
  }

  private static float[] frequencies(int headDim, double theta) {
    float[] frequencies = new float[headDim / 2];
    for (int i = 0; i < frequencies.length; i++) {
      frequencies[i] = (float) (1 / StrictMath.pow(theta, 2.0 * i / headDim));
    }
    return frequencies;
  }

  /** Turns one head by its position, or back when {@code sign} is -1. */
  void turn(long head, int position, float sign) {
    long row = 4L * position * half;
    RowHeads.rotate(head, cosines + row, sines + row, sign, half);
  }
}
