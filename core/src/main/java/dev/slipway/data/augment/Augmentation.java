package dev.slipway.data.augment;

/** One step of augmentation, as a recipe has it. */
public sealed interface Augmentation permits PictureStep, SoundStep, TextStep, Mixup {}
