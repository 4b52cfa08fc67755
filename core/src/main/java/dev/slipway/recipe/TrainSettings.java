package dev.slipway.recipe;

import dev.slipway.base.binding.Auto;
import dev.slipway.base.binding.Default;
import dev.slipway.base.binding.Doc;
import dev.slipway.base.binding.Fraction;
import dev.slipway.base.binding.InvalidSetting;
import dev.slipway.base.binding.Named;
import dev.slipway.base.binding.Range;
import dev.slipway.optim.OptimizerConfig;
import dev.slipway.optim.Schedule;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;

/** How it is learnt. */
public record TrainSettings(
    @Doc("What matrix products are computed in; auto is bf16 where the processor has it")
        @Default("auto")
        Auto<Precision> precision,
    @Doc("How forward and backward are carried out; auto is kernels where they cover the network")
        @Default("auto")
        Auto<ExecutionKind> execution,
    @Doc("Threads of computation; auto is the cores that the process may use")
        @Default("auto")
        @Range(min = 1, max = 1024)
        Auto<Integer> threads,
    @Doc(
            "Sequences or examples in a step; auto of examples is 64, of few examples fewer, so that a pass has 16 steps")
        @Default("auto")
        @Range(min = 1, max = 1_000_000)
        Auto<Integer> batch,
    @Doc(
            "Parts that a step's sequences are computed in, one after another; more takes less memory and learns the same")
        @Default("auto")
        @Range(min = 1, max = 1_000_000)
        Auto<Integer> accumulate,
    @Doc("Steps; auto follows from epochs, or fills the budget")
        @Default("auto")
        @Range(min = 1, max = 1_000_000_000)
        Auto<Integer> steps,
    @Doc("Passes over the training examples; auto is 10 or what the budget allows")
        @Default("auto")
        @Range(min = 0, max = 1e6)
        Auto<Double> epochs,
    @Doc("How gradients become new parameters; auto is muon") @Default("auto")
        Auto<OptimizerSettings> optimizer,
    @Doc(
            "Peak learning rate, with muon that of embeddings, head and vectors; auto is the optimizer's usual one")
        @Default("auto")
        @Range(min = 0, max = 10)
        Auto<Double> learningRate,
    @Doc("Decoupled weight decay of matrices and embeddings, of adamw and muon")
        @Default("0.1")
        @Range(min = 0, max = 10)
        double weightDecay,
    @Doc("Gradients of a larger norm are scaled down to it")
        @Default("1")
        @Range(min = 1e-6, max = 1e6)
        Optional<Double> clip,
    @Doc("How the learning rate goes over the run") @Default("warmup-stable-decay")
        ScheduleSettings schedule,
    @Doc("Checkpoints to resume from") @Default("{}") Checkpoint checkpoint,
    @Doc("Validation while training") @Default("{}") Validate validate,
    @Doc("When to stop before the last step; at its end, too, a run then keeps the best parameters")
        @Default("none")
        Optional<EarlyStopping> earlyStopping,
    @Doc(
            "Whether activations are computed again in the backward pass: less memory, a third more time; auto does so where memory is short")
        @Default("auto")
        Auto<Boolean> activationCheckpointing) {

  public TrainSettings {
    if (!batch.isAuto() && !accumulate.isAuto() && batch.value() % accumulate.value() != 0) {
      throw new InvalidSetting(
          "accumulate",
          accumulate.value() + " parts of " + batch.value() + " sequences",
          "a number that divides batch");
    }
  }

  /** Number formats of the matrix products; parameters and sums stay fp32. */
  public enum Precision {
    @Doc("32-bit floats")
    FP32,
    @Doc("16-bit brain floats, with fp32 sums and master weights")
    BF16
  }

  /** Ways to carry out a network. */
  public enum ExecutionKind {
    @Doc("Fused kernels; the processor, and the networks that they cover")
    KERNELS,
    @Doc("libtorch's autograd; any network, any device")
    AUTOGRAD
  }

  /** Optimizers. */
  public sealed interface OptimizerSettings {
    /** Adam as PyTorch and Keras have it. */
    static OptimizerSettings usualForExamples() {
      return new Adam(0.9, 0.999, 1e-8, 0, 0);
    }

    @Doc("Adam with decoupled weight decay (Loshchilov and Hutter 2019)")
    @Named("adamw")
    record AdamW(
        @Doc("Decay of the mean of gradients") @Default("0.9") @Range(min = 0, max = 0.9999)
            double beta1,
        @Doc("Decay of the mean of squared gradients")
            @Default("0.95")
            @Range(min = 0, max = 0.999999)
            double beta2,
        @Doc("Added to the root of the mean square") @Default("1e-8") @Range(min = 1e-15, max = 1)
            double epsilon)
        implements OptimizerSettings {}

    @Doc("Orthogonalised momentum on matrices (Jordan et al. 2024), AdamW on the rest")
    record Muon(
        @Doc("Peak learning rate of the matrices") @Default("0.02") @Range(min = 0, max = 10)
            double learningRate,
        @Doc("Decay of the momentum") @Default("0.95") @Range(min = 0, max = 0.9999)
            double momentum,
        @Doc("Newton-Schulz iterations") @Default("5") @Range(min = 1, max = 20) int iterations,
        @Doc("AdamW on embeddings, head and vectors") @Default("{}") AdamW adamw)
        implements OptimizerSettings {}

    @Doc("Stochastic gradient descent")
    record Sgd(
        @Doc("Decay of the momentum; 0 for none") @Default("0") @Range(min = 0, max = 0.9999)
            double momentum,
        @Doc("Whether a step looks ahead along the momentum (Sutskever et al. 2013)")
            @Default("false")
            boolean nesterov,
        @Doc("How much of a gradient the momentum doesn't take")
            @Default("0")
            @Range(min = 0, max = 1)
            double dampening,
        @Doc("Penalty of the sum of absolute weights") @Default("0") @Range(min = 0, max = 10)
            double l1,
        @Doc("Penalty of half the sum of squared weights") @Default("0") @Range(min = 0, max = 10)
            double l2)
        implements OptimizerSettings {
      public Sgd {
        if (nesterov && (momentum == 0 || dampening != 0)) {
          throw new InvalidSetting(
              "nesterov",
              "true with momentum " + momentum + " and dampening " + dampening,
              "a momentum above 0 and no dampening beside it");
        }
      }
    }

    @Doc("Adam (Kingma and Ba 2015), its penalties part of the gradient")
    record Adam(
        @Doc("Decay of the mean of gradients") @Default("0.9") @Range(min = 0, max = 0.9999)
            double beta1,
        @Doc("Decay of the mean of squared gradients")
            @Default("0.999")
            @Range(min = 0, max = 0.999999)
            double beta2,
        @Doc("Added to the root of the mean square") @Default("1e-8") @Range(min = 1e-15, max = 1)
            double epsilon,
        @Doc("Penalty of the sum of absolute weights") @Default("0") @Range(min = 0, max = 10)
            double l1,
        @Doc("Penalty of half the sum of squared weights") @Default("0") @Range(min = 0, max = 10)
            double l2)
        implements OptimizerSettings {}

    @Doc("Steps divided by the root of the mean square (Tieleman and Hinton 2012)")
    @Named("rmsprop")
    record RmsProp(
        @Doc("Decay of the mean square") @Default("0.99") @Range(min = 0, max = 0.999999)
            double alpha,
        @Doc("Decay of the steps' momentum; 0 for none") @Default("0") @Range(min = 0, max = 0.9999)
            double momentum,
        @Doc("Whether the mean is taken away first (Graves 2013)") @Default("false")
            boolean centered,
        @Doc("Added to the root of the mean square") @Default("1e-8") @Range(min = 1e-15, max = 1)
            double epsilon,
        @Doc("Penalty of the sum of absolute weights") @Default("0") @Range(min = 0, max = 10)
            double l1,
        @Doc("Penalty of half the sum of squared weights") @Default("0") @Range(min = 0, max = 10)
            double l2)
        implements OptimizerSettings {}

    @Doc("Steps divided by the root of the sum of squares (Duchi et al. 2011)")
    record Adagrad(
        @Doc("By how much the learning rate falls a step, in parts of itself")
            @Default("0")
            @Range(min = 0, max = 1)
            double decay,
        @Doc("What the sums of squares begin with") @Default("0") @Range(min = 0, max = 1e6)
            double initialSum,
        @Doc("Added to the root of the sum") @Default("1e-10") @Range(min = 1e-15, max = 1)
            double epsilon,
        @Doc("Penalty of the sum of absolute weights") @Default("0") @Range(min = 0, max = 10)
            double l1,
        @Doc("Penalty of half the sum of squared weights") @Default("0") @Range(min = 0, max = 10)
            double l2)
        implements OptimizerSettings {}

    /** The learning rate that {@code auto} means; empty where it follows from the model's size. */
    default OptionalDouble usualLearningRate() {
      return switch (this) {
        case AdamW _, Muon _ -> OptionalDouble.empty();
        case Sgd _, Adagrad _ -> OptionalDouble.of(0.01);
        case Adam _, RmsProp _ -> OptionalDouble.of(0.001);
      };
    }
  }

  /** Learning rate over the run; parts are of the steps. */
  public sealed interface ScheduleSettings {
    @Doc("Up, level, and down in a line at the end (Hu et al. 2024)")
    record WarmupStableDecay(
        @Doc("Part of the steps for the way up") @Default("2%") Fraction warmup,
        @Doc("Part of the steps for the way down") @Default("40%") Fraction decay,
        @Doc("Where it ends, as part of the peak") @Default("0%") Fraction minimum)
        implements ScheduleSettings {
      public WarmupStableDecay {
        if (warmup.value() + decay.value() > 1) {
          throw new InvalidSetting(
              "decay", decay + ", with warmup " + warmup, "at most 100% together");
        }
      }
    }

    @Doc("Up, and down in half a cosine (Loshchilov and Hutter 2017)")
    record Cosine(
        @Doc("Part of the steps for the way up") @Default("2%") Fraction warmup,
        @Doc("Where it ends, as part of the peak") @Default("10%") Fraction minimum)
        implements ScheduleSettings {}

    @Doc("Up, and down in a line")
    record Linear(
        @Doc("Part of the steps for the way up") @Default("2%") Fraction warmup,
        @Doc("Where it ends, as part of the peak") @Default("0%") Fraction minimum)
        implements ScheduleSettings {}

    @Doc("Up, level, and down by a factor when validation no longer gets better")
    record ReduceOnPlateau(
        @Doc("Part of the steps for the way up") @Default("0%") Fraction warmup,
        @Doc("What the rate is multiplied with") @Default("0.1") @Range(min = 1e-6, max = 0.999999)
            double factor,
        @Doc("Validations in a row that may be no better; one more lowers the rate")
            @Default("10")
            @Range(min = 0, max = 1_000_000)
            int patience,
        @Doc("Better is lower than the best loss by this part of it")
            @Default("1e-4")
            @Range(min = 0, max = 1)
            double threshold,
        @Doc("Validations after a fall that don't count")
            @Default("0")
            @Range(min = 0, max = 1_000_000)
            int cooldown,
        @Doc("Where it ends, as part of the peak") @Default("0%") Fraction minimum)
        implements ScheduleSettings {}

    @Doc("Up, and level")
    record Constant(@Doc("Part of the steps for the way up") @Default("2%") Fraction warmup)
        implements ScheduleSettings {}
  }

  /** Checkpoints to resume from. */
  public record Checkpoint(
      @Doc("How often one is written; one is always written at the end") @Default("60s")
          Duration every,
      @Doc("How many are kept, beside the best") @Default("2") @Range(min = 1, max = 10_000)
          int keep) {}

  /** Validation while training. */
  public record Validate(
      @Doc("How often; auto is twenty times in a run") @Default("auto") Auto<Interval> every,
      @Doc(
              "Batches of the validation split that are measured each time; auto takes little of the budget")
          @Default("auto")
          @Range(min = 1, max = 1_000_000)
          Auto<Integer> batches) {}

  /** Stops when validation no longer gets better. */
  public record EarlyStopping(
      @Doc("Validations without a better one") @Default("5") @Range(min = 1, max = 1_000_000)
          int patience,
      @Doc("What counts as better, in nats of loss") @Default("0") @Range(min = 0, max = 100)
          double minimumDelta) {}

  /** The optimizer with its peak learning rates; a bug where one is still {@code auto}. */
  public OptimizerConfig optimizerConfig() {
    return switch (optimizer.value()) {
      case OptimizerSettings.AdamW adamw -> config(adamw);
      case OptimizerSettings.Muon muon ->
          new OptimizerConfig.Muon(
              muon.learningRate,
              muon.momentum,
              true,
              muon.iterations,
              weightDecay,
              OptimizerConfig.Muon.Scale.SPECTRAL,
              true,
              config(muon.adamw));
      case OptimizerSettings.Sgd sgd ->
          new OptimizerConfig.Sgd(
              learningRate.value(),
              sgd.momentum,
              sgd.dampening,
              sgd.nesterov,
              new OptimizerConfig.Penalty(sgd.l1, sgd.l2));
      case OptimizerSettings.Adam adam ->
          new OptimizerConfig.Adam(
              learningRate.value(),
              adam.beta1,
              adam.beta2,
              adam.epsilon,
              new OptimizerConfig.Penalty(adam.l1, adam.l2));
      case OptimizerSettings.RmsProp rmsProp ->
          new OptimizerConfig.RmsProp(
              learningRate.value(),
              rmsProp.alpha,
              rmsProp.epsilon,
              rmsProp.momentum,
              rmsProp.centered,
              new OptimizerConfig.Penalty(rmsProp.l1, rmsProp.l2));
      case OptimizerSettings.Adagrad adagrad ->
          new OptimizerConfig.Adagrad(
              learningRate.value(),
              adagrad.decay,
              adagrad.initialSum,
              adagrad.epsilon,
              new OptimizerConfig.Penalty(adagrad.l1, adagrad.l2));
    };
  }

  private OptimizerConfig.AdamW config(OptimizerSettings.AdamW adamw) {
    return new OptimizerConfig.AdamW(
        learningRate.value(), adamw.beta1, adamw.beta2, adamw.epsilon, weightDecay, weightDecay);
  }

  /** The schedule over the run's steps; a bug where they are still {@code auto}. */
  public Schedule scheduleConfig() {
    return switch (schedule) {
      case ScheduleSettings.WarmupStableDecay(Fraction warmup, Fraction decay, Fraction minimum) ->
          new Schedule.WarmupStableDecay(part(warmup), part(decay), minimum.value());
      case ScheduleSettings.Cosine(Fraction warmup, Fraction minimum) ->
          new Schedule.Cosine(part(warmup), minimum.value());
      case ScheduleSettings.Linear(Fraction warmup, Fraction minimum) ->
          new Schedule.Linear(part(warmup), minimum.value());
      case ScheduleSettings.ReduceOnPlateau plateau ->
          new Schedule.ReduceOnPlateau(
              part(plateau.warmup()),
              plateau.factor(),
              plateau.patience(),
              plateau.threshold(),
              plateau.cooldown(),
              plateau.minimum().value());
      case ScheduleSettings.Constant(Fraction warmup) -> new Schedule.Constant(part(warmup));
    };
  }

  private long part(Fraction fraction) {
    return Math.round(fraction.value() * steps.value());
  }

  /**
   * The same for a task of examples, with nothing left {@code auto}: by Adam in fp32, validated by
   * the whole validation split after each epoch.
   *
   * @param batches of an epoch
   * @param validationBatches of the whole validation split
   */
  public TrainSettings resolvedForExamples(
      int threads,
      int batch,
      int steps,
      double epochs,
      long batches,
      int validationBatches,
      double secondsPerStep) {
    Auto<OptimizerSettings> chosen = optimizer.or(OptimizerSettings::usualForExamples);
    return new TrainSettings(
        precision.or(() -> Precision.FP32),
        Auto.of(ExecutionKind.AUTOGRAD),
        Auto.of(this.threads.orElse(threads)),
        Auto.of(batch),
        accumulate.or(() -> 1),
        Auto.of(steps),
        Auto.of(epochs),
        chosen,
        learningRate.or(() -> chosen.value().usualLearningRate().orElse(1e-3)),
        weightDecay,
        clip,
        schedule,
        checkpoint,
        new Validate(
            Auto.of(
                new Interval.Steps(
                    validate
                        .every
                        .orElse(new Interval.Steps(Math.toIntExact(Math.min(batches, steps))))
                        .steps(secondsPerStep, steps))),
            Auto.of(validate.batches.orElse(Math.max(1, validationBatches)))),
        earlyStopping,
        Auto.of(false));
  }

  /**
   * The same for tuning a published model, with nothing left {@code auto}: by AdamW, in steps of
   * autograd.
   */
  public TrainSettings resolvedForTuning(
      Precision precision,
      int threads,
      int batch,
      int accumulate,
      int steps,
      double epochs,
      double learningRate,
      double secondsPerStep,
      boolean activationCheckpointing) {
    TrainSettings resolved =
        resolved(
            precision,
            ExecutionKind.AUTOGRAD,
            threads,
            batch,
            accumulate,
            steps,
            epochs,
            learningRate,
            secondsPerStep,
            activationCheckpointing);
    return resolved.withOptimizer(
        optimizer.or(() -> new OptimizerSettings.AdamW(0.9, 0.999, 1e-8)));
  }

  private TrainSettings withOptimizer(Auto<OptimizerSettings> chosen) {
    return new TrainSettings(
        precision,
        execution,
        threads,
        batch,
        accumulate,
        steps,
        epochs,
        chosen,
        learningRate,
        weightDecay,
        clip,
        schedule,
        checkpoint,
        validate,
        earlyStopping,
        activationCheckpointing);
  }

  /** The same with nothing left {@code auto}. */
  TrainSettings resolved(
      Precision precision,
      ExecutionKind execution,
      int threads,
      int batch,
      int accumulate,
      int steps,
      double epochs,
      double learningRate,
      double secondsPerStep,
      boolean activationCheckpointing) {
    OptimizerSettings.AdamW adamw = new OptimizerSettings.AdamW(0.9, 0.95, 1e-8);
    OptionalDouble usual =
        optimizer.isAuto() ? OptionalDouble.empty() : optimizer.value().usualLearningRate();
    int often = Math.max(1, steps / 20);
    return new TrainSettings(
        Auto.of(precision),
        Auto.of(execution),
        Auto.of(this.threads.orElse(threads)),
        Auto.of(batch),
        Auto.of(accumulate),
        Auto.of(steps),
        Auto.of(this.epochs.orElse(epochs)),
        optimizer.or(() -> new OptimizerSettings.Muon(0.02, 0.95, 5, adamw)),
        Auto.of(this.learningRate.orElse(usual.orElse(learningRate))),
        weightDecay,
        clip,
        schedule,
        checkpoint,
        new Validate(
            Auto.of(
                new Interval.Steps(
                    validate.every.orElse(new Interval.Steps(often)).steps(secondsPerStep, steps))),
            Auto.of(validate.batches.orElse(Math.max(1, 64 / batch)))),
        earlyStopping,
        Auto.of(activationCheckpointing));
  }
}
