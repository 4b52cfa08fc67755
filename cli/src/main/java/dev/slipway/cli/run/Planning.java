package dev.slipway.cli.run;

import dev.slipway.base.Json;
import dev.slipway.cli.display.Display;
import dev.slipway.data.source.RecordReader;
import dev.slipway.data.source.Source;
import dev.slipway.plan.Calibration;
import dev.slipway.plan.Forecast;
import dev.slipway.plan.MachineProfile;
import dev.slipway.plan.PlanRequest;
import dev.slipway.plan.Planner;
import dev.slipway.plan.RunShape;
import dev.slipway.recipe.DataSettings;
import dev.slipway.recipe.EvaluateSettings;
import dev.slipway.recipe.Recipe;
import dev.slipway.recipe.RecipePlan;
import dev.slipway.recipe.run.Planned;
import dev.slipway.recipe.run.RunOutcome;
import dev.slipway.recipe.run.TrainingProbe;
import dev.slipway.tensor.Engine;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;
import tools.jackson.databind.node.ObjectNode;

/** Calibrates, forecasts and resolves a recipe before any work is done. */
final class Planning {
  /** What cleaning leaves of source code, about; only a forecast stands on it. */
  private static final double KEPT = 0.85;

  /** Part of the budget that calibration may take, and its bounds in seconds. */
  private static final double CALIBRATION_PART = 0.02;

  private static final double CALIBRATION_LEAST = 1.5;
  private static final double CALIBRATION_MOST = 10;

  private Planning() {}

  static Planned plan(Recipe recipe, Display display) {
    long start = System.nanoTime();
    display.phase("forecast");
    display.progress("starting the engine");
    Engine.load();
    long bytes = expectedBytes(recipe.data());
    int threads = recipe.train().threads().orElse(Runtime.getRuntime().availableProcessors());
    Engine.setThreads(threads);
    display.progress("measuring this machine");
    MachineProfile machine = Calibration.machine();
    PlanRequest.Data data = data(recipe, bytes);
    double budget = recipe.budget().time().toMillis() / 1000.0;
    boolean fast = Engine.hasFastBfloat16();
    List<RunShape> probes =
        Planner.of(machine).probes(RecipePlan.request(recipe, machine, data, budget, fast, true));
    display.progress("measuring training steps of " + probes.size() + " sizes");
    machine =
        Calibration.withProbes(
            machine,
            probes,
            TrainingProbe::new,
            Math.clamp(CALIBRATION_PART * budget, CALIBRATION_LEAST, CALIBRATION_MOST));
    double left = budget - (System.nanoTime() - start) / 1e9;
    Forecast forecast =
        Planner.of(machine).plan(RecipePlan.request(recipe, machine, data, left, fast, true));
    display.done(ForecastText.headline(forecast));
    ForecastText.details(forecast, recipe.budget().pricePerHour()).forEach(display::detail);
    return new Planned(RecipePlan.resolve(recipe, forecast, threads), forecast, machine);
  }

  private static long expectedBytes(DataSettings settings) {
    Source source = settings.config().source();
    try (RecordReader reader = source.open()) {
      long expected = reader.expectedBytes();
      return expected >= 0 ? expected : source.path().toFile().length();
    }
  }

  private static PlanRequest.Data data(Recipe recipe, long bytes) {
    double kept = KEPT * bytes;
    DataSettings.Split split = recipe.data().split().or(0.01, 0.01);
    double validation = split.validation().value().value();
    double test = split.test().value().value();
    return new PlanRequest.Data(
        Math.round(kept * (1 - validation - test)),
        Math.round(kept * validation),
        Math.round(kept * test),
        OptionalDouble.empty(),
        bytes,
        recipe.evaluation(EvaluateSettings.Yardsticks.class).isPresent()
            ? Math.round(kept * (1 - validation - test))
            : 0);
  }

  /** The run in short, for scripts. */
  static ObjectNode summary(RunOutcome outcome, Path folder) {
    ObjectNode document = Json.object();
    document.put("run", folder.toString());
    document.put("model", folder.resolve("model").toString());
    document.put("report", folder.resolve("report.html").toString());
    Path actual = folder.resolve("actual.json");
    if (Files.exists(actual)) {
      document.set("actual", Json.read(actual));
    }
    document.set("evaluation", Json.tree(outcome.evaluation()));
    return document;
  }
}
