package dev.slipway.data.sound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.Fixtures;
import dev.slipway.base.SlipwayException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Against libsndfile and torchaudio: reference/sound.py. */
class SoundsTest {
  private static final Map<String, byte[]> FILES = Fixtures.files(SoundsTest.class, "sounds.zip");

  private static byte[] file(String name) {
    return Objects.requireNonNull(FILES.get(name), name);
  }

  private static float[] floats(String name) {
    byte[] bytes = file(name);
    float[] values = new float[bytes.length / 4];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
    return values;
  }

  static Stream<String> files() {
    return FILES.keySet().stream().filter(name -> name.matches(".*\\.(wav|flac)"));
  }

  private static void assertClose(float[] came, float[] expected, double tolerance) {
    assertThat(came).hasSameSizeAs(expected);
    for (int i = 0; i < came.length; i++) {
      assertThat((double) came[i]).as("at %d", i).isCloseTo(expected[i], within(tolerance));
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void everyFormatDecodesToLibsndfilesSamples(String name) {
    Waveform came = Sounds.decode(file(name), name);
    assertThat(came.rate()).isEqualTo(8000);
    assertClose(came.samples(), floats(name + ".8000"), 1e-7);
  }

  @ParameterizedTest
  @CsvSource({"8000,16000", "44100,16000", "16000,8000", "22050,8000", "3,2"})
  void resamplingIsTorchaudios(int from, int to) {
    float[] came = new Resampler(from, to).apply(floats("wave"));
    assertClose(came, floats("resampled/" + from + "-" + to), 2e-6);
  }

  static Stream<LogMelSettings> settings() {
    return Stream.of(
        new LogMelSettings(8000, 0.5, 200, 80, 40, 0, 0, LogMelSettings.Scale.HTK),
        new LogMelSettings(8000, 0.5, 400, 160, 64, 20, 3800, LogMelSettings.Scale.SLANEY),
        new LogMelSettings(8000, 0.5, 331, 101, 20, 0, 0, LogMelSettings.Scale.HTK),
        new LogMelSettings(8000, 0.5, 512, 128, 32, 0, 0, LogMelSettings.Scale.HTK));
  }

  @ParameterizedTest
  @MethodSource("settings")
  void spectrogramsAreTorchaudios(LogMelSettings settings) {
    String name =
        switch (settings.window()) {
          case 200 -> "htk";
          case 400 -> "slaney";
          case 331 -> "odd";
          default -> "power-of-two";
        };
    float[] came = new LogMel(settings).of(new Waveform(floats("wave"), 8000));
    float[] expected = floats("mel/" + name);
    assertThat(expected).hasSize(settings.mels() * settings.frames());
    assertClose(came, expected, 1e-4);
  }

  @Test
  void shortSoundsEndInSilenceAndLongOnesAreCut() {
    LogMel logMel = new LogMel(LogMelSettings.of(8000, 0.25));
    float[] wave = floats("wave");
    assertThat(logMel.ofSamples(Arrays.copyOf(wave, 1000)))
        .isEqualTo(logMel.ofSamples(Arrays.copyOf(Arrays.copyOf(wave, 1000), 2000)));
    assertThat(logMel.ofSamples(wave)).isEqualTo(logMel.ofSamples(Arrays.copyOf(wave, 2000)));
    assertThat(logMel.ofSamples(new float[0])).containsOnly((float) Math.log(LogMel.FLOOR));
  }

  @Test
  void halfASoundIsBroken() {
    for (String name : files().toList()) {
      byte[] half = Arrays.copyOf(file(name), file(name).length * 3 / 5);
      assertThatThrownBy(() -> Sounds.check(half, "half"))
          .as(name)
          .isInstanceOfSatisfying(
              SlipwayException.class, e -> assertThat(e.code()).isEqualTo("data.sound-broken"));
    }
    assertThatThrownBy(() -> Sounds.decode(new byte[9], "a.wav"))
        .hasMessage(
            "a.wav can't be read as a sound: it is neither WAV nor FLAC; give a whole WAV or FLAC");
  }

  @Property(tries = 300)
  void damageIsToldOrOverlookedAndNeverABug(
      @ForAll @IntRange(min = 0, max = 1000) int which,
      @ForAll @IntRange(min = 0, max = 1_000_000) int where,
      @ForAll byte value) {
    byte[] file = file(files().toList().get(which % (int) files().count())).clone();
    file[where % Math.min(file.length, 3000)] = value;
    try {
      assertThat(Sounds.decode(file, "damaged").rate()).isPositive();
    } catch (SlipwayException e) {
      assertThat(e.code()).isEqualTo("data.sound-broken");
    }
  }
}
