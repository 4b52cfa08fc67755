package dev.slipway.cli;

import dev.slipway.base.AtomicFiles;
import dev.slipway.base.Json;
import dev.slipway.platform.server.ServeOptions;
import dev.slipway.recipe.Recipe;
import dev.slipway.recipe.run.RunOutcome;
import dev.slipway.recipe.worked.WorkedNumbers;
import dev.slipway.recipe.worked.WorkedRecipe;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * What {@code launch} and {@code run} have in common: plan a recipe, carry it out, and serve the
 * model if so asked.
 */
final class RunOptions {
  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "The run's folder (default: a new one below --runs).")
  private @Nullable Path out;

  @Mixin private RunsHome home = new RunsHome();
  @Mixin private PngOption png = new PngOption();
  @Mixin private Output output = new Output();

  int run(Recipe recipe, String command, boolean serve, @Nullable Integer port)
      throws InterruptedException {
    png.check();
    Display display = Display.standard();
    Path folder = RunSession.create(out != null ? out : RunSession.newFolder(home.path(), recipe));
    display.title("Slipway · " + recipe.name());
    if (TuningSession.is(recipe)) {
      return TuningSession.begin(recipe, folder, command, png, display, output);
    }
    if (recipe.learnsExamples()) {
      return ExampleSession.begin(recipe, folder, command, serve, port, png, display, output);
    }
    RunOutcome outcome = RunSession.begin(recipe, folder, command, display);
    return finish(outcome, folder, serve, port, png, display, output);
  }

  /** One step with every number shown; only in a folder that was asked for it leaves them. */
  int worked(WorkedRecipe recipe) {
    WorkedNumbers numbers = WorkedNumbers.of(recipe.workedStep());
    if (out != null) {
      Path folder = RunSession.create(out);
      AtomicFiles.write(folder.resolve("numbers.txt"), numbers.text());
      AtomicFiles.write(folder.resolve("numbers.json"), Json.write(numbers));
    }
    output.print(Json.tree(numbers), numbers::text);
    return 0;
  }

  /** Tells where everything is, and serves. */
  static int finish(
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
    return ServeCommand.serve(
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
