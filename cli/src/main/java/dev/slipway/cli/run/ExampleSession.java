package dev.slipway.cli.run;

import dev.slipway.base.Json;
import dev.slipway.cli.display.Display;
import dev.slipway.cli.display.Output;
import dev.slipway.cli.display.Units;
import dev.slipway.cli.process.Leftovers;
import dev.slipway.model.LayerTable;
import dev.slipway.plan.Calibration;
import dev.slipway.plan.ExampleForecast;
import dev.slipway.plan.MachineProfile;
import dev.slipway.platform.runs.RunLock;
import dev.slipway.recipe.Recipe;
import dev.slipway.recipe.RecipeDocument;
import dev.slipway.recipe.examples.ExampleOutcome;
import dev.slipway.recipe.examples.ExamplePipeline;
import dev.slipway.recipe.examples.ExamplePlan;
import dev.slipway.recipe.examples.ExamplePlanner;
import dev.slipway.recipe.examples.ExampleRun;
import dev.slipway.recipe.run.RunListener;
import dev.slipway.recipe.run.RunPaths;
import dev.slipway.tensor.Engine;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Runs whose task is learnt of examples: planned, carried out and resumed. */
final class ExampleSession {
  private static final String ALL = "all, of one example";

  private ExampleSession() {}

  static int begin(
      Recipe recipe,
      Path folder,
      String command,
      boolean serve,
      @Nullable Integer port,
      PngOption png,
      Display display,
      Output output)
      throws InterruptedException {
    ExampleOutcome outcome =
        RunSession.begin(
            folder,
            command,
            () -> {
              try (ExampleRun run =
                  ExampleRun.open(recipe, listener(display, recipe, null, true))) {
                ExamplePlan plan = planned(run, display);
                plan.write(new RunPaths(folder));
                return carryOut(run, plan, folder, display);
              }
            });
    return finish(outcome, folder, serve, port, png, display, output);
  }

  static int resume(Path folder, String command, PngOption png, Display display, Output output)
      throws InterruptedException {
    ExampleOutcome outcome;
    try (RunLock _ = RunLock.acquire(folder, command)) {
      ExamplePlan plan = ExamplePlan.read(new RunPaths(folder));
      display.title("Slipway · " + plan.recipe().name() + ", resumed");
      try (ExampleRun run =
          ExampleRun.open(plan.recipe(), listener(display, plan.recipe(), plan, true))) {
        outcome = carryOut(run, plan, folder, display);
      }
    }
    return finish(outcome, folder, false, null, png, display, output);
  }

  static int plan(Recipe recipe, Display display, Output output) {
    try (ExampleRun run = ExampleRun.open(recipe, listener(display, recipe, null, true))) {
      ExamplePlan plan = planned(run, display);
      ObjectNode document = Json.object();
      document.set("forecast", Json.tree(plan.forecast()));
      document.set("layers", Json.tree(run.table().rows()));
      document.set("lengths", Json.tree(run.lengths()));
      document.put("recipe", RecipeDocument.write(plan.recipe()));
      output.print(document, () -> text(run, plan.forecast()));
      return 0;
    }
  }

  private static ExamplePlan planned(ExampleRun run, Display display) {
    display.phase("forecast");
    display.progress("measuring training steps of this network");
    int threads = run.recipe().train().threads().orElse(Runtime.getRuntime().availableProcessors());
    Engine.load();
    Engine.setThreads(threads);
    MachineProfile machine = Calibration.machine();
    Leftovers.giveBack();
    ExamplePlan plan = ExamplePlanner.plan(run, machine, threads);
    ExampleForecast forecast = plan.forecast();
    display.done(
        String.format(
            Locale.ROOT,
            "%s parameters, %s steps, %.1f epochs, %s, %s of memory",
            Units.whole(forecast.parameters()),
            Units.whole(forecast.steps()),
            forecast.epochs(),
            Units.seconds(forecast.seconds().total()),
            Units.bytes(forecast.memory().total())));
    forecast.notes().forEach(display::detail);
    return plan;
  }

