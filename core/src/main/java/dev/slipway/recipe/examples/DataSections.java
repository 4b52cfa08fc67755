package dev.slipway.recipe.examples;

import dev.slipway.data.SplitName;
import dev.slipway.data.augment.Augmentation;
import dev.slipway.data.example.Draw;
import dev.slipway.data.example.Field;
import dev.slipway.data.example.Value;
import dev.slipway.data.statistics.ExampleStatistics;
import dev.slipway.eval.report.TaskSection;
import dev.slipway.recipe.Recipe;
import dev.slipway.recipe.RecipeDocument;
import dev.slipway.task.TaskData;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;

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
      boolean words = field.kind() != Field.Kind.NUMBER;
      if (at.size() == 7 && !(words && at.getLast() <= 1)) { // one word each says nothing
        rows.add(
            List.of(
                field.name(),
                words ? "words" : "number",
                Long.toString(field.missing()),
                plain(at.get(0)),
                plain(at.get(3)),
                plain(at.get(5)),
                plain(at.get(6))));
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

  private static String plain(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? String.format(Locale.ROOT, "%,.0f", value)
        : ExampleReport.number(value);
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

  /** Examples as they are and as augmentation changes them; empty where nothing does. */
  static Optional<TaskSection> augmented(ExampleRun run, Recipe recipe) {
    List<Augmentation> steps = recipe.data().augment();
    TaskData data = run.data();
    int[] members = data.members(SplitName.TRAIN);
    List<TaskSection.AugmentedExample> examples = new ArrayList<>();
    for (int i = 0; i < Math.min(SHOWN, members.length); i++) {
      int example = members[(int) ((long) i * members.length / SHOWN)];
      examples.addAll(
          ShownInputs.augmented(
              data,
              steps,
              example,
              IntStream.range(0, VARIANTS)
                  .mapToObj(epoch -> new Draw(recipe.seed(), epoch, example))
                  .toList()));
    }
    return examples.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new TaskSection.Augmented(steps.stream().map(RecipeDocument::text).toList(), examples));
  }
}
