package dev.slipway.data.augment;

import dev.slipway.data.example.Draw;
import dev.slipway.data.example.Value;
import dev.slipway.data.picture.PictureSettings;
import dev.slipway.data.picture.Pictures;
import dev.slipway.data.picture.Resampling;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * The steps of augmentation of pictures in an order that costs little: the cut out of the original,
 * then neighbouring geometric steps as one. Holds nothing of one picture.
 */
final class PicturePipeline {
  /** Steps that are carried out together, with their places in the list, which they draw by. */
  private sealed interface Stage {
    record Moves(List<Integer> places, List<PictureStep.Geometric> steps, Fill fill)
        implements Stage {}

    record Single(int place, PictureStep step) implements Stage {}
  }

  private final PictureSettings settings;
  private final List<Stage> stages;
  private final int cutPlace;
  private final Optional<PictureStep.ResizedCrop> cut;

  PicturePipeline(PictureSettings settings, List<PictureStep> steps) {
    this.settings = settings;
    List<Stage> made = new ArrayList<>();
    int foundAt = -1;
    for (int i = 0; i < steps.size(); i++) {
      switch (steps.get(i)) {
        case PictureStep.ResizedCrop _ -> foundAt = i;
        case PictureStep.Geometric step -> add(made, i, step);
        case PictureStep step -> made.add(new Stage.Single(i, step));
      }
    }
    cutPlace = foundAt;
    cut =
        foundAt < 0 ? Optional.empty() : Optional.of((PictureStep.ResizedCrop) steps.get(foundAt));
    stages = List.copyOf(made);
  }

  private static void add(List<Stage> stages, int place, PictureStep.Geometric step) {
    if (!stages.isEmpty()
        && stages.getLast() instanceof Stage.Moves(List<Integer> places, var steps, Fill fill)) {
      boolean mirrors = step instanceof PictureStep.Flip;
      boolean onlyMirrors = steps.stream().allMatch(PictureStep.Flip.class::isInstance);
      if (mirrors || onlyMirrors || fill == step.fill()) {
        places.add(place);
        steps.add(step);
        stages.set(
            stages.size() - 1, new Stage.Moves(places, steps, onlyMirrors ? step.fill() : fill));
        return;
      }
    }
    stages.add(
        new Stage.Moves(
            new ArrayList<>(List.of(place)), new ArrayList<>(List.of(step)), step.fill()));
  }

  /** What is cut out of a picture before anything else; empty for nothing. */
  Optional<Pictures.Cut> cut(@Nullable Draw draw) {
    return draw == null
        ? Optional.empty()
        : cut.map(step -> (height, width) -> box(step, height, width, draw.random(cutPlace)));
  }

  /** As torchvision's {@code RandomResizedCrop}: ten tries, else the middle. */
  static Resampling.Box box(
      PictureStep.ResizedCrop step, int height, int width, SplittableRandom random) {
    double area = (double) height * width;
    double most = Math.log(step.ratio());
    for (int i = 0; i < 10; i++) {
      double wanted =
          area * (step.smallest() + (step.largest() - step.smallest()) * random.nextDouble());
      double ratio = Math.exp(Affine.around(0, most, random));
      long w = Math.round(Math.sqrt(wanted * ratio));
      long h = Math.round(Math.sqrt(wanted / ratio));
      if (w > 0 && w <= width && h > 0 && h <= height) {
        int y = random.nextInt(height - (int) h + 1);
        int x = random.nextInt(width - (int) w + 1);
        return new Resampling.Box(x, y, x + w, y + h);
      }
    }
    double ratio = Math.clamp((double) width / height, 1 / step.ratio(), step.ratio());
    int w = Math.clamp(Math.round(height * ratio), 1, width);
    int h = Math.clamp(Math.round(width / ratio), 1, height);
    int y = (height - h) / 2;
    int x = (width - w) / 2;
    return new Resampling.Box(x, y, x + w, y + h);
  }

  /** A plane of 0 … 255 for each channel, augmented if there is a draw. */
  float[][] planes(Value.Pixels fitted, @Nullable Draw draw) {
    int channels = settings.channels();
    int plane = settings.height() * settings.width();
    float[][] planes = new float[channels][plane];
    byte[] bytes = fitted.bytes();
    for (int c = 0; c < channels; c++) {
      float[] to = planes[c];
      for (int i = 0, from = c; i < plane; i++, from += channels) {
        to[i] = bytes[from] & 0xFF;
      }
    }
    if (draw == null) {
      return planes;
    }
    for (Stage stage : stages) {
      switch (stage) {
        case Stage.Moves moves -> planes = moved(moves, planes, draw);
        case Stage.Single(int place, PictureStep step) -> single(step, planes, draw.random(place));
      }
    }
    return planes;
  }

  private float[][] moved(Stage.Moves moves, float[][] planes, Draw draw) {
    int height = settings.height();
    int width = settings.width();
    Affine whole = Affine.IDENTITY;
    for (int i = 0; i < moves.steps.size(); i++) {
      SplittableRandom random = draw.random(moves.places.get(i));
      whole = whole.then(Affine.drawn(moves.steps.get(i), height, width, random));
    }
    if (whole.equals(Affine.IDENTITY)) {
      return planes;
    }
    float[][] out = new float[planes.length][height * width];
    whole.apply(planes, out, height, width, moves.fill);
    return out;
  }

  private void single(PictureStep step, float[][] planes, SplittableRandom random) {
    switch (step) {
      case PictureStep.Colour colour -> Colours.apply(colour, planes, random);
      case PictureStep.Noise(double deviation) -> {
        double scale = 255 * deviation;
        for (float[] plane : planes) {
          for (int i = 0; i < plane.length; i++) {
            plane[i] = Math.clamp((float) (plane[i] + scale * random.nextGaussian()), 0f, 255f);
          }
        }
      }
      case PictureStep.Cutout cutout -> cutOut(cutout, planes, random);
      case PictureStep.ResizedCrop _, PictureStep.Geometric _ ->
          throw new IllegalStateException("not a single step: " + step);
    }
  }

  /** The square's middle is anywhere in the picture, so that it may overhang, as in the paper. */
  private void cutOut(PictureStep.Cutout cutout, float[][] planes, SplittableRandom random) {
    int height = settings.height();
    int width = settings.width();
    int side = (int) Math.round(cutout.side() * Math.min(height, width));
    boolean happens = random.nextDouble() < cutout.chance();
    int top = random.nextInt(height) - side / 2;
    int left = random.nextInt(width) - side / 2;
    if (!happens) {
      return;
    }
    int from = Math.max(0, left);
    int to = Math.min(width, left + side);
    for (float[] plane : planes) {
      for (int y = Math.max(0, top); y < Math.min(height, top + side); y++) {
        Arrays.fill(plane, y * width + from, y * width + Math.max(from, to), 0);
      }
    }
  }

  /** Planes to what the network gets, from {@code at}. */
  void finish(float[][] planes, float[] out, int at) {
    for (int c = 0; c < planes.length; c++) {
      float factor = (float) settings.factor(c);
      float offset = (float) settings.offset(c);
      float[] plane = planes[c];
      for (int i = 0; i < plane.length; i++) {
        plane[i] = plane[i] * factor + offset;
      }
      System.arraycopy(plane, 0, out, at + c * plane.length, plane.length);
    }
  }
}
