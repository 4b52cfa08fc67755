package dev.slipway.data.sound;

/**
 * A sound of one channel.
 *
 * @param samples -1 … 1
 * @param rate samples a second
 */
public record Waveform(float[] samples, int rate) {
  public Waveform {
    if (rate < 1) {
      throw new IllegalArgumentException("a rate of " + rate);
    }
  }
}
