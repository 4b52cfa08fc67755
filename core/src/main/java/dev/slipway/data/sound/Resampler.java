package dev.slipway.data.sound;

/**
 * Changes the rate by a windowed sinc, with the kernel of torchaudio's {@code resample} (Smith,
 * Digital Audio Resampling): Hann, {@value #WIDTH} zero crossings, cut off at {@value #ROLL_OFF} of
 * the lower of both Nyquist frequencies.
 */
public final class Resampler {
  private static final int WIDTH = 6;
  private static final double ROLL_OFF = 0.99;

  private final int from;
  private final int to;

  /** Of each of {@code to} phases: where its taps begin in samples, and the taps. */
  private final int[] first;

  private final float[][] taps;

  /** Between two rates in Hz; safe for several threads at once. */
  public Resampler(int fromRate, int toRate) {
    int common = gcd(fromRate, toRate);
    from = fromRate / common;
    to = toRate / common;
    double base = Math.min(from, to) * ROLL_OFF;
    int width = (int) Math.ceil(WIDTH * from / base);
    first = new int[to];
    taps = new float[to][];
    for (int phase = 0; phase < to; phase++) {
      double middle = (double) phase * from / to;
      // Beyond WIDTH zero crossings the window is 0.
      int low = Math.max(-width, (int) Math.ceil(middle - WIDTH * from / base));
      int high = Math.min(width + from - 1, (int) Math.floor(middle + WIDTH * from / base));
      first[phase] = low;
      taps[phase] = new float[high - low + 1];
      for (int i = low; i <= high; i++) {
        double t = Math.clamp(((double) i / from - (double) phase / to) * base, -WIDTH, WIDTH);
        double window = Math.cos(t * Math.PI / WIDTH / 2);
        double x = t * Math.PI;
        double sinc = x == 0 ? 1 : Math.sin(x) / x;
        taps[phase][i - low] = (float) (sinc * window * window * base / from);
      }
    }
  }

  private static int gcd(int a, int b) {
    return b == 0 ? a : gcd(b, a % b);
  }

  /** As many samples as last as long: ceil(n · to / from). */
  public float[] apply(float[] in) {
    if (from == to) {
      return in;
    }
    int length = Math.toIntExact(((long) in.length * to + from - 1) / from);
    float[] out = new float[length];
    for (int i = 0; i < length; i++) {
      float[] phase = taps[i % to];
      long start = (long) (i / to) * from + first[i % to];
      int low = (int) Math.max(0, -start);
      int high = (int) Math.min(phase.length, in.length - start);
      double sum = 0;
      for (int k = low; k < high; k++) {
        sum += phase[k] * in[(int) (start + k)];
      }
      out[i] = (float) sum;
    }
    return out;
  }
}
