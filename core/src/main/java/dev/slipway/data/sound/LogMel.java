package dev.slipway.data.sound;

import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Sounds to logarithmic mel spectrograms: ln(power in each band + {@value #FLOOR}), with the
 * windows and bands of torchaudio's {@code MelSpectrogram(n_fft=window, hop_length=hop, power=2)}.
 * Safe for several threads at once.
 */
public final class LogMel {
  static final double FLOOR = 1e-6;

  private final LogMelSettings settings;
  private final Fourier fourier;
  private final double[] hann;

  /** Of each band: its first bin, and the weights from there. */
  private final int[] first;

  private final double[][] weights;
  private final Map<Integer, Resampler> resamplers = new ConcurrentHashMap<>();

  public LogMel(LogMelSettings settings) {
    this.settings = settings;
    fourier = new Fourier(settings.window());
    hann = new double[settings.window()];
    for (int i = 0; i < hann.length; i++) {
      hann[i] = 0.5 - 0.5 * Math.cos(2 * Math.PI * i / hann.length);
    }
    first = new int[settings.mels()];
    weights = new double[settings.mels()][];
    bands();
  }

  public LogMelSettings settings() {
    return settings;
  }

  /** The sound at the settings' rate, as long as it is. */
  public float[] resampled(Waveform sound) {
    return resamplers
        .computeIfAbsent(sound.rate(), rate -> new Resampler(rate, settings.rate()))
        .apply(sound.samples());
  }

  /** The whole of it: resampled, cut or padded, mels × frames. */
  public float[] of(Waveform sound) {
    return ofSamples(resampled(sound));
  }

  /**
   * Samples at the settings' rate, of any number: what is beyond {@link LogMelSettings#samples} is
   * cut off, what lacks is silence.
   *
   * @return mels × frames
   */
  public float[] ofSamples(float[] samples) {
    int length = settings.samples();
    return ofFrames(
        samples.length == length ? samples : Arrays.copyOf(samples, length), settings.frames());
  }

  /**
   * Samples at the settings' rate as they are, at most {@link LogMelSettings#samples} of them.
   *
   * @return mels × frames, one frame for each hop that was begun
   */
  public float[] ofWhole(float[] samples) {
    int length = Math.clamp(samples.length, 1, settings.samples());
    float[] cut = samples.length == length ? samples : Arrays.copyOf(samples, length);
    return ofFrames(cut, 1 + length / settings.hop());
  }

  private float[] ofFrames(float[] fixed, int frames) {
    int window = settings.window();
    float[] out = new float[settings.mels() * frames];
    double[] re = new double[window];
    double[] im = new double[window];
    double[] specRe = new double[window];
    double[] specIm = new double[window];
    // Two frames at once, as the real and the imaginary part of one transform.
    for (int frame = 0; frame < frames; frame += 2) {
      fill(fixed, frame, re);
      if (frame + 1 < frames) {
        fill(fixed, frame + 1, im);
      } else {
        Arrays.fill(im, 0);
      }
      fourier.transform(re, im, specRe, specIm);
      powers(specRe, specIm, re, im);
      band(re, out, frame, frames);
      if (frame + 1 < frames) {
        band(im, out, frame + 1, frames);
      }
    }
    return out;
  }

  /** A window about the frame's middle, the sound mirrored at its ends. */
  private void fill(float[] samples, int frame, double[] out) {
    int from = frame * settings.hop() - settings.window() / 2;
    int period = Math.max(1, 2 * (samples.length - 1));
    for (int i = 0; i < out.length; i++) {
      int at = from + i;
      if (at < 0 || at >= samples.length) {
        int folded = Math.floorMod(at, period);
        at = folded < samples.length ? folded : period - folded;
      }
      out[i] = samples[at] * hann[i];
    }
  }

  /** Takes the spectra of two real signals apart, and squares them. */
  private static void powers(double[] re, double[] im, double[] first, double[] second) {
    int n = re.length;
    for (int k = 0; k <= n / 2; k++) {
      int mirror = k == 0 ? 0 : n - k;
      double evenRe = (re[k] + re[mirror]) / 2;
      double evenIm = (im[k] - im[mirror]) / 2;
      double oddRe = (im[k] + im[mirror]) / 2;
      double oddIm = (re[mirror] - re[k]) / 2;
      first[k] = evenRe * evenRe + evenIm * evenIm;
      second[k] = oddRe * oddRe + oddIm * oddIm;
    }
  }

  private void band(double[] powers, float[] out, int frame, int frames) {
    for (int mel = 0; mel < weights.length; mel++) {
      double sum = 0;
      double[] weight = weights[mel];
      for (int i = 0; i < weight.length; i++) {
        sum += weight[i] * powers[first[mel] + i];
      }
      out[mel * frames + frame] = (float) Math.log(sum + FLOOR);
    }
  }

  private void bands() {
    int bins = settings.window() / 2 + 1;
    double[] edges = new double[settings.mels() + 2];
    double low = pitch(settings.lowest());
    double high = pitch(settings.highestHz());
    for (int i = 0; i < edges.length; i++) {
      edges[i] = hertz(low + (high - low) * i / (edges.length - 1));
    }
    double[] row = new double[bins];
    for (int mel = 0; mel < weights.length; mel++) {
      int from = bins;
      int to = 0;
      for (int k = 0; k < bins; k++) {
        double f = k * (double) (settings.rate() / 2) / (bins - 1);
        double up = (f - edges[mel]) / (edges[mel + 1] - edges[mel]);
        double down = (edges[mel + 2] - f) / (edges[mel + 2] - edges[mel + 1]);
        row[k] = Math.max(0, Math.min(up, down));
        if (settings.scale() == LogMelSettings.Scale.SLANEY) {
          row[k] *= 2 / (edges[mel + 2] - edges[mel]);
        }
        if (row[k] > 0) {
          from = Math.min(from, k);
          to = k + 1;
        }
      }
      first[mel] = Math.min(from, to);
      weights[mel] = Arrays.copyOfRange(row, first[mel], to);
    }
  }

  private double pitch(double hertz) {
    if (settings.scale() == LogMelSettings.Scale.HTK) {
      return 2595 * Math.log10(1 + hertz / 700);
    }
    return hertz < 1000 ? hertz * 3 / 200 : 15 + Math.log(hertz / 1000) * 27 / Math.log(6.4);
  }

  private double hertz(double pitch) {
    if (settings.scale() == LogMelSettings.Scale.HTK) {
      return 700 * (Math.pow(10, pitch / 2595) - 1);
    }
    return pitch < 15 ? pitch * 200 / 3 : 1000 * Math.exp((pitch - 15) * Math.log(6.4) / 27);
  }
}
