package dev.slipway.data.feature;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.data.example.ExampleSet;
import dev.slipway.data.example.Field;
import dev.slipway.data.example.Value;
import dev.slipway.data.picture.PictureSettings;
import dev.slipway.data.sound.LogMelSettings;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What {@code inputs: auto} stands for. */
final class InferredFeatures {
  private static final int SIDE = 64;

  private InferredFeatures() {}

  static List<FeatureConfig> of(ExampleSet examples, int[] training, List<String> targets) {
    List<FeatureConfig> configs = new ArrayList<>();
    List<String> numbers = new ArrayList<>();
    List<String> categories = new ArrayList<>();
    for (Field field : examples.fields()) {
      if (targets.contains(field.name())) {
        continue;
      }
      String name = field.name();
      switch (field.kind()) {
        case NUMBER -> numbers.add(name);
        case TEXT -> {
          if (isCategory(examples, training, name)) {
            categories.add(name);
          } else {
            configs.add(
                new FeatureConfig.Words(
                    10_000,
                    250,
                    Keep.BEGINNING,
                    Padding.POST,
                    Words.LETTERS,
                    1,
                    Optional.of(name),
                    name));
          }
        }
        case PICTURE -> configs.add(picture(examples, training, name));
        case SOUND -> {
          LogMelSettings usual = LogMelSettings.of(16_000, 1);
          configs.add(
              new FeatureConfig.LogMel(
                  usual.rate(),
                  usual.seconds(),
                  usual.window(),
                  usual.hop(),
                  usual.mels(),
                  usual.lowest(),
                  usual.highest(),
                  usual.scale(),
                  Optional.of(name),
                  false,
                  name));
        }
        case LABELS -> {}
      }
    }
    if (!numbers.isEmpty()) {
      configs.add(FeatureConfig.Numbers.of(numbers));
    }
    if (!categories.isEmpty()) {
      configs.add(FeatureConfig.Categories.of(categories));
    }
    if (configs.isEmpty()) {
      throw new SlipwayException(
          Exit.INPUT,
          "data.no-inputs",
          "beside " + String.join(", ", targets) + " there is no field to learn from",
          "name the inputs in data.inputs, or take a source with more fields");
    }
    return configs;
  }

  /** Pictures of pixels as they are; files at a small square, with colours. */
  private static FeatureConfig picture(ExampleSet examples, int[] training, String field) {
    PictureSettings settings = PictureSettings.of(SIDE, SIDE, 3);
    if (training.length > 0
        && examples.value(training[0], field)
            instanceof Value.Pixels(int height, int width, int channels, byte[] _)) {
      settings = PictureSettings.of(height, width, channels);
    }
    return new FeatureConfig.Picture(
        settings.height(),
        settings.width(),
        settings.channels(),
        settings.fit(),
        settings.scale(),
        settings.mean(),
        settings.deviation(),
        Optional.of(field),
        field);
  }

  private static boolean isCategory(ExampleSet examples, int[] training, String field) {
    Set<String> distinct = new HashSet<>();
    for (int example : training) {
      String word = Columns.word(examples.value(example, field));
      if (word != null) {
        distinct.add(word);
        if (distinct.size() > FeatureConfig.FEW_WORDS || word.length() > 100) {
          return false;
        }
      }
    }
    return distinct.size() <= Math.max(2, training.length / 2);
  }
}
