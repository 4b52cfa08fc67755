package dev.slipway.cli;

import dev.slipway.cli.run.RunOptions;
import dev.slipway.recipe.RecipeDocument;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "launch",
    mixinStandardHelpOptions = true,
    description =
        "From the JDK's own sources, or your text, to a served language model: recipes/launch/recipe.yaml.")
final class LaunchCommand implements Callable<Integer> {
  @Option(
      names = "--budget",
      paramLabel = "TIME",
      description =
          "What may be spent, such as 8m or 2h; the size of the model follows from it (default: 8m).")
  private @Nullable String budget;

  @Option(
      names = "--price-per-hour",
      paramLabel = "X",
      description = "Of this machine, in a currency of your choice.")
  private @Nullable String pricePerHour;

  @Option(
      names = "--source",
      paramLabel = "PATH",
      description =
          "Learn from this folder, zip, jsonl, Parquet or text in place of the JDK's sources; 5 %% of it is held out for"
              + " validation, 5 %% for the test.")
  private @Nullable Path source;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "What the run and its model are called.")
  private @Nullable String name;

  @Option(
      names = "--port",
      paramLabel = "N",
      description = "The server's; 0 takes a free one (default: 8080).")
  private @Nullable Integer port;

  @Option(names = "--no-serve", description = "End after packaging.")
  private boolean noServe;

  @Option(
      names = "--set",
      paramLabel = "PATH=VALUE",
      description = "Overrides a key of the recipe; may be given several times.")
  private List<String> settings = List.of();

  @Mixin private RunOptions options = new RunOptions();

  @Override
  public Integer call() throws InterruptedException {
    List<String> all = new ArrayList<>();
    if (budget != null) {
      all.add("budget.time=" + budget);
    }
    if (pricePerHour != null) {
      all.add("budget.price-per-hour=" + pricePerHour);
    }
    if (name != null) {
      all.add("name=" + name);
    }
    if (source != null) {
      all.add("data.source=" + SourceSetting.of(source));
      // One in a hundred of a user's few documents might be none.
      all.add("data.split={validation: 5%, test: 5%}");
    }
    all.addAll(settings);
    Path recipe =
        Path.of(System.getProperty("slipway.root", ".")).resolve("recipes/launch/recipe.yaml");
    return options.run(RecipeDocument.read(recipe, all), "slipway launch", !noServe, port);
  }
}
