package dev.slipway.recipe.tuning;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.base.binding.Auto;
import dev.slipway.base.binding.ByteSize;
import dev.slipway.model.decoder.DecoderConfig;
import dev.slipway.model.decoder.ScoringConfig;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.optim.Optimizer;
import dev.slipway.plan.Forecast;
import dev.slipway.plan.MachineProfile;
import dev.slipway.plan.MemoryForecast;
import dev.slipway.plan.TuneForecast;
import dev.slipway.plan.TuneMemory;
import dev.slipway.recipe.DataSettings;
import dev.slipway.recipe.ModelSettings;
import dev.slipway.recipe.Recipe;
import dev.slipway.recipe.TrainSettings;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Engine;
import dev.slipway.tensor.Scope;
import dev.slipway.tokenizer.TokenBatch;
import dev.slipway.tune.TunedDecoder;
import dev.slipway.tune.TuningMethod;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/** Forecasts tuning by a few steps of the model itself, and settles what a recipe leaves open. */
public final class TuningPlanner {
  /** Sequences of a step where nobody says. */
  private static final int BATCH = 8;

  /** Passes over the text where nobody says and the budget allows. */
  private static final double EPOCHS = 3;

  /** Peaks where nobody says: the usual ones of AdamW in full, and of adapters. */
  private static final double FULL_RATE = 5e-5;

  private static final double ADAPTER_RATE = 2e-4;

  /** Of embeddings, keys and values, which are few and far from zero. */
  private static final double VIRTUAL_RATE = 1e-2;

  /** Part of the training time that stays free. */
  private static final double RESERVE = 0.04;

  private static final int FEWEST_STEPS = 5;
  private static final double LEAST_SECONDS = 1;
  private static final double MOST_SECONDS = 10;

  /** A forward pass is a third of forward and backward. */
  private static final double FORWARD = 1 / 3.0;

  private static final double FINISH_SECONDS = 5;

  /** Steps of the training that measured ones are said to be of. */
  private static final long MEASURED_AS = 1_000_000_000;

  /** Tokens of the text that shows what was forgotten, about. */
  private static final long RETAINED = 9_000;

  private TuningPlanner() {}

  /**
   * The recipe with nothing left to choose, and what it will take.
   *
   * @param fast whether the processor has fast bf16 products
   * @throws SlipwayException {@code plan.tune-memory} if it does not fit into memory, {@code
   *     plan.budget-too-small} if the budget ends before it begins to learn
   */
  public static TuningPlan plan(
      Recipe recipe,
      BaseModel base,
      TuningTask task,
      MachineProfile machine,
      int threads,
      boolean fast) {
    TrainSettings train = recipe.train();
    TrainSettings.Precision precision =
        train
            .precision()
            .orElse(fast ? TrainSettings.Precision.BF16 : TrainSettings.Precision.FP32);
    int batch = train.batch().orElse(Math.max(BATCH, train.accumulate().orElse(1)));
    long limit =
        recipe.budget().memory().isAuto()
            ? machine.memory()
            : Math.min(machine.memory(), recipe.budget().memory().value().bytes());
    TuningTask.Size size = task.size(base);
    DecoderConfig network = task.network(base);
    TuneMemory.Shape shape =
        fit(
            new TuneMemory.Shape(
                network,
                trained(recipe.tune(), network),
                type(precision),
                batch * size.sequences(),
                train.accumulate().orElse(1),
                columns(recipe.tune(), base),
                train.activationCheckpointing().orElse(false),
                TunedDecoder.byKernels(recipe.tune(), network),
                recipe.tune() instanceof TuningMethod.Qlora),
            train,
            TuneMemory.fileBytes(base.folder()),
            limit);
    if (shape.rows() < size.sequences()) { // a pair is not torn
      throw TuneMemory.tooLarge(shape, TuneMemory.fileBytes(base.folder()), limit);
    }
    MemoryForecast memory =
        TuneMemory.forecast(shape, TuneMemory.fileBytes(base.folder()))
            .begun(Engine.residentBytes());
    double budget = recipe.budget().time().toMillis() / 1000.0;
    Recipe tried =
        settled(recipe, base, task, size.sequences(), shape, precision, threads, 100, 1, 1);
    double perStep =
        measure(tried, base, shape, Math.clamp(0.02 * budget, LEAST_SECONDS, MOST_SECONDS));
    double perToken = perStep / ((double) shape.batch() * base.context());
    // Batches that are narrower than the context take less.
    perStep *= size.columns() / base.context();
    long perEpoch = Math.max(1, Math.ceilDiv(size.things(), (long) batch));
    double judging =
        FORWARD * perToken * 2 * (size.heldOutTokens() + RETAINED)
            + FORWARD * perStep * perEpoch * size.references();
    double left =
        (budget - size.prepareSeconds() - judging - FINISH_SECONDS) * (1 - RESERVE) / perStep;
    List<String> notes = new ArrayList<>();
    long steps = steps(train, perEpoch, left, perStep, size.prepareSeconds() + judging);
    Forecast.Stages seconds =
        new Forecast.Stages(
            size.prepareSeconds(), 0, steps * perStep * 1.05, judging, FINISH_SECONDS);
    if (seconds.total() > budget) {
      notes.add(
          String.format(
              Locale.ROOT,
              "the run takes longer than its budget of %.0f s; leave train.steps and train.epochs to auto to keep it",
              budget));
    }
    long tokens = Math.round(steps * batch * size.targets());
    double watts = recipe.budget().watts().orElse(machine.assumedWatts());
    double hours = seconds.total() / 3600;
    long trained = shape.trainedCount();
    TuneForecast forecast =
        new TuneForecast(
            shape.allCount(),
            trained,
            steps,
            tokens,
            (double) steps / perEpoch,
            batch * size.targets() / perStep,
            seconds,
            memory.atLeast(Engine.peakResidentBytes()),
            limit,
            watts,
            watts * hours,
            recipe.budget().pricePerHour() * hours,
            notes);
    Recipe resolved =
        settled(
                recipe,
                base,
                task,
                size.sequences(),
                shape,
                precision,
                threads,
                Math.toIntExact(steps),
                (double) steps / perEpoch,
                perStep)
            .withBudget(
                new Recipe.Budget(
                    recipe.budget().time(),
                    Auto.of(recipe.budget().memory().orElse(new ByteSize(limit))),
                    recipe.budget().pricePerHour(),
                    Auto.of(watts)));
    return new TuningPlan(resolved, forecast, machine);
  }

