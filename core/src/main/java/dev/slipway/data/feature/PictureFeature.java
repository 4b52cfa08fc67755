package dev.slipway.data.feature;

import dev.slipway.base.SlipwayException;
import dev.slipway.data.augment.Augmentation;
import dev.slipway.data.augment.EncodedPictures;
import dev.slipway.data.augment.PictureStep;
import dev.slipway.data.example.Encoded;
import dev.slipway.data.example.ExampleSet;
import dev.slipway.data.example.Field;
import dev.slipway.data.example.Value;
import dev.slipway.data.picture.PictureSettings;
import dev.slipway.data.picture.Pictures;
import dev.slipway.data.source.DropReason;
import dev.slipway.data.source.Dropped;
import dev.slipway.nn.InputShape;
import java.util.List;
import java.util.Optional;

/** A picture as channels × height × width. */
public record PictureFeature(String name, String field, PictureSettings settings)
    implements Feature {
  @Override
  public List<Field> requested() {
    return List.of(new Field(field, Field.Kind.PICTURE));
  }

  @Override
  public InputShape shape() {
    return InputShape.floats(
        name, (long) settings.channels(), (long) settings.height(), (long) settings.width());
  }

  @Override
  public boolean takes(Augmentation step) {
    return step instanceof PictureStep;
  }

  @Override
  public Optional<Dropped> problem(ExampleSet examples, int example) {
    try {
      return switch (examples.value(example, field)) {
        case Value.Content(byte[] bytes) -> {
          Pictures.check(bytes, examples.id(example));
          yield Optional.empty();
        }
        case Value.Pixels _ -> Optional.empty();
        case Value.Missing _, Value.Text _, Value.Number _, Value.Labels _ ->
            Optional.of(new Dropped(DropReason.VALUE_MISSING, field));
      };
    } catch (SlipwayException broken) {
      return Optional.of(new Dropped(DropReason.BROKEN, broken.sentence()));
    }
  }

  @Override
  public Encoded encode(ExampleSet examples, Augmented augmented) {
    Fields.named(examples, field, Field.Kind.PICTURE);
    return new EncodedPictures(
        examples, field, name, settings, augmented.of(PictureStep.class), augmented.cacheBytes());
  }
}
