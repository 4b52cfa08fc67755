package dev.slipway.cli;

import dev.slipway.cli.run.RunOptions;
import dev.slipway.recipe.RecipeDocument;
import dev.slipway.recipe.worked.WorkedRecipe;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    description = "Carries out a recipe: data, tokenizer, training, evaluation, packaging.")
final class RunCommand implements Callable<Integer> {
  @Parameters(paramLabel = "RECIPE", description = "A YAML file, or a folder with a recipe.yaml.")
  private Path recipe = Path.of("");

  @Option(
      names = "--set",
      paramLabel = "PATH=VALUE",
      description = "Overrides a key, such as train.steps=200; may be given several times.")
  private List<String> settings = List.of();

  @Mixin private RunOptions options = new RunOptions();

  @Override
  public Integer call() throws InterruptedException {
    if (WorkedRecipe.is(file(recipe))) {
      return options.worked(WorkedRecipe.read(file(recipe), settings));
    }
    return options.run(
        RecipeDocument.read(file(recipe), settings), "slipway run " + recipe, false, null);
  }

  static Path file(Path recipe) {
    return Files.isDirectory(recipe) ? recipe.resolve("recipe.yaml") : recipe;
  }
}
