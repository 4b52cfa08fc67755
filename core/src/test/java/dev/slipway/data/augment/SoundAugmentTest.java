package dev.slipway.data.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.data.example.Draw;
import dev.slipway.data.example.Values;
import dev.slipway.data.picture.Pictures;
import dev.slipway.data.sound.LogMelSettings;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class SoundAugmentTest {
  private static final List<SoundStep> ALL =
      List.of(
          new SoundStep.Stretch(0.1),
          new SoundStep.Shift(0.05),
          new SoundStep.Gain(6),
          new SoundStep.WhiteNoise(10, 30),
          new SoundStep.SpecAugment(1, 5, 1, 0.2));

  private static float[] tone(int samples) {
    float[] wave = new float[samples];
    for (int i = 0; i < samples; i++) {
      wave[i] = (float) (0.5 * Math.sin(2 * Math.PI * 440 * i / 8000));
    }
    return wave;
  }

  private static byte[] wav(float[] wave) {
    ByteBuffer file = ByteBuffer.allocate(44 + 2 * wave.length).order(ByteOrder.LITTLE_ENDIAN);
    file.put("RIFF".getBytes(StandardCharsets.US_ASCII)).putInt(36 + 2 * wave.length);
    file.put("WAVEfmt ".getBytes(StandardCharsets.US_ASCII)).putInt(16);
    file.putShort((short) 1).putShort((short) 1).putInt(8000).putInt(16000);
    file.putShort((short) 2).putShort((short) 16);
    file.put("data".getBytes(StandardCharsets.US_ASCII)).putInt(2 * wave.length);
    for (float value : wave) {
      file.putShort((short) Math.round(value * 32767));
    }
    return file.array();
  }

  private static EncodedSounds encoded(List<SoundStep> steps, long cache) {
    return new EncodedSounds(
        new OnePicture(wav(tone(3000))),
        "picture",
        "sound",
        LogMelSettings.of(8000, 0.5),
        steps,
        cache);
  }

  private static float[] row(EncodedSounds sounds, Draw draw) {
    return ((Values.Floats) sounds.gather(new int[] {0}, new Draw[] {draw})).values();
  }

  @Test
  void whatIsDrawnDependsOnSeedEpochAndExampleAlone() {
    EncodedSounds plain = encoded(ALL, 0);
    EncodedSounds cached = encoded(ALL, 1 << 20);
    float[] untouched = ((Values.Floats) cached.gather(new int[] {0}, null)).values();
    for (int epoch = 0; epoch < 10; epoch++) {
      Draw draw = new Draw(7, epoch, 0);
      float[] once = row(plain, draw);
      assertThat(row(cached, draw)).isEqualTo(once);
      assertThat(once).isNotEqualTo(untouched);
      assertThat(row(plain, new Draw(8, epoch, 0))).isNotEqualTo(once);
    }
    assertThat(((Values.Floats) cached.gather(new int[] {0}, null)).values()).isEqualTo(untouched);
    assertThat(plain.shape().sizes()).containsExactly(1L, 64L, 51L);
  }

  @Test
  void noiseIsAsLoudAsAsked() {
    float[] wave = tone(80_000);
    SoundPipeline pipeline = new SoundPipeline(List.of(new SoundStep.WhiteNoise(20, 20)));
    float[] noisy = pipeline.wave(wave, 8000, new Draw(1, 0, 0));
    double noise = 0;
    for (int i = 0; i < wave.length; i++) {
      noise += Math.pow(noisy[i] - wave[i], 2);
    }
    // A sine of height 0.5 has the power 1/8, and 20 dB are a factor of 100.
    assertThat(noise / wave.length).isCloseTo(0.125 / 100, within(2e-5));
  }

  @Test
  void stretchingChangesLengthAndShiftingPlace() {
    float[] wave = tone(8000);
    float[] longer = SoundPipeline.stretched(wave, 1.25);
    assertThat(longer).hasSize(10_000);
    for (int i = 10; i < 9_900; i += 7) {
      double expected = 0.5 * Math.sin(2 * Math.PI * 440 * (i / 1.25) / 8000);
      assertThat((double) longer[i]).isCloseTo(expected, within(0.01));
    }
    assertThat(Arrays.copyOfRange(SoundPipeline.shifted(wave, 100), 100, 8100)).isEqualTo(wave);
    assertThat(SoundPipeline.shifted(wave, -100)).isEqualTo(Arrays.copyOfRange(wave, 100, 8000));
    assertThat(SoundPipeline.shifted(wave, -9000)).isEmpty();
  }

  @Test
  void masksAreNoWiderThanAsked() {
    SoundPipeline pipeline = new SoundPipeline(List.of(new SoundStep.SpecAugment(1, 4, 1, 0.25)));
    for (int epoch = 0; epoch < 50; epoch++) {
      float[] values = new float[20 * 40];
      for (int i = 0; i < values.length; i++) {
        values[i] = 1 + i;
      }
      pipeline.spectrogram(values, 20, new Draw(3, epoch, 0));
      int changed = 0;
      for (int i = 0; i < values.length; i++) {
        changed += values[i] == 1 + i ? 0 : 1;
      }
      assertThat(changed).isLessThanOrEqualTo(4 * 40 + 20 * 10);
    }
  }

  @Test
  void shownSpectrogramsArePngs() {
    byte[] png = encoded(List.of(), 0).shown(new int[] {0}, null).getFirst();
    assertThat(Pictures.size(png, "shown")).isEqualTo(new Pictures.Size(64, 51));
  }
}
