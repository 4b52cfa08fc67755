package dev.slipway.data.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.data.example.Draw;
import dev.slipway.data.example.Value;
import dev.slipway.data.example.Values;
import dev.slipway.data.picture.PictureFixtures;
import dev.slipway.data.picture.PictureSettings;
import dev.slipway.data.picture.Pictures;
import dev.slipway.data.picture.Resampling;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against torchvision: reference/pictures.py. */
class AugmentTest {
  private static final int HEIGHT = 29;
  private static final int WIDTH = 37;

  private static float[][] source() {
    float[] values = PictureFixtures.floats("move/none");
    float[][] planes = new float[3][HEIGHT * WIDTH];
    for (int i = 0; i < values.length; i++) {
      planes[i / (HEIGHT * WIDTH)][i % (HEIGHT * WIDTH)] = values[i] * 255;
    }
    return planes;
  }

  private static void assertClose(float[][] came, String name, double tolerance) {
    float[] expected = PictureFixtures.floats(name);
    for (int i = 0; i < expected.length; i++) {
      double value = came[i / (HEIGHT * WIDTH)][i % (HEIGHT * WIDTH)] / 255.0;
      assertThat(value).as("at %d", i).isCloseTo(expected[i], within(tolerance));
    }
  }

  private static Affine affine(String name) {
    return switch (name) {
      case "rotate" -> Affine.rotation(20);
      case "zoom" -> Affine.zoom(1.3);
      case "shrink" -> Affine.zoom(0.6);
      case "translate" -> Affine.translation(5, -3);
      case "shear" -> Affine.shear(15);
      case "flip" -> Affine.flip(true, false);
      case "flip-vertical" -> Affine.flip(false, true);
      case "crop" -> Affine.translation(-3, 3);
      case "all" ->
          Affine.shear(10)
              .then(Affine.zoom(0.8))
              .then(Affine.rotation(-33))
              .then(Affine.translation(4, 2));
      default -> throw new IllegalArgumentException(name);
    };
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "rotate",
        "zoom",
        "shrink",
        "translate",
        "shear",
        "flip",
        "flip-vertical",
        "crop",
        "all"
      })
  void moves(String name) {
    float[][] out = new float[3][HEIGHT * WIDTH];
    affine(name).apply(source(), out, HEIGHT, WIDTH, Fill.BLACK);
    assertClose(out, "move/" + name, 2e-5);
  }

  @Test
  void colours() {
    float[][] planes = source();
    Colours.brightness(planes, 1.35f);
    assertClose(planes, "colour/brightness", 1e-6);
    planes = source();
    Colours.contrast(planes, 0.6f);
    assertClose(planes, "colour/contrast", 1e-6);
    planes = source();
    Colours.saturation(planes, 1.7f);
    assertClose(planes, "colour/saturation", 1e-6);
    planes = source();
    Colours.hue(planes, 0.2f);
    assertClose(planes, "colour/hue", 1e-5);
    planes = source();
    Colours.hue(planes, -0.35f);
    assertClose(planes, "colour/hue-back", 1e-5);
  }

  @Test
  void reflectionMirrorsAtTheEdgeAndTheNearestPixelGoesOn() {
    float[][] line = {{1, 2, 3, 4}};
    float[][] out = new float[1][4];
    Affine.translation(3, 0).apply(line, out, 1, 4, Fill.REFLECT);
    assertThat(out[0]).containsExactly(3, 2, 1, 1);
    Affine.translation(-6, 0).apply(line, out, 1, 4, Fill.REFLECT);
    assertThat(out[0]).containsExactly(2, 1, 1, 2);
    Affine.translation(2, 0).apply(line, out, 1, 4, Fill.NEAREST);
    assertThat(out[0]).containsExactly(1, 1, 1, 2);
  }

  private static final List<PictureStep> ALL =
      List.of(
          new PictureStep.ResizedCrop(0.3, 1, 4.0 / 3),
          new PictureStep.Flip(true, true, 0.5),
          new PictureStep.Rotate(15, Fill.REFLECT),
          new PictureStep.Zoom(0.2, Fill.REFLECT),
          new PictureStep.Translate(0.1, Fill.BLACK),
          new PictureStep.Colour(0.4, 0.4, 0.4, 0.1),
          new PictureStep.Shear(10, Fill.NEAREST),
          new PictureStep.Crop(3, Fill.BLACK),
          new PictureStep.Noise(0.02),
          new PictureStep.Cutout(0.3, 1));

  private static EncodedPictures encoded(List<PictureStep> steps, long cache) {
    return new EncodedPictures(
        new OnePicture(PictureFixtures.file("jpeg/37x29-420.jpeg")),
        "picture",
        "picture",
        PictureSettings.of(24, 20, 3),
        steps,
        cache);
  }

  private static float[] row(EncodedPictures pictures, Draw draw) {
    return ((Values.Floats) pictures.gather(new int[] {0}, new Draw[] {draw})).values();
  }

  @Property(tries = 30)
  void whatIsDrawnDependsOnSeedEpochAndExampleAlone(
      @ForAll long seed, @ForAll @IntRange(min = 0, max = 1000) int epoch) {
    Draw draw = new Draw(seed, epoch, 0);
    EncodedPictures plain = encoded(ALL, 0);
    float[] once = row(plain, draw);
    EncodedPictures cached = encoded(ALL, 1 << 20);
    row(cached, new Draw(seed + 1, epoch, 0));
    assertThat(row(cached, draw)).isEqualTo(once);
    assertThat(row(plain, draw)).isEqualTo(once);
    assertThat(row(plain, new Draw(seed, epoch + 1, 0))).isNotEqualTo(once);
    float[] batch =
        ((Values.Floats)
                plain.gather(new int[] {0, 0}, new Draw[] {new Draw(seed, epoch, 7), draw}))
            .values();
    assertThat(Arrays.copyOfRange(batch, once.length, batch.length)).isEqualTo(once);
  }

  @Test
  void threadsGetTheSame() {
    EncodedPictures pictures = encoded(ALL, 1 << 20);
    List<float[]> alone =
        IntStream.range(0, 64).mapToObj(i -> row(pictures, new Draw(1, i, 0))).toList();
    EncodedPictures shared = encoded(ALL, 1 << 20);
    List<float[]> together =
        IntStream.range(0, 64).parallel().mapToObj(i -> row(shared, new Draw(1, i, 0))).toList();
    for (int i = 0; i < alone.size(); i++) {
      assertThat(together.get(i)).isEqualTo(alone.get(i));
    }
  }

  @Test
  void withoutADrawAPictureIsOnlyFitted() {
    float[] came = ((Values.Floats) encoded(ALL, 0).gather(new int[] {0}, null)).values();
    byte[] file = PictureFixtures.file("jpeg/37x29-420.jpeg");
    Value.Pixels fitted = Pictures.fit(Pictures.decode(file, "x"), PictureSettings.of(24, 20, 3));
    for (int i = 0; i < came.length; i++) {
      int expected = fitted.bytes()[(i % 480) * 3 + i / 480] & 0xFF;
      assertThat(came[i] * 255).isCloseTo(expected, within(1e-4f));
    }
  }

  @Test
  void normalisationIsMeanAndDeviation() {
    PictureSettings settings =
        new PictureSettings(
            24,
            20,
            3,
            PictureSettings.Fit.STRETCH,
            PictureSettings.Scale.UNIT,
            List.of(0.485, 0.456, 0.406),
            List.of(0.229, 0.224, 0.225));
    EncodedPictures pictures =
        new EncodedPictures(
            new OnePicture(PictureFixtures.file("jpeg/37x29-420.jpeg")),
            "picture",
            "picture",
            settings,
            List.of(),
            0);
    float[] plain = ((Values.Floats) encoded(List.of(), 0).gather(new int[] {0}, null)).values();
    float[] came = ((Values.Floats) pictures.gather(new int[] {0}, null)).values();
    for (int i = 0; i < came.length; i++) {
      int c = i / 480;
      double expected = (plain[i] - settings.mean().get(c)) / settings.deviation().get(c);
      assertThat((double) came[i]).isCloseTo(expected, within(1e-5));
    }
  }

  @Test
  void aCutHasTheAreaAndProportionsThatWereAskedFor() {
    PictureStep.ResizedCrop step = new PictureStep.ResizedCrop(0.2, 0.5, 1.5);
    SplittableRandom random = new SplittableRandom(3);
    for (int i = 0; i < 500; i++) {
      Resampling.Box box = PicturePipeline.box(step, 300, 400, random);
      double w = box.right() - box.left();
      double h = box.bottom() - box.top();
      assertThat(w * h / (300 * 400)).isBetween(0.19, 0.51);
      assertThat(Math.max(w / h, h / w)).isLessThan(1.53);
      assertThat(box.left()).isGreaterThanOrEqualTo(0);
      assertThat(box.bottom()).isLessThanOrEqualTo(300);
    }
    // No such part: the middle with the nearest proportions.
    Resampling.Box middle =
        PicturePipeline.box(new PictureStep.ResizedCrop(0.9, 1, 1.1), 10, 100, random);
    assertThat(middle).isEqualTo(new Resampling.Box(44, 0, 55, 10));
  }

  @Test
  void cutoutBlackensASquareAndNoiseStaysBetweenBlackAndWhite() {
    EncodedPictures pictures = encoded(List.of(new PictureStep.Cutout(0.5, 1)), 0);
    float[] plain = ((Values.Floats) pictures.gather(new int[] {0}, null)).values();
    float[] cut = row(pictures, new Draw(1, 1, 0));
    int changed = 0;
    for (int i = 0; i < 480; i++) {
      if (cut[i] != plain[i]) {
        assertThat(cut[i]).isZero();
        changed++;
      }
    }
    assertThat(changed).isBetween(20, 100);
    for (float value : row(encoded(List.of(new PictureStep.Noise(0.5)), 0), new Draw(1, 1, 0))) {
      assertThat(value).isBetween(0f, 1f);
    }
  }

  @Test
  void mixupKeepsSumsAndDrawsFromBeta() {
    Mixup mixup = new Mixup(0.4);
    SplittableRandom random = new SplittableRandom(5);
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < 20_000; i++) {
      double kept = mixup.draw(1, random).kept();
      assertThat(kept).isBetween(0.0, 1.0);
      sum += kept;
      squares += kept * kept;
    }
    // Beta(a, a): mean 1/2, variance 1 / (4 (2a + 1)).
    assertThat(sum / 20_000).isCloseTo(0.5, within(0.01));
    assertThat(squares / 20_000 - 0.25).isCloseTo(1 / (4 * 1.8), within(0.01));
    Mixup.Mix mix = mixup.draw(6, random);
    assertThat(mix.partners()).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5);
    Values.Floats rows = new Values.Floats(new float[] {1, 0, 0, 1, 1, 0}, new long[] {3, 2});
    Values.Floats mixed = new Mixup.Mix(0.75, new int[] {1, 1, 0}).apply(rows);
    assertThat(mixed.values()).containsExactly(0.75f, 0.25f, 0, 1, 1, 0);
  }

  @Test
  void shownPicturesArePngs() {
    List<byte[]> pngs =
        encoded(ALL, 0).shown(new int[] {0, 0}, new Draw[] {new Draw(1, 0, 0), new Draw(1, 1, 0)});
    assertThat(pngs).hasSize(2);
    assertThat(Pictures.size(pngs.getFirst(), "shown")).isEqualTo(new Pictures.Size(24, 20));
    assertThat(pngs.get(0)).isNotEqualTo(pngs.get(1));
  }
}
