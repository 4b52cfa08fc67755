package dev.slipway.cli;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.cli.display.Output;
import dev.slipway.data.prediction.PredictionColumns;
import dev.slipway.data.prediction.PredictionComparison;
import dev.slipway.data.prediction.PredictionMetrics;
import dev.slipway.data.prediction.PredictionTask;
import dev.slipway.eval.compare.Comparison;
import dev.slipway.eval.metric.Curve;
import dev.slipway.eval.metric.Interval;
import dev.slipway.eval.metric.Measured;
import dev.slipway.eval.metric.MetricReport;
import dev.slipway.eval.metric.MetricRow;
import dev.slipway.eval.metric.classification.Threshold;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

@Command(
    name = "metrics",
    mixinStandardHelpOptions = true,
    description = "All metrics of predictions made anywhere, each with its interval of 95 %%.")
final class MetricsCommand implements Callable<Integer> {
  private static final int MOST_CLASSES_SHOWN = 12;

  @Parameters(paramLabel = "FILE", description = "Predictions: .csv, .tsv, .jsonl or .parquet.")
  private Path file = Path.of("");

  @Option(
      names = "--task",
      required = true,
      paramLabel = "KIND",
      description =
          "binary, multi-class, multi-label, regression, text, transcription, ranking or tagging.")
  private String task = "";

  @Option(names = "--truth", required = true, paramLabel = "COLUMN", description = "What was true.")
  private String truth = "";

  @Option(
      names = "--prediction",
      paramLabel = "COLUMN",
      description = "What was predicted; classes may come from scores alone.")
  private @Nullable String prediction;

  @Option(
      names = "--score",
      paramLabel = "COLUMN",
      description =
          "Score of the positive class, or one of each class, named after it or score_CLASS. Default: all score_….")
  private List<String> scores = List.of();

  @Option(
      names = "--group",
      paramLabel = "COLUMN",
      description = "Of rankings: the query or user of a row.")
  private @Nullable String group;

  @Option(
      names = "--positive",
      paramLabel = "CLASS",
      description =
          "Of two classes, the one that is looked for. Default: 1, true, yes or positive.")
  private @Nullable String positive;

  @Option(
      names = "--threshold",
      paramLabel = "P",
      description = "Positive from this score up where there is no --prediction. Default: 0.5.")
  private double threshold = 0.5;

  @Option(
      names = "--validation",
      paramLabel = "FILE",
      description = "Choose the threshold on these predictions, which are not those of FILE.")
  private @Nullable Path validation;

  @Option(
      names = "--by",
      paramLabel = "RULE",
      description =
          "What --validation is to make best: youden, f1, or cost=FALSE_POSITIVE:FALSE_NEGATIVE. Default: youden.")
  private String by = "youden";

  @Option(
      names = "--quantile",
      paramLabel = "Q",
      description = "Of regression: the prediction is this quantile; gives its loss and coverage.")
  private @Nullable Double quantile;

  @Option(
      names = "--against",
      paramLabel = "FILE",
      description = "Predictions of the same examples by another model: is FILE really better?")
  private @Nullable Path against;

  @Option(
      names = "--id",
      paramLabel = "COLUMN",
      description = "Pairs the rows of --against by this column. Default: by their order.")
  private @Nullable String id;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Of the resampled intervals. Default: 1337.")
  private long seed = 1337;

  @Mixin private Output output = new Output();

  @Override
  public Integer call() {
    PredictionTask kind = kind();
    PredictionColumns columns =
        new PredictionColumns(truth, prediction, scores, group, id, positive);
    Path chosenOn = validation;
    Threshold chosen = null;
    if (chosenOn != null) {
      if (kind != PredictionTask.BINARY) {
        throw usage("--validation came with --task " + task, "give it with --task binary alone");
      }
      if (prediction != null) {
        throw usage("--validation and --prediction both came", "give one of the two");
      }
      chosen = PredictionMetrics.threshold(chosenOn, columns, rule());
      threshold = chosen.score();
    }
    MetricReport report = PredictionMetrics.report(file, kind, columns, threshold, seed);
    Double asked = quantile;
    if (asked != null) {
      if (kind != PredictionTask.REGRESSION || !(asked > 0 && asked < 1)) {
        throw usage(
            "--quantile " + asked + " came with --task " + task,
            "give one between 0 and 1 with --task regression");
      }
      report = PredictionMetrics.quantile(file, columns, asked, seed);
    }
    Path other = against;
    List<Comparison> comparisons =
        other == null
            ? List.of()
            : PredictionComparison.of(other, file, kind, columns, threshold, seed);
    print(report, chosen, other, comparisons);
    return 0;
  }

