package dev.slipway.cli;

import dev.slipway.base.Json;
import dev.slipway.cli.display.Display;
import dev.slipway.cli.display.Output;
import dev.slipway.cli.run.Runs;
import dev.slipway.recipe.RecipeDocument;
import dev.slipway.recipe.worked.WorkedRecipe;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "plan",
    mixinStandardHelpOptions = true,
    description =
        "What a recipe will take and reach, before it runs: parameters, memory by part, time, energy, money, expected loss.")
final class PlanCommand implements Callable<Integer> {
  @Parameters(paramLabel = "RECIPE", description = "A YAML file, or a folder with a recipe.yaml.")
  private Path recipe = Path.of("");

  @Option(
      names = "--set",
      paramLabel = "PATH=VALUE",
      description = "Overrides a key; may be given several times.")
  private List<String> settings = List.of();

  @Mixin private Output output = new Output();

  @Override
  public Integer call() {
    Path file = RunCommand.file(recipe);
    if (WorkedRecipe.is(file)) {
      WorkedRecipe worked = WorkedRecipe.read(file, settings);
      output.print(Json.tree(worked.workedStep().plan()), worked.workedStep()::planText);
      return 0;
    }
    return Runs.plan(RecipeDocument.read(file, settings), Display.standard(), output);
  }
}
