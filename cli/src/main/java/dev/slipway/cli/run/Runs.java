package dev.slipway.cli.run;

import dev.slipway.base.Json;
import dev.slipway.cli.display.Display;
import dev.slipway.cli.display.Output;
import dev.slipway.cli.service.Service;
import dev.slipway.platform.server.ServeOptions;
import dev.slipway.recipe.Recipe;
import dev.slipway.recipe.RecipeDocument;
import dev.slipway.recipe.run.Planned;
import dev.slipway.recipe.run.RunOutcome;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Runs of all three kinds: planned, carried out and resumed by the session of their kind. */
public final class Runs {
  private Runs() {}

  /** Tells what a recipe will take; gives the exit status. */
  public static int plan(Recipe recipe, Display display, Output output) {
    if (TuningSession.is(recipe)) {
      return TuningSession.plan(recipe, display, output);
    }
    if (recipe.learnsExamples()) {
      return ExampleSession.plan(recipe, display, output);
    }
    Planned planned = Planning.plan(recipe, display);
    ObjectNode document = Json.object();
    document.set("forecast", Json.tree(planned.forecast()));
    document.put("recipe", RecipeDocument.write(planned.recipe()));
    output.print(document, () -> ForecastText.table(planned.forecast()));
    return 0;
  }

  /** Carries a recipe out in a new folder, tells where everything is, and serves if so asked. */
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
    if (TuningSession.is(recipe)) {
      return TuningSession.begin(recipe, folder, command, png, display, output);
    }
    if (recipe.learnsExamples()) {
      return ExampleSession.begin(recipe, folder, command, serve, port, png, display, output);
    }
    RunOutcome outcome = RunSession.begin(recipe, folder, command, display);
    return finish(outcome, folder, serve, port, png, display, output);
  }

  /**
   * Goes on with a run; gives the exit status.
   *
   * @param recipe the run's own
   * @param command that it was asked by, for whoever finds the run held
   */
  public static int resume(
      Recipe recipe, Path folder, String command, PngOption png, Display display, Output output)
      throws InterruptedException {
    if (TuningSession.is(recipe)) {
      return TuningSession.resume(folder, command, png, display, output);
    }
    if (recipe.learnsExamples()) {
      return ExampleSession.resume(folder, command, png, display, output);
    }
    RunOutcome outcome = RunSession.resume(folder, command, display);
    return finish(outcome, folder, false, null, png, display, output);
  }

  /** Tells where everything is, and serves. */
  private static int finish(
      RunOutcome outcome,
      Path folder,
      boolean serve,
      @Nullable Integer port,
      PngOption png,
      Display display,
      Output output)
      throws InterruptedException {
    show(folder, png, display);
    if (!serve) {
      display.detail("serve   slipway serve " + folder);
      output.print(Planning.summary(outcome, folder), () -> "");
      return 0;
    }
    display.blank();
    return serve(outcome.recipe(), folder, port, display, output);
  }

  static void show(Path folder, PngOption png, Display display) {
    display.blank();
    display.detail("model   " + folder.resolve("model"));
    display.detail("report  " + folder.resolve("report.html").toUri());
    png.copy(folder, display);
  }

  /** Serves the model of a finished run as its recipe says. */
  static int serve(
      Recipe recipe, Path folder, @Nullable Integer port, Display display, Output output)
      throws InterruptedException {
    var settings = recipe.serve();
    return Service.run(
        folder.resolve("model"),
        recipe.name(),
        ServeOptions.DEFAULT
            .withHost(settings.host())
            .withPort(port == null ? settings.port() : port)
            .withQueue(settings.queue()),
        display,
        output);
  }
}
