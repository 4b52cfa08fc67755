package dev.slipway.recipe.examples;

import dev.slipway.data.example.ExampleSet;
import dev.slipway.data.example.Field;
import dev.slipway.data.example.Value;
import dev.slipway.eval.analysis.Fairness;
import dev.slipway.eval.analysis.Slice;
import dev.slipway.eval.analysis.SliceBy;
import dev.slipway.eval.analysis.Slices;
import dev.slipway.eval.analysis.WorstErrors;
import dev.slipway.eval.metric.Better;
import dev.slipway.eval.metric.text.AnswerScore;
import dev.slipway.eval.report.ReportData.Fact;
import dev.slipway.eval.report.TaskSection;
import dev.slipway.task.Predictions;
import dev.slipway.task.TaskData;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Where a model is wrong: the worst errors, slices, and groups of people. */
final class ErrorSections {
  private static final int MOST_SHOWN = 10;
  private static final int[] AGES = {25, 35, 45, 60};

  private final ExampleRun run;
  private final Predictions predictions;
  private final double[] losses;
  private final long seed;

  ErrorSections(ExampleRun run, ExampleJudgement judgement, long seed) {
    this.run = run;
    this.predictions = judgement.predictions();
    this.losses = judgement.losses();
    this.seed = seed;
  }

  /** The main figure on parts of the test split; empty where answers are not right or wrong. */
  Optional<TaskSection> slices(List<String> fields) {
    int[] rows = predictions.examples();
    double[] figure = new double[rows.length];
    boolean classes = false;
    for (int i = 0; i < rows.length; i++) {
      Boolean right = right(i);
      classes |= right != null;
      figure[i] = right == null ? losses[i] : right ? 1 : 0;
    }
    List<SliceBy> by = new ArrayList<>();
    for (String field : fields) {
      by.add(by(field, rows));
    }
    List<Slice> slices = Slices.of(figure, classes ? Better.HIGHER : Better.LOWER, by, seed);
    return Optional.of(new TaskSection.Slices(classes ? "accuracy" : "loss", slices));
  }

  private SliceBy by(String field, int[] rows) {
    ExampleSet examples = run.examples();
    Field found = field(examples, field);
    if (found.kind() == Field.Kind.NUMBER) {
      double[] all = examples.numbers(field);
      double[] some = new double[rows.length];
      for (int i = 0; i < rows.length; i++) {
        some[i] = all[rows[i]];
      }
      return new SliceBy.Number(field, some);
    }
    Named named = named(field, rows);
    return new SliceBy.Category(field, named.names, named.of);
  }

  private record Named(List<String> names, int[] of) {}

  private Named named(String field, int[] rows) {
    TreeSet<String> names = new TreeSet<>();
    String[] words = new String[rows.length];
    for (int i = 0; i < rows.length; i++) {
      words[i] = YardstickInputs.word(run.examples().value(rows[i], field));
      names.add(words[i]);
    }
    List<String> all = List.copyOf(names);
    int[] of = new int[rows.length];
    for (int i = 0; i < rows.length; i++) {
      of[i] = all.indexOf(words[i]);
    }
    return new Named(all, of);
  }

  private static Field field(ExampleSet examples, String name) {
    return examples.fields().stream()
        .filter(field -> field.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new dev.slipway.base.SlipwayException(
                    dev.slipway.base.Exit.USAGE,
                    "data.field-missing",
                    "there is no field "
                        + name
                        + ", expected one of "
                        + String.join(", ", examples.fields().stream().map(Field::name).toList()),
                    "name one of these in evaluate"));
  }

  /** How two classes fall on groups; empty for other tasks. */
  Optional<TaskSection> groups(List<String> fields) {
    if (!(predictions instanceof Predictions.Binary binary)) {
      return Optional.empty();
    }
    int[] predicted = new int[binary.truth().length];
    for (int i = 0; i < predicted.length; i++) {
      predicted[i] = binary.positive()[i] >= binary.threshold() ? 1 : 0;
    }
    List<Fairness> groups = new ArrayList<>();
    for (String field : fields) {
      int[] rows = binary.examples();
      List<String> names;
      int[] of;
      if (field(run.examples(), field).kind() == Field.Kind.NUMBER) {
        double[] all = run.examples().numbers(field);
        double[] some = new double[rows.length];
        for (int i = 0; i < rows.length; i++) {
          some[i] = all[rows[i]];
        }
        names = Fairness.bandNames(AGES);
        of = Fairness.bands(some, AGES);
      } else {
        Named named = named(field, rows);
        names = named.names;
        of = named.of;
      }
      groups.add(
          Fairness.of(
              field,
              "told to be " + binary.classes().get(1),
              binary.truth(),
              predicted,
              names,
              of));
    }
    return Optional.of(new TaskSection.Groups(groups));
  }

  /** The worst errors, and examples drawn evenly. */
  List<TaskSection> examples(int count) {
    List<TaskSection.Shown> worst = new ArrayList<>();
    for (int row : WorstErrors.of(losses, count)) {
      worst.add(shown(row));
    }
    List<TaskSection.Shown> usual = new ArrayList<>();
    for (int row : WorstErrors.spread(losses.length, count)) {
      usual.add(shown(row));
    }
    return List.of(
        new TaskSection.Examples(
            "worst",
            "Its worst mistakes",
            "Test examples of the largest loss: labels may be wrong here, too.",
            worst),
        new TaskSection.Examples(
            "usual", "Examples with predictions", "Drawn evenly from the test split.", usual));
  }

