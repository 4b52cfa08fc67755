package dev.slipway.data.picture;

import dev.slipway.base.binding.Doc;
import dev.slipway.base.binding.InvalidSetting;
import java.util.List;

/**
 * What every picture becomes: channels × height × width float32.
 *
 * @param channels 1 for grey, 3 for red, green and blue
 * @param mean of each channel, in 0 … 1, taken away first; empty for none, one number for all
 * @param deviation of each channel, in 0 … 1, divided by; empty for none, one number for all
 */
public record PictureSettings(
    int height,
    int width,
    int channels,
    Fit fit,
    Scale scale,
    List<Double> mean,
    List<Double> deviation) {

  /** How a picture comes to the size. */
  public enum Fit {
    @Doc("Resized to height and width, whatever its own proportions are")
    STRETCH,
    @Doc("The largest part from the middle that has the proportions, resized")
    CROP,
    @Doc("Resized until it fits in whole, with black beside it")
    PAD
  }

  /** What 0 … 255 becomes. */
  public enum Scale {
    @Doc("0 … 1")
    UNIT,
    @Doc("0 … 255, for a network that rescales itself")
    BYTES
  }

  public PictureSettings {
    mean = List.copyOf(mean);
    deviation = List.copyOf(deviation);
    if (height < 1 || width < 1 || (channels != 1 && channels != 3)) {
      throw new IllegalArgumentException(height + "×" + width + "×" + channels);
    }
    perChannel("mean", mean, channels);
    perChannel("deviation", deviation, channels);
    if (deviation.stream().anyMatch(value -> !(value > 0))) {
      throw new InvalidSetting("deviation", deviation.toString(), "numbers above 0");
    }
  }

  /** Stretched, from 0 to 1, not normalised. */
  public static PictureSettings of(int height, int width, int channels) {
    return new PictureSettings(
        height, width, channels, Fit.STRETCH, Scale.UNIT, List.of(), List.of());
  }

  private static void perChannel(String key, List<Double> values, int channels) {
    if (values.size() > 1 && values.size() != channels) {
      throw new InvalidSetting(
          key, values.size() + " numbers", "none, 1 or " + channels + ", one a channel");
    }
  }

  /** Numbers of one picture. */
  public int values() {
    return Math.multiplyExact(Math.multiplyExact(height, width), channels);
  }

  /** From 0 … 255 to what the network gets: {@code value · factor + offset}. */
  public double factor(int channel) {
    return 1 / (range() * of(deviation, channel, 1));
  }

  /** See {@link #factor}. */
  public double offset(int channel) {
    return -of(mean, channel, 0) * (255 / range()) / of(deviation, channel, 1);
  }

  private double range() {
    return scale == Scale.UNIT ? 255 : 1;
  }

  private static double of(List<Double> values, int channel, double none) {
    return values.isEmpty() ? none : values.get(values.size() == 1 ? 0 : channel);
  }
}
