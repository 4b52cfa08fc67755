package dev.slipway.data.feature;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.data.example.Draw;
import dev.slipway.data.example.Encoded;
import dev.slipway.data.example.ExampleSet;
import dev.slipway.data.example.Field;
import dev.slipway.data.example.Value;
import dev.slipway.data.example.Values;
import dev.slipway.data.source.DropReason;
import dev.slipway.data.source.Dropped;
import dev.slipway.nn.InputShape;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A picture as channels × height × width, its pixels from 0 … 255 to 0 … 1. */
public record PictureFeature(String name, String field, int height, int width, int channels)
    implements Feature {
  static PictureFeature fit(FeatureConfig.Picture config, String field) {
    return new PictureFeature(
        config.name(), field, config.height(), config.width(), config.channels());
  }

  @Override
  public List<String> fields() {
    return List.of(field);
  }

  @Override
  public InputShape shape() {
    return InputShape.floats(name, (long) channels, (long) height, (long) width);
  }

  @Override
  public Optional<Dropped> problem(ExampleSet examples, int example) {
    return examples.value(example, field) instanceof Value.Missing
        ? Optional.of(new Dropped(DropReason.VALUE_MISSING, field))
        : Optional.empty();
  }

  @Override
  public Encoded encode(ExampleSet examples) {
    Fields.named(examples, field, Field.Kind.PICTURE);
    return new Pictures(examples);
  }

  private final class Pictures implements Encoded {
    private final ExampleSet examples;

    Pictures(ExampleSet examples) {
      this.examples = examples;
    }

    @Override
    public InputShape shape() {
      return PictureFeature.this.shape();
    }

    @Override
    public Values gather(int[] rows, Draw @Nullable [] draws) {
      int size = channels * height * width;
      float[] values = new float[Math.multiplyExact(rows.length, size)];
      for (int row = 0; row < rows.length; row++) {
        switch (examples.value(rows[row], field)) {
          case Value.Pixels(int h, int w, int c, byte[] bytes)
              when h == height && w == width && c == channels -> {
            for (int i = 0; i < bytes.length; i++) {
              int channel = i % c;
              values[row * size + channel * h * w + i / c] = (bytes[i] & 0xFF) / 255f;
            }
          }
          default ->
              throw new SlipwayException(
                  Exit.INPUT,
                  "data.picture-unfit",
                  examples.id(rows[row])
                      + " is no picture of "
                      + height
                      + "×"
                      + width
                      + " with "
                      + channels
                      + " channels",
                  "give the size of the pictures in data.inputs");
        }
      }
      return new Values.Floats(values, new long[] {rows.length, channels, height, width});
    }
  }
}
