package dev.slipway.data.augment;

import dev.slipway.base.binding.Default;
import dev.slipway.base.binding.Doc;
import dev.slipway.base.binding.InvalidSetting;
import dev.slipway.base.binding.Range;

/**
 * A random change of a picture. Neighbouring geometric steps with the same fill are carried out as
 * one affine resampling, so that a picture is interpolated once.
 */
public sealed interface PictureStep extends Augmentation {
  /** A step that moves pixels. */
  sealed interface Geometric extends PictureStep
      permits Flip, Rotate, Zoom, Translate, Shear, Crop {
    Fill fill();
  }

  @Doc("Mirrors a picture")
  record Flip(
      @Doc("Whether left and right are swapped") @Default("true") boolean horizontal,
      @Doc("Whether top and bottom are swapped") @Default("false") boolean vertical,
      @Doc("How often each of them happens, from 0 to 1") @Default("0.5") @Range(min = 0, max = 1)
          double chance)
      implements Geometric {
    @Override
    public Fill fill() {
      return Fill.REFLECT;
    }
  }

  @Doc("Turns a picture about its middle, either way")
  record Rotate(
      @Doc("The largest angle in degrees") @Range(min = 0, max = 180) double degrees,
      @Doc("What comes in from beyond the edge") @Default("reflect") Fill fill)
      implements Geometric {}

  @Doc("Makes what a picture shows larger or smaller")
  record Zoom(
      @Doc("The most by which it changes: 0.2 draws sizes of 0.8 to 1.2")
          @Range(min = 0, max = 0.95)
          double amount,
      @Doc("What comes in from beyond the edge") @Default("reflect") Fill fill)
      implements Geometric {}

  @Doc("Moves a picture up, down and sideways")
  record Translate(
      @Doc("The farthest, as a part of height and width") @Range(min = 0, max = 1) double amount,
      @Doc("What comes in from beyond the edge") @Default("reflect") Fill fill)
      implements Geometric {}

  @Doc("Slants a picture sideways, either way")
  record Shear(
      @Doc("The largest angle in degrees") @Range(min = 0, max = 80) double degrees,
      @Doc("What comes in from beyond the edge") @Default("reflect") Fill fill)
      implements Geometric {}

  @Doc("Pads a picture and cuts its size out again anywhere")
  record Crop(
      @Doc("Pixels to pad on every side") @Range(min = 0, max = 4096) int padding,
      @Doc("What it is padded with") @Default("black") Fill fill)
      implements Geometric {}

  @Doc(
      "Cuts a part of any place, size and proportions out of the picture as it was before it came to"
          + " its size; always the first of all steps")
  record ResizedCrop(
      @Doc("The smallest part of the picture's area") @Default("0.08") @Range(min = 0.0001, max = 1)
          double smallest,
      @Doc("The largest part of the picture's area") @Default("1") @Range(min = 0.0001, max = 1)
          double largest,
      @Doc("The largest ratio of its longer to its shorter side")
          @Default("1.3333333333333333")
          @Range(min = 1, max = 100)
          double ratio)
      implements PictureStep {
    public ResizedCrop {
      if (smallest > largest) {
        throw new InvalidSetting(
            "smallest", String.valueOf(smallest), "at most largest, " + largest);
      }
    }
  }

  @Doc("Changes brightness, contrast, saturation and hue, each by a factor of 1 ± its number")
  record Colour(
      @Doc("Of brightness") @Default("0") @Range(min = 0, max = 1) double brightness,
      @Doc("Of contrast") @Default("0") @Range(min = 0, max = 1) double contrast,
      @Doc("Of saturation; grey pictures have none") @Default("0") @Range(min = 0, max = 1)
          double saturation,
      @Doc("Turns the hue by ± this part of the circle; grey pictures have none")
          @Default("0")
          @Range(min = 0, max = 0.5)
          double hue)
      implements PictureStep {}

  @Doc("Adds normal noise to every pixel")
  record Noise(
      @Doc("Its standard deviation, where black is 0 and white 1") @Range(min = 0, max = 1)
          double deviation)
      implements PictureStep {}

  @Doc("Blackens a square anywhere in the picture (DeVries and Taylor, 2017)")
  record Cutout(
      @Doc("Its side as a part of the picture's shorter one")
          @Default("0.25")
          @Range(min = 0, max = 1)
          double side,
      @Doc("How often it happens, from 0 to 1") @Default("1") @Range(min = 0, max = 1)
          double chance)
      implements PictureStep {}
}
