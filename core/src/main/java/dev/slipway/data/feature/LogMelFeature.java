package dev.slipway.data.feature;

import dev.slipway.base.SlipwayException;
import dev.slipway.data.augment.Augmentation;
import dev.slipway.data.augment.EncodedSounds;
import dev.slipway.data.augment.SoundStep;
import dev.slipway.data.example.Encoded;
import dev.slipway.data.example.ExampleSet;
import dev.slipway.data.example.Field;
import dev.slipway.data.example.Value;
import dev.slipway.data.sound.LogMelSettings;
import dev.slipway.data.sound.Sounds;
import dev.slipway.data.source.DropReason;
import dev.slipway.data.source.Dropped;
import dev.slipway.nn.InputShape;
import java.util.List;
import java.util.Optional;

/** A sound as its logarithmic mel spectrogram, 1 × mels × frames. */
public record LogMelFeature(String name, String field, LogMelSettings settings) implements Feature {
  @Override
  public List<Field> requested() {
    return List.of(new Field(field, Field.Kind.SOUND));
  }

  @Override
  public InputShape shape() {
    return InputShape.floats(name, 1L, (long) settings.mels(), (long) settings.frames());
  }

  @Override
  public boolean takes(Augmentation step) {
    return step instanceof SoundStep;
  }

  @Override
  public Optional<Dropped> problem(ExampleSet examples, int example) {
    try {
      return switch (examples.value(example, field)) {
        case Value.Content(byte[] bytes) -> {
          Sounds.check(bytes, examples.id(example));
          yield Optional.empty();
        }
        case Value.Pixels _, Value.Missing _, Value.Text _, Value.Number _, Value.Labels _ ->
            Optional.of(new Dropped(DropReason.VALUE_MISSING, field));
      };
    } catch (SlipwayException broken) {
      return Optional.of(new Dropped(DropReason.BROKEN, broken.sentence()));
    }
  }

  @Override
  public Encoded encode(ExampleSet examples, Augmented augmented) {
    Fields.named(examples, field, Field.Kind.SOUND);
    return new EncodedSounds(
        examples, field, name, settings, augmented.of(SoundStep.class), augmented.cacheBytes());
  }
}