  private static ExampleOutcome carryOut(
      ExampleRun run, ExamplePlan plan, Path folder, Display display) {
    Engine.setThreads(plan.recipe().train().threads().value());
    return RunSession.stoppable(
        folder,
        listener(display, plan.recipe(), plan, run.oneTargetEach()),
        (listener, stop) ->
            new ExamplePipeline(
                    run,
                    plan,
                    new RunPaths(folder),
                    listener,
                    stop,
                    config -> "lower train.batch to " + Math.max(1, config.rows() / 2))
                .run());
  }

  private static RunListener listener(
      Display display, Recipe recipe, @Nullable ExamplePlan plan, boolean oneTargetEach) {
    return new RunDisplay(
        display,
        recipe.budget().pricePerHour(),
        plan == null ? 0 : plan.forecast().flopsPerExample(),
        oneTargetEach ? "examples" : "tok",
        plan == null || !oneTargetEach ? 0 : RunSession.peak(plan.recipe(), plan.machine()));
  }

  private static int finish(
      ExampleOutcome outcome,
      Path folder,
      boolean serve,
      @Nullable Integer port,
      PngOption png,
      Display display,
      Output output)
      throws InterruptedException {
    Runs.show(folder, png, display);
    if (serve) {
      return Runs.serve(outcome.recipe(), folder, port, display, output);
    }
    display.detail("ask     slipway predict " + folder + " --input …");
    display.detail("serve   slipway serve " + folder);
    ObjectNode document = Json.object();
    document.put("run", folder.toString());
    document.put("model", folder.resolve("model").toString());
    document.put("report", folder.resolve("report.html").toString());
    document.put("verdict", outcome.verdict());
    document.set("actual", Json.tree(outcome.actual()));
    document.set("evaluation", outcome.metrics().json());
    output.print(document, () -> "");
    return 0;
  }

  private static String text(ExampleRun run, ExampleForecast forecast) {
    LayerTable table = run.table();
    List<String> layers = table.rows().stream().map(row -> row.path() + " " + row.kind()).toList();
    int wide =
        Stream.concat(layers.stream(), Stream.of(ALL)).mapToInt(String::length).max().orElse(0);
    int shape = table.rows().stream().mapToInt(row -> row.output().length()).max().orElse(0);
    String line = "%-" + wide + "s  %-" + Math.max("OUTPUT".length(), shape) + "s %12s %12s %14s%n";
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(Locale.ROOT, line, "LAYER", "OUTPUT", "PARAMETERS", "MEMORY", "FLOPS"));
    for (int i = 0; i < layers.size(); i++) {
      LayerTable.Row row = table.rows().get(i);
      text.append(
          String.format(
              Locale.ROOT,
              line,
              layers.get(i),
              row.output(),
              Units.whole(row.parameters()),
              Units.bytes(row.bytes()),
              Units.count(row.flops())));
    }
    text.append(
        String.format(
            Locale.ROOT,
            line,
            ALL,
            "",
            Units.whole(table.parameters()),
            Units.bytes(table.bytes()),
            Units.count(table.flops())));
    run.lengths()
        .mean()
        .forEach(
            (input, mean) ->
                text.append(
                    String.format(
                        Locale.ROOT,
                        "%s: %s on average, at most %s long%n",
                        input,
                        Units.whole(mean),
                        Units.whole(run.lengths().longest().getOrDefault(input, mean)))));
    text.append(
        String.format(
            Locale.ROOT,
            "%n%s steps, %.1f epochs, %s examples/s: %s, %s of memory (limit %s), %.2f Wh%n",
            Units.whole(forecast.steps()),
            forecast.epochs(),
            Units.count(forecast.examplesPerSecond()),
            Units.seconds(forecast.seconds().total()),
            Units.bytes(forecast.memory().total()),
            Units.bytes(forecast.memoryLimit()),
            forecast.energyWattHours()));
    return text.toString();
  }
}
