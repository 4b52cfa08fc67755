package dev.slipway.data.sound;

import java.util.ArrayList;
import java.util.List;

/**
 * The discrete Fourier transform of any size, by decimation in time over its prime factors (Cooley
 * and Tukey, 1965); a large prime factor p costs p² each. Safe for several threads at once.
 */
final class Fourier {
  private final int size;
  private final int[] factors;
  private final double[] cos;
  private final double[] sin;

  Fourier(int size) {
    this.size = size;
    List<Integer> found = new ArrayList<>();
    int rest = size;
    while (rest % 4 == 0) {
      found.add(4);
      rest /= 4;
    }
    for (int p = 2; (long) p * p <= rest; p++) {
      while (rest % p == 0) {
        found.add(p);
        rest /= p;
      }
    }
    if (rest > 1) {
      found.add(rest);
    }
    factors = found.stream().mapToInt(Integer::intValue).toArray();
    cos = new double[size];
    sin = new double[size];
    for (int i = 0; i < size; i++) {
      cos[i] = Math.cos(2 * Math.PI * i / size);
      sin[i] = -Math.sin(2 * Math.PI * i / size);
    }
  }

  /** Real and imaginary parts to those of the spectrum, in {@code outRe} and {@code outIm}. */
  void transform(double[] re, double[] im, double[] outRe, double[] outIm) {
    recurse(re, im, 0, 1, outRe, outIm, 0, size, 0);
  }

  private void recurse(
      double[] re,
      double[] im,
      int from,
      int step,
      double[] outRe,
      double[] outIm,
      int to,
      int n,
      int depth) {
    if (n == 1) {
      outRe[to] = re[from];
      outIm[to] = im[from];
      return;
    }
    int radix = factors[depth];
    int m = n / radix;
    for (int r = 0; r < radix; r++) {
      recurse(re, im, from + r * step, step * radix, outRe, outIm, to + r * m, m, depth + 1);
    }
    switch (radix) {
      case 2 -> two(outRe, outIm, to, m, size / n);
      case 4 -> four(outRe, outIm, to, m, size / n);
      default -> any(outRe, outIm, to, m, radix, size / n);
    }
  }

  private void two(double[] re, double[] im, int to, int m, int turn) {
    for (int k = 0; k < m; k++) {
      int a = to + k;
      int b = a + m;
      double c = cos[k * turn];
      double s = sin[k * turn];
      double xr = re[b] * c - im[b] * s;
      double xi = re[b] * s + im[b] * c;
      re[b] = re[a] - xr;
      im[b] = im[a] - xi;
      re[a] += xr;
      im[a] += xi;
    }
  }

  private void four(double[] re, double[] im, int to, int m, int turn) {
    for (int k = 0; k < m; k++) {
      int a = to + k;
      int b = a + m;
      int c = b + m;
      int d = c + m;
      int t = k * turn;
      double br = re[b] * cos[t] - im[b] * sin[t];
      double bi = re[b] * sin[t] + im[b] * cos[t];
      double cr = re[c] * cos[2 * t] - im[c] * sin[2 * t];
      double ci = re[c] * sin[2 * t] + im[c] * cos[2 * t];
      double dr = re[d] * cos[3 * t] - im[d] * sin[3 * t];
      double di = re[d] * sin[3 * t] + im[d] * cos[3 * t];
      double acr = re[a] + cr;
      double aci = im[a] + ci;
      double axr = re[a] - cr;
      double axi = im[a] - ci;
      double bdr = br + dr;
      double bdi = bi + di;
      double bxr = br - dr;
      double bxi = bi - di;
      re[a] = acr + bdr;
      im[a] = aci + bdi;
      re[b] = axr + bxi;
      im[b] = axi - bxr;
      re[c] = acr - bdr;
      im[c] = aci - bdi;
      re[d] = axr - bxi;
      im[d] = axi + bxr;
    }
  }

  private void any(double[] re, double[] im, int to, int m, int radix, int turn) {
    double[] partRe = new double[radix];
    double[] partIm = new double[radix];
    for (int k = 0; k < m; k++) {
      for (int r = 0; r < radix; r++) {
        int place = to + k + r * m;
        int t = (int) ((long) r * k * turn % size);
        partRe[r] = re[place] * cos[t] - im[place] * sin[t];
        partIm[r] = re[place] * sin[t] + im[place] * cos[t];
      }
      for (int q = 0; q < radix; q++) {
        double sumRe = 0;
        double sumIm = 0;
        for (int r = 0; r < radix; r++) {
          int t = (int) ((long) r * q % radix * (size / radix));
          sumRe += partRe[r] * cos[t] - partIm[r] * sin[t];
          sumIm += partRe[r] * sin[t] + partIm[r] * cos[t];
        }
        re[to + k + q * m] = sumRe;
        im[to + k + q * m] = sumIm;
      }
    }
  }
}
