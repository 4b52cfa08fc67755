package dev.slipway.data.augment;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.data.example.Draw;
import dev.slipway.data.example.Encoded;
import dev.slipway.data.example.ExampleSet;
import dev.slipway.data.example.Value;
import dev.slipway.data.example.Values;
import dev.slipway.data.picture.PictureSettings;
import dev.slipway.data.picture.Pictures;
import dev.slipway.data.picture.PngWriter;
import dev.slipway.data.picture.Resampling;
import dev.slipway.nn.InputShape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A field of pictures as channels × height × width, decoded when they are asked for and kept in
 * memory as far as a budget goes. What comes depends on the example and its draw alone.
 */
public final class EncodedPictures implements Encoded {
  private final ExampleSet examples;
  private final String field;
  private final String name;
  private final PictureSettings settings;
  private final PicturePipeline pipeline;

  /** At the settings' size. */
  private final ByteCache<Value.Pixels> fitted;

  /** At their own size, which a cut needs. */
  private final ByteCache<Value.Pixels> whole;

  private final boolean keepsWhole;

  /**
   * @param field of the kind PICTURE; the set must outlive this
   * @param name of the network's input
   * @param steps for examples that come with a draw
   * @param cacheBytes most bytes of decoded pictures to keep; 0 keeps none
   */
  public EncodedPictures(
      ExampleSet examples,
      String field,
      String name,
      PictureSettings settings,
      List<PictureStep> steps,
      long cacheBytes) {
    this.examples = examples;
    this.field = field;
    this.name = name;
    this.settings = settings;
    this.pipeline = new PicturePipeline(settings, steps);
    boolean cuts = steps.stream().anyMatch(PictureStep.ResizedCrop.class::isInstance);
    long large = cuts ? cacheBytes - cacheBytes / 4 : 0;
    keepsWhole = large > 0;
    whole = new ByteCache<>(keepsWhole ? examples.size() : 0, large, p -> p.bytes().length);
    fitted = new ByteCache<>(examples.size(), cacheBytes - large, p -> p.bytes().length);
  }

  @Override
  public InputShape shape() {
    return InputShape.floats(
        name, (long) settings.channels(), (long) settings.height(), (long) settings.width());
  }

  @Override
  public Values gather(int[] rows, Draw @Nullable [] draws) {
    int size = settings.values();
    float[] values = new float[Math.multiplyExact(rows.length, size)];
    for (int row = 0; row < rows.length; row++) {
      pipeline.finish(planes(rows[row], draws == null ? null : draws[row]), values, row * size);
    }
    return new Values.Floats(
        values, new long[] {rows.length, settings.channels(), settings.height(), settings.width()});
  }

  /**
   * Pictures as the network sees them but for normalisation, for people: a PNG each.
   *
   * @param draws as in {@link #gather}
   */
  public List<byte[]> shown(int[] rows, Draw @Nullable [] draws) {
    List<byte[]> pngs = new ArrayList<>();
    for (int row = 0; row < rows.length; row++) {
      float[][] planes = planes(rows[row], draws == null ? null : draws[row]);
      byte[] bytes = new byte[settings.values()];
      for (int i = 0; i < bytes.length; i++) {
        float value = planes[i % settings.channels()][i / settings.channels()];
        bytes[i] = (byte) Math.clamp(Math.round(value), 0, 255);
      }
      pngs.add(
          PngWriter.write(
              new Value.Pixels(settings.height(), settings.width(), settings.channels(), bytes)));
    }
    return pngs;
  }

  private float[][] planes(int example, @Nullable Draw draw) {
    Optional<Pictures.Cut> cut = pipeline.cut(draw);
    Value.Pixels picture =
        cut.isPresent()
            ? cut(example, cut.get())
            : fitted.get(example, () -> Pictures.fit(decoded(example), settings));
    return pipeline.planes(picture, draw);
  }

  private Value.Pixels cut(int example, Pictures.Cut cut) {
    Value.Pixels part =
        keepsWhole
            ? Pictures.part(whole.get(example, () -> decoded(example)), cut)
            : part(example, cut);
    Value.Pixels channels = Pictures.channels(part, settings.channels());
    return Resampling.resize(
        channels, Resampling.Box.whole(channels), settings.height(), settings.width());
  }

  private Value.Pixels part(int example, Pictures.Cut cut) {
    return switch (examples.value(example, field)) {
      case Value.Content(byte[] bytes) -> Pictures.part(bytes, cut, examples.id(example));
      case Value.Pixels pixels -> Pictures.part(pixels, cut);
      case Value other -> throw noPicture(example, other);
    };
  }

  private Value.Pixels decoded(int example) {
    return switch (examples.value(example, field)) {
      case Value.Content(byte[] bytes) -> Pictures.decode(bytes, examples.id(example));
      case Value.Pixels pixels -> pixels;
      case Value other -> throw noPicture(example, other);
    };
  }

  private RuntimeException noPicture(int example, Value value) {
    if (value instanceof Value.Missing) {
      return new SlipwayException(
          Exit.INPUT,
          "data.picture-missing",
          examples.id(example) + " has no picture in " + field,
          "give one, or leave the example out");
    }
    return new IllegalArgumentException(field + " of " + examples.id(example) + " is " + value);
  }
}
