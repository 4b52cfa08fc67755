package dev.slipway.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.base.binding.Variables;
import dev.slipway.optim.OptimizerConfig;
import dev.slipway.optim.Schedule;
import dev.slipway.plan.Forecast;
import dev.slipway.plan.MachineProfile;
import dev.slipway.plan.PlanRequest;
import dev.slipway.plan.Planner;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class RecipePlanTest {
  private static final MachineProfile MACHINE =
      new MachineProfile("two cores", 2, 8L << 30, "a test", 180, 700, 2e10, List.of());

  private static final PlanRequest.Data DATA =
      new PlanRequest.Data(48_000_000, 500_000, 500_000, OptionalDouble.empty(), 0, 0);

  private static Recipe recipe(String... settings) {
    Variables none = _ -> null;
    return RecipeDocument.parse(
        "data: { source: { text: notes.txt } }", "recipe.yaml", List.of(settings), none);
  }

  private static Forecast forecast(Recipe recipe) {
    return Planner.of(MACHINE).plan(RecipePlan.request(recipe, MACHINE, DATA, 480, true, true));
  }

  @Test
  void aResolvedRecipeHasNothingLeftToChoose() {
    Recipe recipe = recipe();
    Forecast forecast = forecast(recipe);
    Recipe resolved = RecipePlan.resolve(recipe, forecast, 2);
    String text = RecipeDocument.write(resolved);
    assertThat(text).doesNotContain("auto\n");
    assertThat(RecipeDocument.parse(text, "resolved", List.of(), _ -> null)).isEqualTo(resolved);
    ModelSettings.Gpt gpt = (ModelSettings.Gpt) resolved.model();
    assertThat(gpt.config(forecast.config().vocabularySize())).isEqualTo(forecast.config());
    assertThat(resolved.train().steps().value()).isEqualTo((int) forecast.steps());
    // Resolved once more it stays as it is: the same size, batch and steps.
    Recipe again = RecipePlan.resolve(resolved, forecast(resolved), 2);
    assertThat(again).isEqualTo(resolved);
  }

  @Test
  void whatIsGivenStays() {
    Recipe recipe =
        recipe(
            "model.gpt.size={layers: 2, hidden: 64, heads: 4, key-value-heads: 2}",
            "tokenizer.bpe.vocabulary=1000",
            "train.batch=6",
            "train.accumulate=2",
            "train.steps=200",
            "train.precision=fp32",
            "train.optimizer=adamw",
            "train.learning-rate=0.001",
            "train.schedule=cosine",
            "train.activation-checkpointing=true",
            "budget.memory=4GiB");
    Recipe resolved = RecipePlan.resolve(recipe, forecast(recipe), 2);
    assertThat(resolved.train().batch()).isEqualTo(recipe.train().batch());
    assertThat(resolved.train().steps()).isEqualTo(recipe.train().steps());
    assertThat(resolved.tokenizer()).isEqualTo(recipe.tokenizer());
    assertThat(resolved.budget().memory()).isEqualTo(recipe.budget().memory());
    assertThat(resolved.train().optimizerConfig())
        .isEqualTo(new OptimizerConfig.AdamW(0.001, 0.9, 0.95, 1e-8, 0.1, 0.1));
    assertThat(resolved.train().scheduleConfig()).isEqualTo(new Schedule.Cosine(4, 0.1));
    assertThat(((ModelSettings.Gpt) resolved.model()).config(1000).keyValueHeads()).isEqualTo(2);
  }

  @Test
  void dataSettingsAreTheDataPackagesOwn() {
    dev.slipway.data.DataConfig config =
        recipe(
                "data.source={folder: {path: src, exclude: ['**/gen/**']}}",
                "data.clean=[normalise, {strip-header: licence}, {drop: {shorter-than: 200B}}]",
                "data.deduplicate=none",
                "data.split.test=5%")
            .data()
            .config();
    assertThat(config)
        .isEqualTo(
            new dev.slipway.data.DataConfig(
                new dev.slipway.data.source.Source.Folder(
                    java.nio.file.Path.of("src"), List.of("**"), List.of("**/gen/**")),
                List.of(
                    new dev.slipway.data.clean.CleanStep.Normalise(true, false),
                    new dev.slipway.data.clean.CleanStep.StripHeader(
                        dev.slipway.data.clean.CleanStep.Header.LICENCE),
                    new dev.slipway.data.clean.CleanStep.Drop(200, 0, false)),
                dev.slipway.data.Deduplicate.NONE,
                new dev.slipway.data.Split(0.01, 0.05)));
  }
}
