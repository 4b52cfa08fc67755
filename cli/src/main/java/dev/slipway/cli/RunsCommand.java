package dev.slipway.cli;

import dev.slipway.base.Json;
import dev.slipway.cli.display.Output;
import dev.slipway.cli.display.Units;
import dev.slipway.cli.run.RunsHome;
import dev.slipway.eval.compare.Comparison;
import dev.slipway.platform.runs.RunComparison;
import dev.slipway.platform.runs.RunIndex;
import dev.slipway.platform.runs.RunRecord;
import dev.slipway.recipe.Recipe;
import dev.slipway.recipe.RecipeDocument;
import dev.slipway.recipe.examples.PredictionFiles;
import dev.slipway.recipe.run.RunPaths;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

@Command(
    name = "runs",
    mixinStandardHelpOptions = true,
    description = "Lists runs; shows one with its forecast beside what really came; compares two.")
final class RunsCommand implements Callable<Integer> {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm", Locale.ROOT).withZone(ZoneId.systemDefault());

  @Mixin private RunsHome home = new RunsHome();
  @Mixin private Output output = new Output();

  @Override
  public Integer call() {
    List<RunRecord> runs = RunIndex.open(home.path()).list();
    output.print(Json.tree(runs), () -> list(runs));
    return 0;
  }

  private String list(List<RunRecord> runs) {
    if (runs.isEmpty()) {
      return "No runs in " + home.path() + " yet. Start one: slipway launch\n";
    }
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "%-32s %-12s %-17s %10s %10s %9s%n",
            "RUN",
            "STATUS",
            "STARTED",
            "DURATION",
            "PARAMETERS",
            "BITS/BYTE"));
    for (RunRecord run : runs) {
      text.append(
          String.format(
              Locale.ROOT,
              "%-32s %-12s %-17s %10s %10s %9s%n",
              run.id(),
              run.status().word(),
              time(run.started()),
              duration(run.duration()),
              run.parameters() == null ? "" : Units.count(run.parameters()),
              run.bitsPerByte() == null ? "" : number(run.bitsPerByte())));
    }
    return text.toString();
  }

  @Command(
      name = "show",
      mixinStandardHelpOptions = true,
      description = "One run: what was forecast, what came, and the error of the forecast.")
  int show(
      @Parameters(paramLabel = "RUN", description = "Its id or folder.") String run,
      @Mixin RunsHome home,
      @Mixin Output output) {
    RunRecord record = RunIndex.open(home.path()).show(run);
    output.print(Json.tree(record), () -> text(record));
    return 0;
  }

  private static String text(RunRecord run) {
    StringBuilder text = new StringBuilder();
    text.append(run.id()).append("  ").append(run.status().word()).append('\n');
    text.append("  folder      ").append(run.folder()).append('\n');
    text.append("  started     ")
        .append(time(run.started()))
        .append("   took ")
        .append(duration(run.duration()))
        .append('\n');
    if (run.holder() != null) {
      text.append("  held by     ").append(run.holder()).append('\n');
    }
    run.problems().forEach(problem -> text.append("  problem     ").append(problem).append('\n'));
    if (!run.figures().isEmpty()) {
      text.append(
          String.format(
              Locale.ROOT, "%n  %-28s %14s %14s %9s%n", "", "forecast", "actual", "error"));
      for (RunRecord.Figure figure : run.figures()) {
        text.append(
            String.format(
                Locale.ROOT,
                "  %-28s %14s %14s %9s%n",
                figure.name(),
                number(figure.forecast()),
                number(figure.actual()),
                percent(figure.errorPercent())));
      }
    }
    return text.toString();
  }

  @Command(
      name = "compare",
      mixinStandardHelpOptions = true,
      description =
          "Two runs: the settings that differ, the figures side by side, and whether B is really better on the same"
              + " examples.")
  int compare(
      @Parameters(paramLabel = "A") String a,
      @Parameters(paramLabel = "B") String b,
      @Mixin RunsHome home,
      @Mixin Output output) {
    RunComparison comparison = RunIndex.open(home.path()).compare(a, b);
    SequencedMap<String, List<Comparison>> heads = heads(comparison);
    ObjectNode document = (ObjectNode) Json.tree(comparison);
    ArrayNode answers = document.putArray("answers");
    StringBuilder sentences = new StringBuilder();
    String first = comparison.a().id();
    String second = comparison.b().id();
    heads.forEach(
        (head, figures) -> {
          for (Comparison figure : figures) {
            answers.add(figure.json(first, second).put("head", head));
            sentences.append(heads.size() > 1 ? head + ": " : "");
            sentences.append(figure.sentence(first, second)).append('\n');
          }
        });
    output.print(document, () -> text(comparison) + (sentences.isEmpty() ? "" : "\n" + sentences));
    return 0;
  }

  /** What the two predicted of the same examples says about which is better. */
  private static SequencedMap<String, List<Comparison>> heads(RunComparison comparison) {
    Path a = comparison.a().folder();
    Path b = comparison.b().folder();
    Recipe second = RecipeDocument.read(new RunPaths(b).recipe(), List.of());
    return PredictionFiles.compare(
        a,
        RecipeDocument.read(new RunPaths(a).recipe(), List.of()).task(),
        b,
        second.task(),
        second.seed());
  }

  private static String text(RunComparison comparison) {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT, "%-36s %24s %24s%n", "SETTING", comparison.a().id(), comparison.b().id()));
    for (RunComparison.Setting setting : comparison.recipe()) {
      text.append(
          String.format(
              Locale.ROOT,
              "%-36s %24s %24s%n",
              setting.name(),
              absent(setting.a()),
              absent(setting.b())));
    }
    text.append(String.format(Locale.ROOT, "%n%-36s %24s %24s %9s%n", "FIGURE", "", "", "B - A"));
    for (RunComparison.Measure measure : comparison.figures()) {
      text.append(
          String.format(
              Locale.ROOT,
              "%-36s %24s %24s %9s%n",
              measure.name(),
              measure.a() == null ? "-" : number(measure.a()),
              measure.b() == null ? "-" : number(measure.b()),
              percent(measure.changePercent())));
    }
    return text.toString();
  }

  @Command(
      name = "reindex",
      mixinStandardHelpOptions = true,
      description = "Rebuilds the index from the run folders, which are the truth.")
  int reindex(@Mixin RunsHome home, @Mixin Output output) {
    int count = RunIndex.open(home.path()).reindex();
    output.print(
        Json.object().put("runs", count),
        () -> "Indexed " + count + " runs in " + home.path() + "\n");
    return 0;
  }

  private static String absent(@Nullable String value) {
    return value == null ? "-" : value;
  }

  private static String time(@Nullable Instant instant) {
    return instant == null ? "" : TIME.format(instant.truncatedTo(ChronoUnit.MINUTES));
  }

  private static String duration(@Nullable Duration duration) {
    return duration == null ? "" : Units.seconds(duration.toMillis() / 1000.0);
  }

  private static String percent(@Nullable Double percent) {
    return percent == null ? "" : String.format(Locale.ROOT, "%+.1f %%", percent);
  }

  private static String number(double value) {
    if (value == Math.rint(value) && Math.abs(value) < 1e15) {
      return Units.whole((long) value);
    }
    return String.format(Locale.ROOT, Math.abs(value) >= 100 ? "%,.1f" : "%.4f", value);
  }
}
