package dev.slipway.recipe.run;

import dev.slipway.recipe.Interval;
import dev.slipway.recipe.ModelSettings;
import dev.slipway.recipe.Recipe;
import dev.slipway.recipe.TokenizerSettings;
import dev.slipway.recipe.TrainSettings;
import dev.slipway.tensor.DType;
import dev.slipway.tokenizer.BpeConfig;
import dev.slipway.train.TrainConfig;
import java.util.List;

/** The parts' own configurations, from a resolved recipe. */
public final class RunConfigs {
  /** A step whose loss is this many times the first one's has exploded. */
  private static final double EXPLODING = 3;

  private RunConfigs() {}

  static BpeConfig tokenizer(TokenizerSettings settings) {
    return switch (settings) {
      case TokenizerSettings.Bpe bpe ->
          new BpeConfig(
              bpe.vocabulary().value(), bpe.minimumFrequency(), List.of(BpeConfig.END_OF_TEXT));
      case TokenizerSettings.OfModel _ ->
          throw new IllegalStateException("the tokenizer is the pretrained model's");
    };
  }

  static ModelSettings.Gpt gpt(Recipe recipe) {
    return switch (recipe.model()) {
      case ModelSettings.Gpt gpt -> gpt;
      case ModelSettings.ExampleModel _ ->
          throw new IllegalStateException("the network is no language model");
    };
  }

  /** Of a language model's loop. */
  public static TrainConfig train(Recipe recipe) {
    return train(recipe, EXPLODING);
  }

  /**
   * @param exploding a step whose loss is this many times the first one's has exploded
   */
  public static TrainConfig train(Recipe recipe, double exploding) {
    TrainSettings settings = recipe.train();
    return new TrainConfig(
        recipe.seed(),
        settings.steps().value(),
        settings.batch().value() / settings.accumulate().value(),
        settings.accumulate().value(),
        precision(recipe),
        settings.optimizerConfig(),
        settings.scheduleConfig(),
        settings.clip().orElse(0.0),
        switch (settings.validate().every().value()) {
          case Interval.Steps(int every) -> every;
          case Interval.Time time ->
              throw new IllegalStateException(
                  "validate.every is still " + time + " in a resolved recipe");
        },
        settings.validate().batches().value(),
        settings
            .earlyStopping()
            .map(early -> new TrainConfig.EarlyStopping(early.patience(), early.minimumDelta()))
            .orElse(null),
        exploding,
        settings.checkpoint().every(),
        settings.checkpoint().keep());
  }

  /** The type of a resolved recipe's matrix products. */
  public static DType precision(Recipe recipe) {
    return precision(recipe.train());
  }

  /** That of settings in which it is not left {@code auto}. */
  public static DType precision(TrainSettings settings) {
    return switch (settings.precision().value()) {
      case FP32 -> DType.FLOAT32;
      case BF16 -> DType.BFLOAT16;
    };
  }
}
