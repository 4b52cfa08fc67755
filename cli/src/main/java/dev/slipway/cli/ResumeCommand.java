package dev.slipway.cli;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.cli.display.Display;
import dev.slipway.cli.display.Output;
import dev.slipway.cli.run.PngOption;
import dev.slipway.cli.run.Runs;
import dev.slipway.cli.run.RunsHome;
import dev.slipway.recipe.Recipe;
import dev.slipway.recipe.RecipeDocument;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
    name = "resume",
    mixinStandardHelpOptions = true,
    description =
        "Goes on with a run that was stopped or killed; its end has the same bytes as an undisturbed one's.")
final class ResumeCommand implements Callable<Integer> {
  @Parameters(paramLabel = "RUN", description = "The run's folder, or its name below --runs.")
  private Path run = Path.of("");

  @Mixin private RunsHome home = new RunsHome();
  @Mixin private PngOption png = new PngOption();
  @Mixin private Output output = new Output();

  @Override
  public Integer call() throws InterruptedException {
    Path folder = Files.isDirectory(run) ? run : home.path().resolve(run);
    if (!Files.exists(folder.resolve("recipe.yaml"))) {
      throw new SlipwayException(
          Exit.INPUT,
          "run.missing",
          run + " is no run: there is no " + folder.resolve("recipe.yaml"),
          "see `slipway runs` for the runs there are");
    }
    png.check();
    Display display = Display.standard();
    Recipe recipe = RecipeDocument.read(folder.resolve("recipe.yaml"), List.of());
    return Runs.resume(recipe, folder, "slipway resume " + run, png, display, output);
  }
}
