package dev.slipway.cli.run;

import dev.slipway.base.AtomicFiles;
import dev.slipway.base.Json;
import dev.slipway.cli.display.Display;
import dev.slipway.cli.display.Output;
import dev.slipway.recipe.Recipe;
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
public final class RunOptions {
  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "The run's folder (default: a new one below --runs).")
  private @Nullable Path out;

  @Mixin private RunsHome home = new RunsHome();
  @Mixin private PngOption png = new PngOption();
  @Mixin private Output output = new Output();

  /**
   * Carries a recipe out, tells where everything is, and serves if so asked; gives the exit status.
   */
  public int run(Recipe recipe, String command, boolean serve, @Nullable Integer port)
      throws InterruptedException {
    png.check();
    Display display = Display.standard();
    Path folder = RunFolders.create(out != null ? out : RunFolders.named(home.path(), recipe));
    display.title("Slipway · " + recipe.name());
    return Runs.begin(recipe, folder, command, serve, port, png, display, output);
  }

  /** One step with every number shown; only in a folder that was asked for it leaves them. */
  public int worked(WorkedRecipe recipe) {
    WorkedNumbers numbers = WorkedNumbers.of(recipe.workedStep());
    if (out != null) {
      Path folder = RunFolders.create(out);
      AtomicFiles.write(folder.resolve("numbers.txt"), numbers.text());
      AtomicFiles.write(folder.resolve("numbers.json"), Json.write(numbers));
    }
    output.print(Json.tree(numbers), numbers::text);
    return 0;
  }
}
