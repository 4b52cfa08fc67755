package dev.slipway.data.feature;

import dev.slipway.data.augment.Augmentation;
import dev.slipway.data.augment.EncodedFrames;
import dev.slipway.data.augment.SoundStep;
import dev.slipway.data.example.Encoded;
import dev.slipway.data.example.ExampleSet;
import dev.slipway.data.example.Field;
import dev.slipway.data.sound.LogMelSettings;
import dev.slipway.data.source.Dropped;
import dev.slipway.nn.InputShape;
import java.util.List;
import java.util.Optional;

/**
 * A sound as its logarithmic mel spectrogram of its own length, frames × mels: a sequence.
 *
 * @param settings whose seconds are the most that is read
 */
public record LogMelFramesFeature(String name, String field, LogMelSettings settings)
    implements Feature {
  @Override
  public List<Field> requested() {
    return List.of(new Field(field, Field.Kind.SOUND));
  }

  @Override
  public InputShape shape() {
    return EncodedFrames.shape(name, settings);
  }

  @Override
  public boolean takes(Augmentation step) {
    return step instanceof SoundStep;
  }

  @Override
  public Optional<Dropped> problem(ExampleSet examples, int example) {
    return new LogMelFeature(name, field, settings).problem(examples, example);
  }

  @Override
  public Encoded encode(ExampleSet examples, Augmented augmented) {
    Fields.named(examples, field, Field.Kind.SOUND);
    return new EncodedFrames(
        examples, field, name, settings, augmented.of(SoundStep.class), augmented.cacheBytes());
  }
}
