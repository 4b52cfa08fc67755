package dev.slipway.data.sound;

import dev.slipway.base.binding.Doc;
import dev.slipway.base.binding.InvalidSetting;

/**
 * What every sound becomes: 1 × mels × frames float32, the logarithm of the power in bands of
 * pitch.
 *
 * @param rate samples a second that every sound is resampled to
 * @param seconds that every sound is cut or padded with silence to
 * @param window samples of a Hann window, which is the size of the Fourier transform too
 * @param hop samples from window to window
 * @param mels bands
 * @param lowest edge of the lowest band in Hz
 * @param highest edge of the highest band in Hz; 0 for half of the rate
 * @param scale of pitch
 */
public record LogMelSettings(
    int rate,
    double seconds,
    int window,
    int hop,
    int mels,
    double lowest,
    double highest,
    Scale scale) {

  /** How Hz becomes pitch, and how high a band's triangle is. */
  public enum Scale {
    @Doc("2595·log10(1 + f/700), triangles of height 1: torchaudio's default")
    HTK,
    @Doc("Linear below 1 kHz, triangles of area 1: librosa's default, and Whisper's")
    SLANEY
  }

  public LogMelSettings {
    check("rate", rate >= 100 && rate <= 768_000, rate, "100 to 768000");
    check("seconds", seconds > 0 && seconds <= 3600, seconds, "above 0, at most 3600");
    check("window", window >= 2 && window <= 1 << 20, window, "2 to 1048576");
    check("hop", hop >= 1 && hop <= window, hop, "1 to window, " + window);
    check("mels", mels >= 1 && mels <= window, mels, "1 to window, " + window);
    double top = highest == 0 ? rate / 2.0 : highest;
    check("highest", top <= rate / 2.0, highest, "at most half of the rate, " + rate / 2.0);
    check("lowest", lowest >= 0 && lowest < top, lowest, "0 to below " + top);
  }

  /** A Hann window of 25 ms every 10 ms, 64 bands up to half of the rate. */
  public static LogMelSettings of(int rate, double seconds) {
    return new LogMelSettings(rate, seconds, rate / 40, rate / 100, 64, 0, 0, Scale.HTK);
  }

  private static void check(String key, boolean holds, Object came, String expected) {
    if (!holds) {
      throw new InvalidSetting(key, String.valueOf(came), expected);
    }
  }

  /** Samples of every sound. */
  public int samples() {
    return (int) Math.max(1, Math.round(seconds * rate));
  }

  /** Windows of every sound, centred on every hop-th sample. */
  public int frames() {
    return 1 + samples() / hop;
  }

  /** {@link #highest()}, or half of the rate. */
  public double highestHz() {
    return highest == 0 ? rate / 2.0 : highest;
  }
}
