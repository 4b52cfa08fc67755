package dev.slipway.cli.run;

import dev.slipway.base.Json;
import dev.slipway.cli.display.Display;
import dev.slipway.cli.display.Output;
import dev.slipway.cli.display.PullDisplay;
import dev.slipway.cli.display.Units;
import dev.slipway.plan.Calibration;
import dev.slipway.plan.TuneForecast;
import dev.slipway.platform.runs.RunLock;
import dev.slipway.recipe.ModelSettings;
import dev.slipway.recipe.Recipe;
import dev.slipway.recipe.RecipeDocument;
import dev.slipway.recipe.run.RunPaths;
import dev.slipway.recipe.tuning.BaseModel;
import dev.slipway.recipe.tuning.Judgement;
import dev.slipway.recipe.tuning.TuningOutcome;
import dev.slipway.recipe.tuning.TuningPipeline;
import dev.slipway.recipe.tuning.TuningPlan;
import dev.slipway.recipe.tuning.TuningPlanner;
import dev.slipway.recipe.tuning.TuningTask;
import dev.slipway.recipe.tuning.TuningTasks;
import dev.slipway.tensor.Engine;
import java.nio.file.Path;
import java.util.Locale;
import tools.jackson.databind.node.ObjectNode;

/** Runs that tune a published decoder: planned, carried out and resumed. */
final class TuningSession {
  private TuningSession() {}

  /** Whether a recipe is one of these. */
  static boolean is(Recipe recipe) {
    return recipe.model() instanceof ModelSettings.Pretrained && !recipe.learnsExamples();
  }

  static int begin(
      Recipe recipe, Path folder, String command, PngOption png, Display display, Output output) {
    TuningOutcome outcome =
        RunSession.begin(
            folder,
            command,
            () -> {
              BaseModel base = base(recipe, display);
              TuningPlan plan = planned(recipe, base, display);
              plan.write(new RunPaths(folder));
              return carryOut(plan, base, folder, display);
            });
    return finish(outcome, folder, png, display, output);
  }

  static int resume(Path folder, String command, PngOption png, Display display, Output output) {
    TuningOutcome outcome;
    try (RunLock _ = RunLock.acquire(folder, command)) {
      TuningPlan plan = TuningPlan.read(new RunPaths(folder));
      display.title("Slipway · " + plan.recipe().name() + ", resumed");
      BaseModel base = base(plan.recipe(), display);
      outcome = carryOut(plan, base, folder, display);
    }
    return finish(outcome, folder, png, display, output);
  }

  static int plan(Recipe recipe, Display display, Output output) {
    BaseModel base = base(recipe, display);
    TuningPlan plan = planned(recipe, base, display);
    ObjectNode document = Json.object();
    document.set("forecast", Json.tree(plan.forecast()));
    document.put("recipe", RecipeDocument.write(plan.recipe()));
    output.print(document, () -> text(plan.forecast()) + System.lineSeparator());
    return 0;
  }

  private static BaseModel base(Recipe recipe, Display display) {
    return BaseModel.open(
        (ModelSettings.Pretrained) recipe.model(), recipe.tune(), new PullDisplay(display));
  }

  private static TuningPlan planned(Recipe recipe, BaseModel base, Display display) {
    display.phase("forecast");
    display.progress("measuring this machine");
    int threads = recipe.train().threads().orElse(Runtime.getRuntime().availableProcessors());
    Engine.load();
    Engine.setThreads(threads);
    var machine = Calibration.machine();
    display.progress("measuring training steps of this model");
    TuningPlan plan =
        TuningPlanner.plan(
            recipe, base, TuningTasks.of(recipe), machine, threads, Engine.hasFastBfloat16());
    display.done(text(plan.forecast()));
    plan.forecast().notes().forEach(display::detail);
    return plan;
  }

  private static String text(TuneForecast forecast) {
    return String.format(
        Locale.ROOT,
        "%s of %s parameters learn, %s steps, %.2f epochs, %s, %s of memory",
        Units.count(forecast.trained()),
        Units.count(forecast.parameters()),
        Units.whole(forecast.steps()),
        forecast.epochs(),
        Units.seconds(forecast.seconds().total()),
        Units.bytes(forecast.memory().total()));
  }

  private static TuningOutcome carryOut(
      TuningPlan plan, BaseModel base, Path folder, Display display) {
    Recipe recipe = plan.recipe();
    TuningTask task = TuningTasks.of(recipe);
    Engine.setThreads(recipe.train().threads().value());
    return RunSession.stoppable(
        folder,
        new RunDisplay(
            display,
            recipe.budget().pricePerHour(),
            0,
            task.counted().equals("token") ? "tok" : task.counted(),
            0),
        (listener, stop) ->
            new TuningPipeline(
                    plan,
                    base,
                    task,
                    new RunPaths(folder),
                    listener,
                    stop,
                    config -> TuningPlanner.memoryAdvice(recipe, base))
                .run());
  }

  private static int finish(
      TuningOutcome outcome, Path folder, PngOption png, Display display, Output output) {
    display.blank();
    display.detail("model   " + folder.resolve("model"));
    display.detail(
        outcome.judgement() instanceof Judgement.OfRewards
            ? "score   slipway score " + folder + " --messages FILE"
            : "serve   slipway serve " + folder);
    display.detail("report  " + folder.resolve("report.html").toUri());
    png.copy(folder, display);
    ObjectNode document = Json.object();
    document.put("run", folder.toString());
    document.put("model", folder.resolve("model").toString());
    document.put("report", folder.resolve("report.html").toString());
    document.put("trained_parameters", outcome.trained());
    document.set("actual", Json.read(folder.resolve("actual.json")));
    document.set("evaluation", Json.tree(outcome.judgement().document()));
    output.print(document, () -> "");
    return 0;
  }
}