  private TaskSection.Shown shown(int row) {
    int example = predictions.examples()[row];
    return new TaskSection.Shown(
        run.examples().id(example),
        input(example),
        truth(row),
        predicted(row),
        right(row),
        String.format(Locale.ROOT, "loss %.3f", losses[row]));
  }

  private TaskSection.Input input(int example) {
    TaskData data = run.data();
    Optional<TaskSection.Input> picture = ShownInputs.picture(data, example);
    if (picture.isPresent()) {
      return picture.get();
    }
    List<Fact> columns = new ArrayList<>();
    List<String> targets = data.task().task().fields();
    for (Field field : run.examples().fields()) {
      if (targets.contains(field.name())) {
        continue;
      }
      Value value = run.examples().value(example, field.name());
      if (value instanceof Value.Text(String text) && text.length() > 200) {
        return new TaskSection.Input.Text(text);
      }
      if (!(value instanceof Value.Content)) {
        columns.add(new Fact(field.name(), YardstickInputs.word(value)));
      }
    }
    return new TaskSection.Input.Row(columns);
  }

  private @Nullable Boolean right(int row) {
    return switch (predictions) {
      case Predictions.Binary b -> b.truth()[row] == (b.positive()[row] >= b.threshold() ? 1 : 0);
      case Predictions.MultiClass c ->
          c.truth()[row] == ExampleJudgement.largest(c.probabilities()[row]);
      case Predictions.Tags t -> t.truth().get(row).equals(t.predicted().get(row));
      case Predictions.Transcripts t -> t.references().get(row).equals(t.told().get(row));
      case Predictions.Spans s -> AnswerScore.of(s.right().get(row), s.told().get(row)).exact();
      case Predictions.Retrieved r -> r.ranks()[row] <= r.cuts()[0];
      case Predictions.MultiLabel _,
          Predictions.Numbers _,
          Predictions.Texts _,
          Predictions.Recommended _,
          Predictions.Rankings _,
          Predictions.Several _ ->
          null;
    };
  }

  private String truth(int row) {
    return switch (predictions) {
      case Predictions.Binary b -> b.classes().get(b.truth()[row]);
      case Predictions.MultiClass c -> c.classes().get(c.truth()[row]);
      case Predictions.Numbers n -> ExampleReport.number(n.truth()[row]);
      case Predictions.Tags t -> String.join(" ", t.truth().get(row));
      case Predictions.Texts t -> t.references().get(row).getFirst();
      case Predictions.Transcripts t -> t.references().get(row);
      case Predictions.Spans s ->
          s.right().get(row).isEmpty() ? "no answer" : s.right().get(row).getFirst();
      case Predictions.Retrieved _ -> "place 1";
      case Predictions.Recommended r -> some(r.truth().get(row));
      case Predictions.Rankings r -> some(bestOf(r.relevance()[row], r.relevance()[row]));
      case Predictions.MultiLabel _, Predictions.Several _ -> "";
    };
  }

  private String predicted(int row) {
    return switch (predictions) {
      case Predictions.Binary b -> {
        boolean positive = b.positive()[row] >= b.threshold();
        yield share(
            b.classes().get(positive ? 1 : 0),
            positive ? b.positive()[row] : 1 - b.positive()[row]);
      }
      case Predictions.MultiClass c -> {
        int best = ExampleJudgement.largest(c.probabilities()[row]);
        yield share(c.classes().get(best), c.probabilities()[row][best]);
      }
      case Predictions.Numbers n -> ExampleReport.number(n.predicted()[row]);
      case Predictions.Tags t -> String.join(" ", t.predicted().get(row));
      case Predictions.Texts t -> t.told().get(row);
      case Predictions.Transcripts t -> t.told().get(row);
      case Predictions.Spans s -> s.told().get(row).isEmpty() ? "no answer" : s.told().get(row);
      case Predictions.Retrieved r -> "place " + r.ranks()[row];
      case Predictions.Recommended r -> some(r.told().get(row));
      case Predictions.Rankings r -> some(bestOf(r.relevance()[row], r.scores()[row]));
      case Predictions.MultiLabel _, Predictions.Several _ -> "";
    };
  }

  /** Relevances in the order of scores. */
  private static List<String> bestOf(double[] relevance, double[] scores) {
    return IntStream.range(0, scores.length)
        .boxed()
        .sorted(Comparator.comparingDouble(i -> -scores[i]))
        .map(i -> ExampleReport.number(relevance[i]))
        .toList();
  }

  private static String some(List<String> items) {
    return items.size() <= MOST_SHOWN
        ? String.join(", ", items)
        : String.join(", ", items.subList(0, MOST_SHOWN)) + " …";
  }

  private static String share(String name, double probability) {
    return String.format(Locale.ROOT, "%s (%.1f %%)", name, 100 * probability);
  }
}
