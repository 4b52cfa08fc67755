package dev.slipway.recipe.examples;

import dev.slipway.base.Json;
import dev.slipway.data.Ledger;
import dev.slipway.data.SplitName;
import dev.slipway.data.feature.Preprocessor;
import dev.slipway.eval.analysis.Fairness;
import dev.slipway.eval.analysis.LearningCurves;
import dev.slipway.eval.analysis.LearningDiagnosis;
import dev.slipway.eval.metric.MetricRow;
import dev.slipway.eval.report.ReportData.Fact;
import dev.slipway.eval.report.ReportData.Forecast;
import dev.slipway.eval.report.ReportData.Tile;
import dev.slipway.eval.report.ReportData.Unit;
import dev.slipway.eval.report.TaskCard;
import dev.slipway.eval.report.TaskReport;
import dev.slipway.eval.report.TaskSection;
import dev.slipway.model.LayerTable;
import dev.slipway.plan.ExampleActual;
import dev.slipway.recipe.EvaluateSettings;
import dev.slipway.recipe.Recipe;
import dev.slipway.recipe.RecipeDocument;
import dev.slipway.recipe.run.RunPaths;
import dev.slipway.recipe.run.SourceText;
import dev.slipway.recipe.run.TrainingCurves;
import dev.slipway.recipe.run.Versions;
import dev.slipway.task.Predictions;
import dev.slipway.task.TaskData;
import dev.slipway.task.TaskFolder;
import dev.slipway.train.TrainResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The report and the model card of a run of examples. */
final class ExampleReport {
  private final ExampleRun run;
  private final ExamplePlan plan;
  private final Recipe recipe;
  private final RunPaths paths;
  private final TrainResult result;
  private final Ledger.Summary ledger;
  private final ExampleJudgement judgement;

  ExampleReport(
      ExampleRun run,
      ExamplePlan plan,
      RunPaths paths,
      TrainResult result,
      Ledger.Summary ledger,
      ExampleJudgement judgement) {
    this.run = run;
    this.plan = plan;
    this.recipe = plan.recipe();
    this.paths = paths;
    this.result = result;
    this.ledger = ledger;
    this.judgement = judgement;
  }

  TaskReport report(TrainingCurves curves, ExampleActual actual) {
    MetricRow deciding = judgement.evaluation().deciding();
    List<Tile> tiles = new ArrayList<>();
    tiles.add(
        new Tile(
            deciding.name(),
            number(deciding.value()),
            deciding.interval() == null
                ? "on the test split"
                : String.format(
                    Locale.ROOT,
                    "95 %%: %s to %s",
                    number(deciding.interval().low()),
                    number(deciding.interval().high()))));
    tiles.add(
        new Tile(
            "parameters",
            String.format(Locale.ROOT, "%,d", actual.parameters()),
            run.table().rows().size() + " layers"));
    tiles.add(
        new Tile(
            "examples",
            String.format(Locale.ROOT, "%,d", run.data().members(SplitName.TRAIN).length),
            String.format(Locale.ROOT, "seen %.1f times each", actual.epochs())));
    tiles.add(
        new Tile(
            "speed",
            String.format(Locale.ROOT, "%,.0f", actual.examplesPerSecond()),
            "examples a second"));
    return new TaskReport(
        recipe.name(),
        "trained on " + SourceText.name(recipe.data().source()),
        judgement.verdict(),
        tiles,
        sections(curves, actual),
        RecipeDocument.write(recipe),
        facts(),
        machine(),
        Versions.facts());
  }

  private List<TaskSection> sections(TrainingCurves curves, ExampleActual actual) {
    List<TaskSection> sections = new ArrayList<>();
    sections.add(new TaskSection.Quality(judgement.evaluation()));
    if (!judgement.metrics().curves().isEmpty()) {
      sections.add(new TaskSection.Decisions(judgement.metrics().curves()));
    }
    if (judgement.predictions() instanceof Predictions.Numbers numbers) {
      sections.add(
          new TaskSection.Numbers(
              numbers.truth(), numbers.predicted(), run.data().task().task().fields().getFirst()));
    }
    if (judgement.costs() != null && judgement.cost() != null) {
      sections.add(new TaskSection.Costs(judgement.costs(), judgement.cost()));
    }
    if (judgement.folds() != null) {
      sections.add(
          new TaskSection.Folds(
              judgement.folds(), "Each fold has a network and fitted inputs of its own."));
    }
    sections.add(
        new TaskSection.Learning(curves.curves("example", "of an example"), findings(curves)));
    WatchedLayers.section(paths.events()).ifPresent(sections::add);
    ErrorSections errors = new ErrorSections(run, judgement, recipe.seed());
    recipe
        .evaluation(EvaluateSettings.Slices.class)
        .flatMap(settings -> errors.slices(settings.fields()))
        .ifPresent(sections::add);
    recipe
        .evaluation(EvaluateSettings.Fairness.class)
        .flatMap(settings -> errors.groups(settings.fields()))
        .ifPresent(sections::add);
    recipe
        .evaluation(EvaluateSettings.Errors.class)
        .ifPresent(settings -> sections.addAll(errors.examples(settings.count())));
    sections.add(DataSections.of(run));
    DataSections.fields(run).ifPresent(sections::add);
    DataSections.augmented(run, recipe).ifPresent(sections::add);
    sections.add(layers());
    sections.add(ledgerTable());
    sections.add(
        new TaskSection.Forecasts(
            actual.compare(plan.forecast()).stream()
                .map(
                    row -> new Forecast(row.name(), unit(row.name()), row.forecast(), row.actual()))
                .toList()));
    return sections;
  }

