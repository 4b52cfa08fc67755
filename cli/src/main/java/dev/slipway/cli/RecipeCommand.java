package dev.slipway.cli;

import dev.slipway.base.Json;
import dev.slipway.cli.display.Output;
import dev.slipway.recipe.RecipeSchema;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

@Command(
    name = "recipe",
    mixinStandardHelpOptions = true,
    description = "About the recipe language.")
final class RecipeCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    throw new ParameterException(spec.commandLine(), "Missing subcommand: schema");
  }

  @Command(
      name = "schema",
      mixinStandardHelpOptions = true,
      description = "Prints the JSON Schema of recipes, for editors.")
  int schema(@Mixin Output output) {
    JsonNode schema = RecipeSchema.json();
    output.print(schema, () -> Json.write(schema));
    return 0;
  }
}
