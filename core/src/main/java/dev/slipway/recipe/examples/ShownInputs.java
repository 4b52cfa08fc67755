package dev.slipway.recipe.examples;

import dev.slipway.data.augment.Augmentation;
import dev.slipway.data.augment.TextPipeline;
import dev.slipway.data.augment.TextStep;
import dev.slipway.data.example.Draw;
import dev.slipway.data.example.Encoded;
import dev.slipway.data.example.Value;
import dev.slipway.data.example.Values;
import dev.slipway.data.feature.Feature;
import dev.slipway.data.feature.LogMelFeature;
import dev.slipway.data.feature.LogMelFramesFeature;
import dev.slipway.data.feature.PictureFeature;
import dev.slipway.data.picture.PngWriter;
import dev.slipway.eval.report.TaskSection;
import dev.slipway.task.TaskData;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a network is given, as people see it: pictures, spectrograms, texts before and after. */
final class ShownInputs {
  /** Colours of a spectrogram from silence to the loudest, dark to bright: matplotlib's magma. */
  private static final int[][] COLOURS = {
    {0, 0, 4},
    {28, 16, 68},
    {79, 18, 123},
    {129, 37, 129},
    {181, 54, 122},
    {229, 80, 100},
    {251, 135, 97},
    {254, 194, 135},
    {252, 253, 191}
  };

  private ShownInputs() {}

  /** Numbers of an input, top row first: channels × height × width. */
  private record Grid(float[] values, int channels, int height, int width) {
    float least() {
      float least = Float.POSITIVE_INFINITY;
      for (float value : values) {
        least = Math.min(least, value);
      }
      return least;
    }

    float most() {
      float most = Float.NEGATIVE_INFINITY;
      for (float value : values) {
        most = Math.max(most, value);
      }
      return most;
    }
  }

  /** The first input of an example that can be seen, as the network is given it. */
  static Optional<TaskSection.Input> picture(TaskData data, int example) {
    return data.features().stream()
        .filter(ShownInputs::isSeen)
        .findFirst()
        .map(feature -> image(feature, encoded(data, feature), example, List.of()).getFirst());
  }

  /**
   * An example as it is and as augmentation changes it, for each of the inputs that it changes.
   *
   * @param draws one a variant
   */
  static List<TaskSection.AugmentedExample> augmented(
      TaskData data, List<Augmentation> steps, int example, List<Draw> draws) {
    List<TaskSection.AugmentedExample> shown = new ArrayList<>();
    for (Feature feature : data.features()) {
      if (steps.stream().noneMatch(feature::takes)) {
        continue;
      }
      if (isSeen(feature)) {
        List<TaskSection.Input> images = image(feature, encoded(data, feature), example, draws);
        shown.add(
            new TaskSection.AugmentedExample(images.getFirst(), images.subList(1, images.size())));
      } else {
        shown.add(texts(data, feature, steps, example, draws));
      }
    }
    return shown;
  }

  private static boolean isSeen(Feature feature) {
    return feature instanceof PictureFeature
        || feature instanceof LogMelFeature
        || feature instanceof LogMelFramesFeature;
  }

  private static Encoded encoded(TaskData data, Feature feature) {
    return Objects.requireNonNull(data.encoded().inputs().get(feature.name()));
  }

  private static TaskSection.AugmentedExample texts(
      TaskData data, Feature feature, List<Augmentation> steps, int example, List<Draw> draws) {
    TextPipeline pipeline =
        TextPipeline.of(
            steps.stream().filter(TextStep.class::isInstance).map(TextStep.class::cast).toList());
    String text =
        data.examples().value(example, feature.fields().getFirst())
                instanceof Value.Text(String own)
            ? own
            : "";
    String id = data.examples().id(example);
    return new TaskSection.AugmentedExample(
        new TaskSection.Input.Text(text),
        draws.stream()
            .<TaskSection.Input>map(
                draw -> new TaskSection.Input.Changed(text, pipeline.apply(text, id, draw)))
            .toList());
  }

  /** As it is, then a variant for each draw, all in the brightness of the first. */
  private static List<TaskSection.Input> image(
      Feature feature, Encoded encoded, int example, List<Draw> draws) {
    Grid plain = grid(feature, encoded, example, null);
    float low = plain.least();
    float high = plain.most();
    boolean sound = !(feature instanceof PictureFeature);
    if (!sound && low >= 0 && high <= 1) {
      low = 0; // what has no scale of its own keeps its brightness
      high = 1;
    }
    List<TaskSection.Input> images = new ArrayList<>();
    images.add(new TaskSection.Input.Image(png(plain, low, high, sound)));
    for (Draw draw : draws) {
      images.add(
          new TaskSection.Input.Image(
              png(grid(feature, encoded, example, draw), low, high, sound)));
    }
    return images;
  }

  private static byte[] png(Grid grid, float low, float high, boolean sound) {
    float range = Math.max(1e-6f, high - low);
    int places = grid.height * grid.width;
    int channels = sound ? 3 : grid.channels;
    byte[] pixels = new byte[channels * places];
    for (int at = 0; at < places; at++) {
      for (int c = 0; c < channels; c++) {
        float share =
            Math.clamp((grid.values[(sound ? 0 : c * places) + at] - low) / range, 0f, 1f);
        pixels[at * channels + c] = (byte) (sound ? colour(share, c) : Math.round(255 * share));
      }
    }
    return PngWriter.write(new Value.Pixels(grid.height, grid.width, channels, pixels));
  }

  private static int colour(float share, int channel) {
    float at = share * (COLOURS.length - 1);
    int below = Math.min((int) at, COLOURS.length - 2);
    float rest = at - below;
    return Math.round((1 - rest) * COLOURS[below][channel] + rest * COLOURS[below + 1][channel]);
  }

  /** Low pitches are a spectrogram's first row, and stand at a picture's foot. */
  private static Grid grid(Feature feature, Encoded encoded, int example, @Nullable Draw draw) {
    Values values = encoded.gather(new int[] {example}, draw == null ? null : new Draw[] {draw});
    return switch (values) {
      case Values.Floats(float[] all, long[] shape) -> {
        int channels = (int) shape[1];
        int height = (int) shape[2];
        int width = (int) shape[3];
        yield feature instanceof PictureFeature
            ? new Grid(all, channels, height, width)
            : new Grid(upright(all, height, width, width, 1), 1, height, width);
      }
      case Values.Ragged(float[] all, long[] shape, int[] _) -> {
        int frames = (int) shape[1];
        int mels = (int) shape[2];
        yield new Grid(upright(all, mels, frames, 1, mels), 1, mels, frames);
      }
      case Values.Ids _ -> throw new IllegalStateException(feature.name() + " is no picture");
    };
  }

  /** The last pitch first, from values whose neighbours in pitch and time are so far apart. */
  private static float[] upright(float[] all, int mels, int frames, int pitch, int time) {
    float[] upright = new float[mels * frames];
    for (int mel = 0; mel < mels; mel++) {
      for (int frame = 0; frame < frames; frame++) {
        upright[(mels - 1 - mel) * frames + frame] = all[mel * pitch + frame * time];
      }
    }
    return upright;
  }
}