  /** The clause that says what to change when memory ran out though it should have fitted. */
  public static String memoryAdvice(Recipe recipe, BaseModel base) {
    TrainSettings train = recipe.train();
    DecoderConfig network = TuningTasks.of(recipe).network(base);
    return TuneMemory.advice(
        new TuneMemory.Shape(
            network,
            trained(recipe.tune(), network),
            type(train.precision().value()),
            train.batch().value(),
            train.accumulate().value(),
            columns(recipe.tune(), base),
            train.activationCheckpointing().value(),
            TunedDecoder.byKernels(recipe.tune(), network),
            recipe.tune() instanceof TuningMethod.Qlora),
        TuneMemory.fileBytes(base.folder()));
  }

  private static long steps(
      TrainSettings train, long perEpoch, double left, double perStep, double beside) {
    if (!train.steps().isAuto()) {
      return train.steps().value();
    }
    if (!train.epochs().isAuto()) {
      return Math.max(1, Math.round(train.epochs().value() * perEpoch));
    }
    long steps = Math.min((long) left, Math.round(EPOCHS * perEpoch));
    if (steps < Math.min(FEWEST_STEPS, perEpoch)) {
      throw new SlipwayException(
          Exit.USAGE,
          "plan.budget-too-small",
          String.format(
              Locale.ROOT,
              "the budget leaves time for %d steps of %.1f s beside %.0f s for all else, expected at least %d",
              Math.max(0, (long) left),
              perStep,
              beside,
              FEWEST_STEPS),
          String.format(
              Locale.ROOT,
              "set budget.time to at least %ds, or train.steps",
              (long) Math.ceil(beside + FINISH_SECONDS + 2 * FEWEST_STEPS * perStep)));
    }
    return Math.max(1, steps);
  }

  private static List<ParameterSpec> trained(TuningMethod method, DecoderConfig config) {
    List<ParameterSpec> specs = new ArrayList<>(TunedDecoder.own(method, config));
    specs.addAll(TunedDecoder.added(method, config));
    return specs;
  }

  static DType type(TrainSettings.Precision precision) {
    return switch (precision) {
      case FP32 -> DType.FLOAT32;
      case BF16 -> DType.BFLOAT16;
    };
  }

  /** The shape itself, or with what was left open changed so that it fits. */
  private static TuneMemory.Shape fit(
      TuneMemory.Shape shape, TrainSettings train, long fileBytes, long limit) {
    if (TuneMemory.forecast(shape, fileBytes).total() <= limit) {
      return shape;
    }
    return TuneMemory.remedy(
            shape,
            train.accumulate().isAuto(),
            train.activationCheckpointing().isAuto(),
            fileBytes,
            limit)
        .orElseThrow(() -> TuneMemory.tooLarge(shape, fileBytes, limit));
  }

