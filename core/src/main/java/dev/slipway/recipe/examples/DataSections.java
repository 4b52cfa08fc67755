package dev.slipway.recipe.examples;

import dev.slipway.data.SplitName;
import dev.slipway.data.example.Draw;
import dev.slipway.data.example.Encoded;
import dev.slipway.data.example.Field;
import dev.slipway.data.example.Value;
import dev.slipway.data.example.Values;
import dev.slipway.data.picture.PngWriter;
import dev.slipway.data.statistics.ExampleStatistics;
import dev.slipway.eval.report.TaskSection;
import dev.slipway.nn.InputShape;
import dev.slipway.recipe.Recipe;
import dev.slipway.task.TaskData;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What the report tells of the examples. */
final class DataSections {
  private static final int MOST_CLASSES = 50;
  private static final int SHOWN = 4;
  private static final int VARIANTS = 4;

  private DataSections() {}

  static TaskSection of(ExampleRun run) {
    TaskSection.Data counted = of(run.data());
    List<TaskSection.Missing> missing = new ArrayList<>();
    for (ExampleStatistics.FieldStatistics field : run.statistics().fields()) {
      if (field.missing() > 0) {
        missing.add(
            new TaskSection.Missing(
                field.name(), field.missing(), run.examples().size(), "as data.inputs says"));
      }
    }
    return new TaskSection.Data(
        counted.splits(), counted.classes(), List.of(), missing, run.warnings());
  }

  /** Numbers and the lengths of texts. */
  static Optional<TaskSection> fields(ExampleRun run) {
    List<List<String>> rows = new ArrayList<>();
    for (ExampleStatistics.FieldStatistics field : run.statistics().fields()) {
      List<Double> at = field.quantiles();
      if (at.size() == 7) {
        rows.add(
            List.of(
                field.name(),
                field.kind() == Field.Kind.NUMBER ? "number" : "words",
                Long.toString(field.missing()),
                ExampleReport.number(at.get(0)),
                ExampleReport.number(at.get(3)),
                ExampleReport.number(at.get(5)),
                ExampleReport.number(at.get(6))));
      }
    }
    return rows.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new TaskSection.Table(
                "fields",
                "Numbers and lengths",
                "Of all examples; of texts the number of words.",
                List.of("field", "unit", "missing", "least", "median", "95 %", "most"),
                rows));
  }

  private static TaskSection.Data of(TaskData data) {
    List<TaskSection.SplitSize> sizes = new ArrayList<>();
    Map<String, Long[]> classes = new TreeMap<>();
    SplitName[] splits = SplitName.values();
    String target = data.task().task().fields().getFirst();
    for (int s = 0; s < splits.length; s++) {
      int[] members = data.members(splits[s]);
      sizes.add(new TaskSection.SplitSize(splits[s].label(), members.length));
      for (int member : members) {
        Value value = data.examples().value(member, target);
        if (value instanceof Value.Text || value instanceof Value.Number) {
          Long[] counts =
              classes.computeIfAbsent(YardstickInputs.word(value), _ -> new Long[] {0L, 0L, 0L});
          counts[s]++;
        }
      }
    }
    List<TaskSection.ClassCount> counts =
        classes.size() > MOST_CLASSES
            ? List.of()
            : classes.entrySet().stream()
                .map(e -> new TaskSection.ClassCount(e.getKey(), Arrays.asList(e.getValue())))
                .toList();
    return new TaskSection.Data(sizes, counts, List.of(), List.of(), data.warnings());
  }

  /** Training examples of each class; empty where there are no classes. */
  static long[] classCounts(TaskData data) {
    return of(data).classes().stream().mapToLong(one -> one.counts().getFirst()).toArray();
  }

  /** Pictures as they are and as augmentation changes them. */
  static Optional<TaskSection> augmented(ExampleRun run, Recipe recipe) {
    if (recipe.data().augment().isEmpty()) {
      return Optional.empty();
    }
    TaskData data = run.data();
    for (Encoded encoded : data.encoded().inputs().values()) {
      InputShape shape = encoded.shape();
      if (shape.kind() == InputShape.Kind.FLOATS && shape.sizes().size() == 3) {
        int[] members = data.members(SplitName.TRAIN);
        List<TaskSection.AugmentedExample> examples = new ArrayList<>();
        for (int i = 0; i < Math.min(SHOWN, members.length); i++) {
          int example = members[(int) ((long) i * members.length / SHOWN)];
          List<TaskSection.Input> variants = new ArrayList<>();
          for (int epoch = 0; epoch < VARIANTS; epoch++) {
            variants.add(
                picture(encoded, example, new Draw[] {new Draw(recipe.seed(), epoch, example)}));
          }
          examples.add(new TaskSection.AugmentedExample(picture(encoded, example, null), variants));
        }
        return Optional.of(
            new TaskSection.Augmented(
                recipe.data().augment().stream().map(Object::toString).toList(), examples));
      }
    }
    return Optional.empty();
  }

  /** What the network is given, as a picture again. */
  static TaskSection.Input picture(Encoded encoded, int example, Draw @Nullable [] draws) {
    if (!(encoded.gather(new int[] {example}, draws)
        instanceof Values.Floats(float[] values, long[] shape))) {
      throw new IllegalStateException("a picture has floats");
    }
    int channels = (int) shape[1];
    int height = (int) shape[2];
    int width = (int) shape[3];
    float low = Float.POSITIVE_INFINITY;
    float high = Float.NEGATIVE_INFINITY;
    for (float value : values) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    // Values in 0 to 1 stay as they are, normalised ones are stretched.
    boolean unit = low >= 0 && high <= 1;
    float from = unit ? 0 : low;
    float range = unit ? 1 : Math.max(1e-6f, high - low);
    byte[] pixels = new byte[channels * height * width];
    for (int c = 0; c < channels; c++) {
      for (int at = 0; at < height * width; at++) {
        pixels[at * channels + c] =
            (byte) Math.round(255 * (values[c * height * width + at] - from) / range);
      }
    }
    return new TaskSection.Input.Image(
        PngWriter.write(new Value.Pixels(height, width, channels, pixels)));
  }
}
