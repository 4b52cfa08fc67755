package dev.slipway.data.picture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.base.SlipwayException;
import dev.slipway.data.example.Value;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PicturesTest {
  static Stream<String> files() {
    return PictureFixtures.files().keySet().stream()
        .filter(name -> name.matches(".*\\.(jpeg|png|bmp|gif)"));
  }

  private static void assertSame(Value.Pixels came, Value.Pixels expected) {
    assertThat(List.of(came.height(), came.width(), came.channels()))
        .isEqualTo(List.of(expected.height(), expected.width(), expected.channels()));
    assertThat(came.bytes()).isEqualTo(expected.bytes());
  }

  @ParameterizedTest
  @MethodSource("files")
  void everyFormatDecodesToPillowsPixels(String name) {
    Value.Pixels expected = PictureFixtures.pixels(name);
    Value.Pixels came = Pictures.decode(PictureFixtures.file(name), name);
    assertSame(Pictures.channels(came, expected.channels()), expected);
    Pictures.check(PictureFixtures.file(name), name);
    assertThat(Pictures.size(PictureFixtures.file(name), name))
        .isEqualTo(new Pictures.Size(expected.height(), expected.width()));
  }

  @ParameterizedTest
  @MethodSource("files")
  void aPartIsThatPartOfTheWhole(String name) {
    byte[] file = PictureFixtures.file(name);
    Value.Pixels whole = Pictures.decode(file, name);
    for (int i = 0; i < 4; i++) {
      int x = whole.width() * i / 5;
      int y = whole.height() * (3 - i) / 5;
      Resampling.Box box =
          new Resampling.Box(
              x,
              y,
              Math.max(x + 1, whole.width() * (i + 2) / 6),
              Math.max(y + 1, whole.height() * (6 - i) / 6));
      Pictures.Cut cut = (height, width) -> box;
      assertSame(Pictures.part(file, cut, name), Pictures.part(whole, cut));
    }
  }

  static Stream<String> sizes() {
    return PictureFixtures.files().keySet().stream()
        .filter(name -> name.matches("fit/(stretch|crop|pad)-.*"))
        .map(name -> name.substring(0, name.indexOf('.')));
  }

  @ParameterizedTest
  @MethodSource("sizes")
  void fittingIsPillows(String name) {
    String[] words = name.substring(4).split("-", -1);
    PictureSettings settings =
        new PictureSettings(
            Integer.parseInt(words[1]),
            Integer.parseInt(words[2]),
            3,
            PictureSettings.Fit.valueOf(words[0].toUpperCase(Locale.ROOT)),
            PictureSettings.Scale.UNIT,
            List.of(),
            List.of());
    Value.Pixels came = Pictures.fit(PictureFixtures.pixels("fit/source"), settings);
    assertSame(came, PictureFixtures.pixels(name));
  }

  @Test
  void aBoxAndGreyArePillows() {
    Value.Pixels source = PictureFixtures.pixels("fit/source");
    Resampling.Box box = new Resampling.Box(3.25, 4.5, 30.75, 21);
    assertSame(Resampling.resize(source, box, 12, 17), PictureFixtures.pixels("fit/box-12-17"));
    assertSame(Pictures.channels(source, 1), PictureFixtures.pixels("fit/luma"));
    Value.Pixels grey = PictureFixtures.pixels("fit/luma");
    assertThat(Pictures.channels(grey, 3).bytes()).hasSize(3 * grey.bytes().length);
  }

  @Test
  void halfAPictureIsBroken() {
    for (String name :
        files().filter(n -> n.matches("(jpeg/(37|64)|png/rgb|png/grey).*")).toList()) {
      byte[] file = PictureFixtures.file(name);
      byte[] half = Arrays.copyOf(file, file.length * 3 / 5);
      assertThatThrownBy(() -> Pictures.check(half, "half"))
          .as(name)
          .isInstanceOfSatisfying(
              SlipwayException.class, e -> assertThat(e.code()).isEqualTo("data.picture-broken"));
    }
  }

  @Test
  void whatIsNoPictureSaysWhatItIs() {
    assertThatThrownBy(() -> Pictures.decode(new byte[0], "a.jpg"))
        .hasMessage(
            "a.jpg can't be read as a picture: it is empty; give a whole JPEG, PNG, GIF or BMP");
    assertThatThrownBy(
            () -> Pictures.decode("hello, world".getBytes(StandardCharsets.UTF_8), "b.jpg"))
        .hasMessageContaining("it is none of JPEG, PNG, GIF and BMP");
  }

  @Test
  void aPictureThatWouldFillMemoryIsRefusedByItsHeader() {
    for (String name : List.of("jpeg/37x29-420.jpeg", "png/rgb.png", "other/gif.gif")) {
      assertThatThrownBy(() -> Pictures.decode(PictureFixtures.file(name), 100, name))
          .hasMessageContaining("more than 100");
    }
    byte[] bomb = PictureFixtures.file("png/rgb.png").clone();
    bomb[16] = 0x7f;
    bomb[20] = 0x7f;
    assertThatThrownBy(() -> Pictures.decode(bomb, "bomb.png")).hasMessageContaining("pixels");
  }

  @Property(tries = 300)
  void damageIsToldOrOverlookedAndNeverABug(
      @ForAll @IntRange(min = 0, max = 1000) int which,
      @ForAll @IntRange(min = 0, max = 1_000_000) int where,
      @ForAll byte value) {
    List<String> names = files().toList();
    byte[] file = PictureFixtures.file(names.get(which % names.size())).clone();
    file[where % file.length] = value;
    try {
      assertThat(Pictures.decode(file, 1_000_000, "damaged").bytes()).isNotEmpty();
    } catch (SlipwayException e) {
      assertThat(e.code()).isEqualTo("data.picture-broken");
    }
  }

  @Test
  void whatIsWrittenAsPngIsReadAsTheSame() {
    Value.Pixels colour = PictureFixtures.pixels("fit/source");
    assertSame(Pictures.decode(PngWriter.write(colour), "colour"), colour);
    Value.Pixels grey = PictureFixtures.pixels("fit/luma");
    assertSame(Pictures.decode(PngWriter.write(grey), "grey"), grey);
  }
}