  /** Positions of a row as it is learnt: a prompt is part of it. */
  private static int columns(TuningMethod method, BaseModel base) {
    return base.context()
        + (method instanceof TuningMethod.Prompt prompt ? prompt.virtualTokens() : 0);
  }

  private static double rate(TuningMethod method) {
    return switch (method) {
      case TuningMethod.Full _ -> FULL_RATE;
      case TuningMethod.VirtualTokens _ -> VIRTUAL_RATE;
      default -> ADAPTER_RATE;
    };
  }

  /** Seconds of a whole step: its micro-batches and the update. */
  private static double measure(
      Recipe recipe, BaseModel base, TuneMemory.Shape shape, double seconds) {
    TunedDecoder.Way way = new TunedDecoder.Way(shape.computeType(), shape.checkpointing());
    ScoringConfig scoring = shape.config() instanceof ScoringConfig given ? given : null;
    TokenBatch batch = random(base, shape.rows(), base.context(), scoring != null);
    try (TunedDecoder model =
            scoring == null
                ? TunedDecoder.open(base.folder(), recipe.tune(), way, recipe.seed())
                : TunedDecoder.scoring(base.folder(), recipe.tune(), way, recipe.seed());
        Optimizer optimizer =
            recipe.train().optimizerConfig().withLearningRate(0).bind(model.parameters())) {
      if (model.adapter() != null) {
        model.adapter().begin(MEASURED_AS);
      }
      List<Double> times = new ArrayList<>();
      long begun = System.nanoTime();
      for (int step = 0;
          times.size() < 3 || (System.nanoTime() - begun) / 1e9 < seconds && times.size() < 50;
          step++) {
        long start = System.nanoTime();
        try (Scope _ = Scope.open()) {
          model.parameters().flatGradients().zeroInPlace();
          if (scoring == null) {
            model.execution().forwardBackward(batch, 1.0 / batch.tokens().length);
          } else {
            model.scores().forwardBackward(batch, scores -> new double[scores.length]);
          }
          double part = (System.nanoTime() - start) / 1e9;
          optimizer.step(step, 1, 1);
          model.parametersChanged();
          if (step > 0) {
            // The first one warms up; a step has as many parts as gradients are accumulated over.
            times.add((System.nanoTime() - start) / 1e9 + (shape.accumulate() - 1) * part);
          }
        }
      }
      double[] sorted = times.stream().mapToDouble(Double::doubleValue).toArray();
      Arrays.sort(sorted);
      return sorted[sorted.length / 2];
    }
  }

  /**
   * @param scored whether rows are scored at their ends, as whole ones
   */
  private static TokenBatch random(BaseModel base, int rows, int columns, boolean scored) {
    SplittableRandom random = new SplittableRandom(1);
    int size = Math.multiplyExact(rows, columns);
    int bound = base.config().shape().vocabularySize();
    int[] starts = new int[size];
    if (scored) {
      int[] targets = new int[size];
      for (int i = 0; i < size; i++) {
        targets[i] = (i + 1) % columns == 0 ? 0 : TokenBatch.IGNORED;
      }
      return new TokenBatch(rows, columns, random.ints(size, 0, bound).toArray(), targets, starts);
    }
    for (int i = 0; i < size; i++) {
      int column = i % columns;
      starts[i] = column < columns / 2 ? 0 : columns / 2;
    }
    return new TokenBatch(
        rows,
        columns,
        random.ints(size, 0, bound).toArray(),
        random.ints(size, 0, bound).toArray(),
        starts);
  }

  private static Recipe settled(
      Recipe recipe,
      BaseModel base,
      TuningTask task,
      int sequences,
      TuneMemory.Shape shape,
      TrainSettings.Precision precision,
      int threads,
      int steps,
      double epochs,
      double secondsPerStep) {
    DataSettings.Split split = recipe.data().resolvedSplit();
    ModelSettings.Pretrained model = (ModelSettings.Pretrained) recipe.model();
    return recipe
        .withEvaluate(recipe.evaluations())
        .withData(
            recipe
                .data()
                .withSplit(
                    new DataSettings.Split(
                        split.validation(), split.test(), Auto.of(new DataSettings.SplitBy.Hash())))
                .withInputs(List.of()))
        .withModel(model.withContext(base.context()))
        .withTask(task.settled(base))
        .withTrain(
            recipe
                .train()
                .resolvedForTuning(
                    precision,
                    threads,
                    shape.batch() / sequences,
                    shape.accumulate(),
                    steps,
                    epochs,
                    rate(recipe.tune()),
                    secondsPerStep,
                    shape.checkpointing()));
  }
}
