package dev.slipway.recipe.examples;

import dev.slipway.base.binding.Auto;
import dev.slipway.base.binding.ByteSize;
import dev.slipway.data.SplitName;
import dev.slipway.data.augment.Mixup;
import dev.slipway.data.example.SplitRule;
import dev.slipway.data.feature.CategoriesFeature;
import dev.slipway.data.feature.Feature;
import dev.slipway.plan.ExampleForecast;
import dev.slipway.recipe.DataSettings;
import dev.slipway.recipe.Recipe;
import dev.slipway.recipe.TrainSettings;
import dev.slipway.recipe.run.RunConfigs;
import dev.slipway.task.ExampleObjective;
import dev.slipway.task.TaskData;
import dev.slipway.train.TrainConfig;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Recipes with nothing left to choose, and the settings of the training loop from them. */
final class ExampleRecipes {
  /** A step whose loss is this many times the first one's has exploded. */
  private static final double EXPLODING = 20;

  private ExampleRecipes() {}

  /** Settings with which steps can be tried before the recipe is resolved. */
  static TrainSettings optimizer(Recipe recipe) {
    return recipe.train().resolvedForExamples(1, 1, 100, 1, 1, 1, 1);
  }

  /** How steps are tried: in the recipe's precision, with nothing mixed. */
  static ExampleObjective.Options tried(Recipe recipe) {
    ExampleObjective.Options plain = ExampleObjective.Options.PLAIN;
    return new ExampleObjective.Options(
        RunConfigs.precision(optimizer(recipe)),
        null,
        plain.seed(),
        plain.watch(),
        plain.layerNames());
  }

  static Recipe resolve(
      Recipe recipe,
      ExampleRun run,
      ExampleForecast forecast,
      int rows,
      int threads,
      long batches,
      double secondsPerStep) {
    DataSettings.Split split = recipe.data().split();
    DataSettings.SplitBy by =
        switch (ExampleRun.rule(recipe)) {
          case SplitRule.Hash _ -> new DataSettings.SplitBy.Hash();
          case SplitRule.Stratified _ -> new DataSettings.SplitBy.Stratified();
          case SplitRule.Grouped(String field) -> new DataSettings.SplitBy.Grouped(field);
          case SplitRule.Time(String field) -> new DataSettings.SplitBy.Time(field);
        };
    Recipe.Budget budget = recipe.budget();
    int validation = run.data().members(SplitName.VALIDATION).length;
    return recipe
        .withEvaluate(recipe.evaluations())
        .withData(
            recipe
                .data()
                .withSplit(new DataSettings.Split(split.validation(), split.test(), Auto.of(by)))
                .withInputs(run.inputs()))
        .withBudget(
            new Recipe.Budget(
                budget.time(),
                Auto.of(budget.memory().orElse(new ByteSize(forecast.memoryLimit()))),
                budget.pricePerHour(),
                Auto.of(forecast.watts())))
        .withTrain(
            recipe
                .train()
                .resolvedForExamples(
                    threads,
                    rows,
                    Math.toIntExact(forecast.steps()),
                    forecast.epochs(),
                    batches,
                    Math.ceilDiv(Math.max(1, validation), rows),
                    secondsPerStep));
  }

  /** How the network learns beside its optimizer. */
  static ExampleObjective.Options options(Recipe recipe, TaskData data) {
    @Nullable Mixup mixup =
        recipe.data().augment().stream()
            .filter(Mixup.class::isInstance)
            .map(Mixup.class::cast)
            .findFirst()
            .orElse(null);
    return new ExampleObjective.Options(
        RunConfigs.precision(recipe),
        mixup,
        recipe.seed(),
        (layer, output) -> {},
        columns(data.features()));
  }

  /** Columns whose embeddings the first layer holds, by what the network calls them. */
  static Map<String, String> columns(List<Feature> features) {
    Map<String, String> names = new LinkedHashMap<>();
    for (Feature feature : features) {
      if (feature instanceof CategoriesFeature categories) {
        for (int i = 0; i < categories.columns().size(); i++) {
          names.put(
              "0." + categories.name() + "." + i, "0." + categories.columns().get(i).column());
        }
      }
    }
    return names;
  }

  static TrainConfig train(Recipe recipe) {
    return RunConfigs.train(recipe, EXPLODING);
  }
}
