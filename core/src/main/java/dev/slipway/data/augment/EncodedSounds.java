package dev.slipway.data.augment;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.data.example.Draw;
import dev.slipway.data.example.Encoded;
import dev.slipway.data.example.ExampleSet;
import dev.slipway.data.example.Value;
import dev.slipway.data.example.Values;
import dev.slipway.data.picture.PngWriter;
import dev.slipway.data.sound.LogMel;
import dev.slipway.data.sound.LogMelSettings;
import dev.slipway.data.sound.Sounds;
import dev.slipway.nn.InputShape;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A field of sounds as spectrograms, 1 × mels × frames, decoded when they are asked for and kept in
 * memory as far as a budget goes. What comes depends on the example and its draw alone.
 */
public final class EncodedSounds implements Encoded {
  private final ExampleSet examples;
  private final String field;
  private final String name;
  private final LogMel logMel;
  private final SoundPipeline pipeline;
  private final ByteCache<float[]> waves;
  private final ByteCache<float[]> spectrograms;

  /**
   * @param field of the kind SOUND; the set must outlive this
   * @param name of the network's input
   * @param steps for examples that come with a draw
   * @param cacheBytes most bytes to keep decoded; 0 keeps nothing
   */
  public EncodedSounds(
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
    long forWaves = pipeline.changesWaves() ? cacheBytes - cacheBytes / 4 : 0;
    waves = new ByteCache<>(examples.size(), forWaves, wave -> 4L * wave.length);
    spectrograms =
        new ByteCache<>(examples.size(), cacheBytes - forWaves, values -> 4L * values.length);
  }

  @Override
  public InputShape shape() {
    return InputShape.floats(
        name, 1L, (long) logMel.settings().mels(), (long) logMel.settings().frames());
  }

  @Override
  public Values gather(int[] rows, Draw @Nullable [] draws) {
    int mels = logMel.settings().mels();
    int frames = logMel.settings().frames();
    int size = mels * frames;
    float[] values = new float[Math.multiplyExact(rows.length, size)];
    for (int row = 0; row < rows.length; row++) {
      float[] one = spectrogram(rows[row], draws == null ? null : draws[row]);
      System.arraycopy(one, 0, values, row * size, size);
    }
    return new Values.Floats(values, new long[] {rows.length, 1, mels, frames});
  }

  /**
   * Spectrograms as the network sees them, for people: a grey PNG each, low pitches at its foot.
   *
   * @param draws as in {@link #gather}
   */
  public List<byte[]> shown(int[] rows, Draw @Nullable [] draws) {
    int mels = logMel.settings().mels();
    int frames = logMel.settings().frames();
    List<byte[]> pngs = new ArrayList<>();
    for (int row = 0; row < rows.length; row++) {
      float[] values = spectrogram(rows[row], draws == null ? null : draws[row]);
      float low = Float.POSITIVE_INFINITY;
      float high = Float.NEGATIVE_INFINITY;
      for (float value : values) {
        low = Math.min(low, value);
        high = Math.max(high, value);
      }
      byte[] bytes = new byte[values.length];
      for (int i = 0; i < bytes.length; i++) {
        float value = values[(mels - 1 - i / frames) * frames + i % frames];
        bytes[i] = (byte) Math.round(high == low ? 0 : 255 * (value - low) / (high - low));
      }
      pngs.add(PngWriter.write(new Value.Pixels(mels, frames, 1, bytes)));
    }
    return pngs;
  }

  private float[] spectrogram(int example, @Nullable Draw draw) {
    if (draw == null || !pipeline.changesWaves()) {
      float[] plain = spectrograms.get(example, () -> logMel.ofSamples(wave(example)));
      if (draw == null) {
        return plain;
      }
      float[] changed = plain.clone();
      pipeline.spectrogram(changed, logMel.settings().mels(), draw);
      return changed;
    }
    float[] wave = pipeline.wave(wave(example), logMel.settings().rate(), draw);
    float[] changed = logMel.ofSamples(wave);
    pipeline.spectrogram(changed, logMel.settings().mels(), draw);
    return changed;
  }

  private float[] wave(int example) {
    return waves.get(example, () -> decoded(examples, field, example, logMel));
  }

  /** An example's samples at the rate of its spectrogram. */
  static float[] decoded(ExampleSet examples, String field, int example, LogMel logMel) {
    return switch (examples.value(example, field)) {
      case Value.Content(byte[] bytes) ->
          logMel.resampled(Sounds.decode(bytes, examples.id(example)));
      case Value.Missing _ ->
          throw new SlipwayException(
              Exit.INPUT,
              "data.sound-missing",
              examples.id(example) + " has no sound in " + field,
              "give one, or leave the example out");
      case Value other ->
          throw new IllegalArgumentException(
              field + " of " + examples.id(example) + " is " + other);
    };
  }
}
