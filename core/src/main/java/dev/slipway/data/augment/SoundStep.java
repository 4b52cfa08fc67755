package dev.slipway.data.augment;

import dev.slipway.base.binding.Default;
import dev.slipway.base.binding.Doc;
import dev.slipway.base.binding.InvalidSetting;
import dev.slipway.base.binding.Range;

/** A random change of a sound, or of its spectrogram. */
public sealed interface SoundStep extends Augmentation {
  /** A step on the samples, as against one on the spectrogram. */
  sealed interface Wave extends SoundStep permits Shift, Stretch, Gain, WhiteNoise {}

  @Doc("Moves a sound in time, either way, with silence where there was none")
  record Shift(@Doc("The farthest, in seconds") @Range(min = 0, max = 3600) double seconds)
      implements Wave {}

  @Doc("Plays a sound faster or slower, its pitch with it (Ko et al., 2015)")
  record Stretch(
      @Doc("The most by which its length changes: 0.1 draws lengths of 0.9 to 1.1")
          @Range(min = 0, max = 0.9)
          double amount)
      implements Wave {}

  @Doc("Makes a sound louder or quieter")
  record Gain(@Doc("The most, in decibels") @Range(min = 0, max = 60) double decibels)
      implements Wave {}

  @Doc("Adds white noise")
  record WhiteNoise(
      @Doc("The loudest noise, as decibels that the sound is above it")
          @Default("20")
          @Range(min = -20, max = 100)
          double loudest,
      @Doc("The quietest noise, as decibels that the sound is above it")
          @Default("50")
          @Range(min = -20, max = 100)
          double quietest)
      implements Wave {
    public WhiteNoise {
      if (loudest > quietest) {
        throw new InvalidSetting(
            "loudest", String.valueOf(loudest), "at most quietest, " + quietest);
      }
    }
  }

  @Doc("Blanks bands of pitch and spans of time of a spectrogram (SpecAugment, Park et al., 2019)")
  record SpecAugment(
      @Doc("How many bands of pitch") @Default("1") @Range(min = 0, max = 20) int pitches,
      @Doc("The widest band, in mels") @Default("8") @Range(min = 0, max = 1024) int pitchWidth,
      @Doc("How many spans of time") @Default("1") @Range(min = 0, max = 20) int times,
      @Doc("The longest span, as a part of the whole") @Default("0.2") @Range(min = 0, max = 1)
          double timeWidth)
      implements SoundStep {}
}