  private static SlipwayException usage(String came, String fix) {
    return new SlipwayException(Exit.USAGE, "usage", came, fix);
  }

  private PredictionTask kind() {
    for (PredictionTask each : PredictionTask.values()) {
      if (word(each).equals(task.toLowerCase(Locale.ROOT).replace('_', '-'))) {
        return each;
      }
    }
    throw usage("--task " + task + " came, expected one of " + tasks(), "name what was predicted");
  }

  private static String tasks() {
    return String.join(
        ", ", Arrays.stream(PredictionTask.values()).map(MetricsCommand::word).toList());
  }

  private static String word(PredictionTask task) {
    return task.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private Threshold.By rule() {
    if (by.equals("youden")) {
      return new Threshold.By.Youden();
    }
    if (by.equals("f1")) {
      return new Threshold.By.F1();
    }
    if (by.matches("cost=[0-9]+(\\.[0-9]+)?:[0-9]+(\\.[0-9]+)?") && by.matches(".*[1-9].*")) {
      String[] costs = by.substring("cost=".length()).split(":", 2);
      return new Threshold.By.Cost(Double.parseDouble(costs[0]), Double.parseDouble(costs[1]));
    }
    throw usage("--by " + by + " came", "write youden, f1 or cost=1:5");
  }

  private void print(
      MetricReport report,
      @Nullable Threshold chosen,
      @Nullable Path other,
      List<Comparison> comparisons) {
    ObjectNode document = report.json();
    if (chosen != null) {
      ObjectNode json = document.putObject("threshold");
      json.put("score", chosen.score()).put("by", by);
      if (chosen.criterion() instanceof Measured.Value(double value)) {
        json.put("value", value);
      } else {
        json.putNull("value");
      }
    }
    String first = other == null ? "" : other.toString();
    String second = file.toString();
    if (!comparisons.isEmpty()) {
      ArrayNode json = document.putArray("comparisons");
      comparisons.forEach(comparison -> json.add(comparison.json(first, second)));
    }
    output.print(
        document,
        () -> {
          StringBuilder text = new StringBuilder();
          comparisons.forEach(
              comparison -> text.append(comparison.sentence(first, second)).append('\n'));
          if (chosen != null) {
            text.append(
                String.format(
                    Locale.ROOT,
                    "threshold %s, chosen by %s on %s%n",
                    number(chosen.score()),
                    by,
                    validation));
          }
          return text.append(table(report)).toString();
        });
  }

  private static String table(MetricReport report) {
    StringBuilder text = new StringBuilder();
    text.append(String.format(Locale.ROOT, "%s, %,d examples%n", report.task(), report.examples()));
    for (Curve curve : report.curves()) {
      if (report.task().equals("binary") && curve instanceof Curve.Confusion confusion) {
        text.append("positive class: ").append(confusion.classes().get(1)).append('\n');
      }
    }
    int width = report.rows().stream().mapToInt(row -> row.name().length()).max().orElse(0);
    text.append(
        String.format(Locale.ROOT, "%-" + width + "s  %10s  %s%n", "", "value", "95 % interval"));
    int byClass = 0;
    for (MetricRow row : report.rows()) {
      if (row.name().endsWith("]") && ++byClass > 3 * MOST_CLASSES_SHOWN) {
        continue;
      }
      text.append(String.format(Locale.ROOT, "%-" + width + "s  ", row.name()));
      switch (row.measured()) {
        case Measured.Value(double value) ->
            text.append(
                String.format(Locale.ROOT, "%10s  %-21s", number(value), interval(row.interval())));
        case Measured.Undefined(String reason) -> text.append("undefined: ").append(reason);
      }
      if (!row.note().isEmpty()) {
        text.append("  ").append(row.note());
      }
      while (text.charAt(text.length() - 1) == ' ') {
        text.setLength(text.length() - 1);
      }
      text.append('\n');
    }
    if (byClass > 3 * MOST_CLASSES_SHOWN) {
      text.append("the rest by class: --json\n");
    }
    return text.toString();
  }

  private static String interval(@Nullable Interval interval) {
    return interval == null ? "" : number(interval.low()) + " to " + number(interval.high());
  }

  private static String number(double value) {
    double size = Math.abs(value);
    return size != 0 && (size < 1e-4 || size >= 1e6)
        ? String.format(Locale.ROOT, "%.3e", value)
        : String.format(Locale.ROOT, size < 100 ? "%.4f" : "%.2f", value);
  }
}
