package dev.slipway.data.augment;

import java.util.Locale;

/** One step of augmentation, as a recipe has it. */
public sealed interface Augmentation permits PictureStep, SoundStep, TextStep, Mixup {
  /** What a recipe calls it. */
  default String kind() {
    return getClass()
        .getSimpleName()
        .replaceAll("([a-z])([A-Z])", "$1-$2")
        .toLowerCase(Locale.ROOT);
  }
}