  private List<LearningDiagnosis.Finding> findings(TrainingCurves curves) {
    List<TrainingCurves.Evaluated> evaluated = curves.evaluations();
    if (evaluated.isEmpty()) {
      return List.of();
    }
    double[] training = new double[evaluated.size()];
    double[] validation = new double[evaluated.size()];
    long before = 0;
    for (int i = 0; i < training.length; i++) {
      long from = before;
      long to = evaluated.get(i).step();
      training[i] =
          curves.steps().stream()
              .filter(step -> step.step() > from && step.step() <= to)
              .mapToDouble(TrainingCurves.Step::loss)
              .average()
              .orElse(Double.NaN);
      validation[i] = evaluated.get(i).loss();
      before = to;
    }
    long[] counts = DataSections.classCounts(run.data());
    return LearningDiagnosis.of(
        new LearningCurves(
            training,
            validation,
            counts.length < 2 ? Double.NaN : LearningCurves.chanceLogLoss(counts),
            run.data().members(SplitName.TRAIN).length,
            run.table().parameters(),
            counts,
            judgement.validation() == null ? Double.NaN : judgement.validation().value("accuracy"),
            judgement.validation() == null
                ? Double.NaN
                : judgement.validation().value("balanced-accuracy")));
  }

  private TaskSection layers() {
    List<TaskSection.Layer> layers = new ArrayList<>();
    for (LayerTable.Row row : run.table().rows()) {
      layers.add(
          new TaskSection.Layer(
              row.path() + " · " + row.kind(),
              row.output(),
              row.parameters(),
              row.bytes(),
              Math.round(row.flops())));
    }
    return new TaskSection.Layers(layers);
  }

  private TaskSection ledgerTable() {
    List<List<String>> rows = new ArrayList<>();
    ledger
        .outcomes()
        .forEach(
            (outcome, sum) ->
                rows.add(List.of(outcome, count(sum.records()), count(sum.bytesIn()))));
    ledger
        .reasons()
        .forEach(
            (reason, sum) ->
                rows.add(
                    List.of("dropped: " + reason, count(sum.records()), count(sum.bytesIn()))));
    return new TaskSection.Table(
        "ledger",
        "What became of each record",
        String.format(
            Locale.ROOT,
            "All %,d records of the source are in exactly one row of ledger.parquet.",
            ledger.records()),
        List.of("outcome", "records", "bytes"),
        rows);
  }

  private static String count(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  private static Unit unit(String name) {
    return switch (name) {
      case "training time", "whole time" -> Unit.SECONDS;
      case "peak memory" -> Unit.BYTES;
      case "training speed" -> Unit.RATE;
      case "energy" -> Unit.WATT_HOURS;
      case "price" -> Unit.MONEY;
      default -> Unit.COUNT;
    };
  }

  private List<Fact> facts() {
    TaskData data = run.data();
    List<Fact> facts = new ArrayList<>();
    facts.add(new Fact("parameters", count(run.table().parameters())));
    facts.add(new Fact("layers", Integer.toString(run.table().rows().size())));
    facts.add(new Fact("steps", count(result.step())));
    facts.add(new Fact("seed", Long.toString(recipe.seed())));
    for (SplitName split : SplitName.values()) {
      facts.add(new Fact(split.label() + " examples", count(data.members(split).length)));
    }
    return facts;
  }

  private List<Fact> machine() {
    return List.of(
        new Fact("processor", plan.machine().processor()),
        new Fact("cores", Integer.toString(plan.machine().cores())));
  }

  static String number(double value) {
    return String.format(Locale.ROOT, Math.abs(value) >= 100 ? "%,.1f" : "%.4f", value);
  }

  /** The model folder's {@code README.md}. */
  String card() {
    List<String> sentences = new ArrayList<>();
    sentences.add("Source: " + SourceText.of(recipe.data().source()) + ".");
    sentences.add(
        String.format(
            Locale.ROOT,
            "%,d examples to learn from, %,d for validation, %,d for the test.",
            run.data().members(SplitName.TRAIN).length,
            run.data().members(SplitName.VALIDATION).length,
            run.data().members(SplitName.TEST).length));
    run.warnings().forEach(warning -> sentences.add(warning + "."));
    List<Fact> takes = new ArrayList<>();
    Preprocessor preprocessor = new Preprocessor(run.data().features());
    preprocessor
        .requested()
        .forEach(
            field ->
                takes.add(new Fact(field.name(), field.kind().name().toLowerCase(Locale.ROOT))));
    List<Fairness> groups =
        recipe
            .evaluation(EvaluateSettings.Fairness.class)
            .flatMap(s -> new ErrorSections(run, judgement, recipe.seed()).groups(s.fields()))
            .map(section -> ((TaskSection.Groups) section).groups())
            .orElse(List.of());
    return new TaskCard(
            recipe.name(),
            judgement.metrics().task(),
            null,
            String.format(
                Locale.ROOT,
                "%,d parameters in %d layers",
                run.table().parameters(),
                run.table().rows().size()),
            null,
            List.of("slipway", judgement.metrics().task()),
            SourceText.name(recipe.data().source()),
            sentences,
            takes,
            List.of(),
            judgement.evaluation(),
            judgement.folds(),
            groups,
            List.of(
                "It knows only what its training examples show; on inputs of another kind its answers"
                    + " and their probabilities mean nothing."),
            facts(),
            RecipeDocument.write(recipe),
            Json.line(TaskFolder.example(preprocessor, run.data().task().task())))
        .markdown();
  }
}
