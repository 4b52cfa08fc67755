package dev.slipway.recipe;

import dev.slipway.base.binding.Auto;
import dev.slipway.base.binding.ByteSize;
import dev.slipway.model.gpt.GptConfig;
import dev.slipway.plan.Forecast;
import dev.slipway.plan.MachineProfile;
import dev.slipway.plan.PlanRequest;
import dev.slipway.plan.RunShape;
import dev.slipway.tensor.DType;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** From a recipe to the question for the planner, and from its answer to a resolved recipe. */
public final class RecipePlan {
  private RecipePlan() {}

  /** The vocabulary and rungs stand in where a planner chooses. */
  private static final int ANY_VOCABULARY = 4096;

  private static final ModelSettings.GptSize ANY_SIZE =
      new ModelSettings.GptSize(4, 192, 6, Auto.auto(), Auto.auto(), Auto.auto());

  /**
   * @param secondsLeft of the budget: less than it says where work is done already
   * @param fast whether the processor has fast bf16 products
   * @param kernels whether kernels cover the network on this machine
   */
  public static PlanRequest request(
      Recipe recipe,
      MachineProfile machine,
      PlanRequest.Data data,
      double secondsLeft,
      boolean fast,
      boolean kernels) {
    ModelSettings.Gpt gpt = gpt(recipe);
    Auto<Integer> vocabulary = bpe(recipe).vocabulary();
    ModelSettings.Gpt sized = gpt.size().isAuto() ? gpt.withSize(ANY_SIZE) : gpt;
    GptConfig template = sized.config(vocabulary.orElse(ANY_VOCABULARY));
    TrainSettings train = recipe.train();
    TrainSettings.Precision precision =
        train
            .precision()
            .orElse(fast ? TrainSettings.Precision.BF16 : TrainSettings.Precision.FP32);
    TrainSettings.ExecutionKind execution =
        train
            .execution()
            .orElse(
                kernels
                    ? TrainSettings.ExecutionKind.KERNELS
                    : TrainSettings.ExecutionKind.AUTOGRAD);
    boolean muon =
        train.optimizer().isAuto()
            || train.optimizer().value() instanceof TrainSettings.OptimizerSettings.Muon;
    Auto<ByteSize> memory = recipe.budget().memory();
    return new PlanRequest(
        recipe.name(),
        secondsLeft,
        memory.isAuto() ? machine.memory() : Math.min(machine.memory(), memory.value().bytes()),
        memory.isAuto() || memory.value().bytes() > machine.memory()
            ? machine.memorySource()
            : "budget.memory",
        recipe.budget().pricePerHour(),
        recipe.budget().watts().orElse(machine.assumedWatts()),
        data,
        template,
        !gpt.size().isAuto(),
        !vocabulary.isAuto(),
        precision == TrainSettings.Precision.BF16 ? DType.BFLOAT16 : DType.FLOAT32,
        execution == TrainSettings.ExecutionKind.KERNELS
            ? RunShape.Way.KERNELS
            : RunShape.Way.AUTOGRAD,
        muon ? RunShape.Update.MUON : RunShape.Update.ADAMW,
        optional(train.batch()),
        optional(train.accumulate()),
        optional(train.steps()),
        train.activationCheckpointing().isAuto()
            ? Optional.empty()
            : Optional.of(train.activationCheckpointing().value()));
  }

  /** The recipe with nothing left {@code auto}: as the forecast has it. */
  public static Recipe resolve(Recipe recipe, Forecast forecast, int threads) {
    RunShape shape = forecast.shape();
    GptConfig config = shape.config();
    ModelSettings.GptSize size =
        new ModelSettings.GptSize(
            config.layers(),
            config.hiddenSize(),
            config.heads(),
            Auto.of(config.keyValueHeads()),
            Auto.of(config.headDim()),
            Auto.of(config.intermediateSize()));
    Recipe.Budget budget = recipe.budget();
    return recipe
        .withEvaluate(recipe.evaluations())
        .withData(documents(recipe.data()))
        .withBudget(
            new Recipe.Budget(
                budget.time(),
                Auto.of(budget.memory().orElse(new ByteSize(forecast.memoryLimit()))),
                budget.pricePerHour(),
                Auto.of(forecast.watts())))
        .withTokenizer(
            new TokenizerSettings.Bpe(
                Auto.of(config.vocabularySize()), bpe(recipe).minimumFrequency()))
        .withModel(gpt(recipe).withSize(size))
        .withTrain(
            recipe
                .train()
                .resolved(
                    shape.precision() == DType.BFLOAT16
                        ? TrainSettings.Precision.BF16
                        : TrainSettings.Precision.FP32,
                    shape.way() == RunShape.Way.KERNELS
                        ? TrainSettings.ExecutionKind.KERNELS
                        : TrainSettings.ExecutionKind.AUTOGRAD,
                    threads,
                    shape.batch(),
                    shape.accumulate(),
                    Math.toIntExact(forecast.steps()),
                    forecast.epochs(),
                    forecast.learningRate(),
                    forecast.seconds().train() / forecast.steps(),
                    shape.checkpointing()));
  }

  /** What only examples have is settled, too, so that nothing is left open. */
  private static DataSettings documents(DataSettings data) {
    DataSettings.Split split = data.split().or(0.01, 0.01);
    return data.withSplit(
            new DataSettings.Split(
                split.validation(), split.test(), Auto.of(new DataSettings.SplitBy.Hash())))
        .withInputs(List.of());
  }

  private static ModelSettings.Gpt gpt(Recipe recipe) {
    return switch (recipe.model()) {
      case ModelSettings.Gpt gpt -> gpt;
      case ModelSettings.ExampleModel _ ->
          throw new IllegalStateException("the network is no language model");
    };
  }

  private static TokenizerSettings.Bpe bpe(Recipe recipe) {
    return switch (recipe.tokenizer()) {
      case TokenizerSettings.Bpe bpe -> bpe;
      case TokenizerSettings.OfModel _ ->
          throw new IllegalStateException("the tokenizer is the pretrained model's");
    };
  }

  private static OptionalInt optional(Auto<Integer> setting) {
    return setting.isAuto() ? OptionalInt.empty() : OptionalInt.of(setting.value());
  }
}
