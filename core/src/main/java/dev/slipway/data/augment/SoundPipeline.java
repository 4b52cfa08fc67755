package dev.slipway.data.augment;

import dev.slipway.data.example.Draw;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** The steps of augmentation of sounds. Holds nothing of one sound. */
final class SoundPipeline {
  private final List<SoundStep> steps;

  SoundPipeline(List<SoundStep> steps) {
    this.steps = List.copyOf(steps);
  }

  boolean changesWaves() {
    return steps.stream().anyMatch(SoundStep.Wave.class::isInstance);
  }

  /** The steps on samples; a copy where one changes anything. */
  float[] wave(float[] samples, int rate, Draw draw) {
    float[] wave = samples;
    for (int i = 0; i < steps.size(); i++) {
      if (steps.get(i) instanceof SoundStep.Wave step && wave.length > 0) {
        wave = changed(step, wave, rate, draw.random(i));
      }
    }
    return wave;
  }

  private static float[] changed(
      SoundStep.Wave step, float[] wave, int rate, SplittableRandom random) {
    return switch (step) {
      case SoundStep.Shift(double seconds) ->
          shifted(wave, (int) Math.round(Affine.around(0, seconds, random) * rate));
      case SoundStep.Stretch(double amount) -> stretched(wave, Affine.around(1, amount, random));
      case SoundStep.Gain(double decibels) -> {
        float factor = (float) Math.pow(10, Affine.around(0, decibels, random) / 20);
        float[] out = wave.clone();
        for (int i = 0; i < out.length; i++) {
          out[i] *= factor;
        }
        yield out;
      }
      case SoundStep.WhiteNoise(double loudest, double quietest) -> {
        double ratio = loudest + (quietest - loudest) * random.nextDouble();
        double deviation = rootMeanSquare(wave) * Math.pow(10, -ratio / 20);
        float[] out = wave.clone();
        for (int i = 0; i < out.length; i++) {
          out[i] += (float) (deviation * random.nextGaussian());
        }
        yield out;
      }
    };
  }

  private static double rootMeanSquare(float[] wave) {
    double sum = 0;
    for (float value : wave) {
      sum += (double) value * value;
    }
    return Math.sqrt(sum / wave.length);
  }

  /** Silence before it, or its beginning left out. */
  static float[] shifted(float[] wave, int by) {
    if (by < 0) {
      return Arrays.copyOfRange(wave, Math.min(-by, wave.length), wave.length);
    }
    float[] out = new float[wave.length + by];
    System.arraycopy(wave, 0, out, by, wave.length);
    return out;
  }

  /** As many times as long, by cubic interpolation (Catmull and Rom, 1974). */
  static float[] stretched(float[] wave, double factor) {
    int length = (int) Math.max(1, Math.round(wave.length * factor));
    float[] out = new float[length];
    for (int i = 0; i < length; i++) {
      double at = i / factor;
      int k = (int) at;
      float t = (float) (at - k);
      float a = wave[Math.clamp(k - 1, 0, wave.length - 1)];
      float b = wave[Math.min(k, wave.length - 1)];
      float c = wave[Math.min(k + 1, wave.length - 1)];
      float d = wave[Math.min(k + 2, wave.length - 1)];
      out[i] = b + 0.5f * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
    }
    return out;
  }

  /** The steps on a spectrogram of mels × frames, in place. */
  void spectrogram(float[] spectrogram, int mels, Draw draw) {
    for (int i = 0; i < steps.size(); i++) {
      if (steps.get(i) instanceof SoundStep.SpecAugment step) {
        mask(step, spectrogram, mels, draw.random(i));
      }
    }
  }

  /** What is blanked becomes the mean, which is 0 in the paper's normalised spectrograms. */
  private static void mask(
      SoundStep.SpecAugment step, float[] spectrogram, int mels, SplittableRandom random) {
    int frames = spectrogram.length / mels;
    double sum = 0;
    for (float value : spectrogram) {
      sum += value;
    }
    float mean = (float) (sum / spectrogram.length);
    for (int i = 0; i < step.pitches(); i++) {
      int wide = random.nextInt(Math.min(step.pitchWidth(), mels) + 1);
      int from = random.nextInt(mels - wide + 1);
      Arrays.fill(spectrogram, from * frames, (from + wide) * frames, mean);
    }
    for (int i = 0; i < step.times(); i++) {
      int wide = random.nextInt((int) (step.timeWidth() * frames) + 1);
      int from = random.nextInt(frames - wide + 1);
      for (int mel = 0; mel < mels; mel++) {
        Arrays.fill(spectrogram, mel * frames + from, mel * frames + from + wide, mean);
      }
    }
  }
}
