package dev.slipway.data.augment;

import dev.slipway.data.example.Draw;
import dev.slipway.data.example.Encoded;
import dev.slipway.data.example.ExampleSet;
import dev.slipway.data.example.Values;
import dev.slipway.data.sound.LogMel;
import dev.slipway.data.sound.LogMelSettings;
import dev.slipway.nn.InputShape;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A field of sounds as spectrograms of their own lengths, frames × mels, padded with zeros to a
 * batch's longest. What comes depends on the example and its draw alone.
 */
public final class EncodedFrames implements Encoded {
  private final ExampleSet examples;
  private final String field;
  private final String name;
  private final LogMel logMel;
  private final SoundPipeline pipeline;
  private final ByteCache<float[]> waves;

  /**
   * @param field of the kind SOUND; the set must outlive this
   * @param name of the network's input
   * @param settings whose seconds are the most that is read
   * @param steps for examples that come with a draw
   * @param cacheBytes most bytes of decoded sound to keep
   */
  public EncodedFrames(
      ExampleSet examples,
      String field,
      String name,
      LogMelSettings settings,
      List<SoundStep> steps,
      long cacheBytes) {
    this.examples = examples;
    this.field = field;
    this.name = name;
    logMel = new LogMel(settings);
    pipeline = new SoundPipeline(steps);
    waves = new ByteCache<>(examples.size(), cacheBytes, wave -> 4L * wave.length);
  }

  @Override
  public InputShape shape() {
    return shape(name, logMel.settings());
  }

  /** Frames × mels, as many frames as the sound has. */
  public static InputShape shape(String name, LogMelSettings settings) {
    return InputShape.floats(name, InputShape.VARIABLE, (long) settings.mels());
  }

  @Override
  public Values gather(int[] rows, Draw @Nullable [] draws) {
    int mels = logMel.settings().mels();
    float[][] each =
        IntStream.range(0, rows.length)
            .parallel()
            .mapToObj(row -> spectrogram(rows[row], draws == null ? null : draws[row]))
            .toArray(float[][]::new);
    int longest = 1;
    int[] lengths = new int[rows.length];
    for (int row = 0; row < rows.length; row++) {
      lengths[row] = each[row].length / mels;
      longest = Math.max(longest, lengths[row]);
    }
    float[] values = new float[Math.multiplyExact(rows.length, longest * mels)];
    for (int row = 0; row < rows.length; row++) {
      for (int frame = 0; frame < lengths[row]; frame++) {
        for (int mel = 0; mel < mels; mel++) {
          values[(row * longest + frame) * mels + mel] = each[row][mel * lengths[row] + frame];
        }
      }
    }
    return new Values.Ragged(values, new long[] {rows.length, longest, mels}, lengths);
  }

  /** Mels × frames. */
  private float[] spectrogram(int example, @Nullable Draw draw) {
    float[] wave =
        waves.get(example, () -> EncodedSounds.decoded(examples, field, example, logMel));
    if (draw == null) {
      return logMel.ofWhole(wave);
    }
    float[] spectrogram =
        logMel.ofWhole(
            pipeline.changesWaves() ? pipeline.wave(wave, logMel.settings().rate(), draw) : wave);
    pipeline.spectrogram(spectrogram, logMel.settings().mels(), draw);
    return spectrogram;
  }
}
