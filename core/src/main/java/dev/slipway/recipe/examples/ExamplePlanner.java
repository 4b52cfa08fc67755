package dev.slipway.recipe.examples;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.data.SplitName;
import dev.slipway.data.example.ExampleBatches;
import dev.slipway.model.LayerTable;
import dev.slipway.model.Network;
import dev.slipway.nn.InputShape;
import dev.slipway.optim.Optimizer;
import dev.slipway.plan.ExampleForecast;
import dev.slipway.plan.Forecast;
import dev.slipway.plan.MachineProfile;
import dev.slipway.plan.MemoryForecast;
import dev.slipway.recipe.EvaluateSettings;
import dev.slipway.recipe.Interval;
import dev.slipway.recipe.Recipe;
import dev.slipway.recipe.TrainSettings;
import dev.slipway.task.DirectTask;
import dev.slipway.task.Evaluation;
import dev.slipway.task.ExampleObjective;
import dev.slipway.task.TaskData;
import dev.slipway.tensor.Engine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/** Forecasts a run by steps of its own network on its own examples. */
public final class ExamplePlanner {
  /**
   * JVM with a full young generation, libtorch and its buffers: the peak of a run of a network of
   * nothing on 1,000 examples, measured.
   */
  private static final long BASE = 540L << 20;

  /** Passes where nobody says and the budget allows. */
  private static final double EPOCHS = 10;

  private static final double LEAST_SECONDS = 1.0;
  private static final double MOST_SECONDS = 6;
  private static final int WARM_UP = 2;

  /**
   * Of what steps take, gaps between tensors that come with hundreds of them: 1.87 GB after the
   * first ones were 2.35 after 300 of MiniLM's, though freed memory is given back.
   */
  private static final double GAPS = 0.1;

  /** Batches that are judged to see how long it takes. */
  private static final long JUDGED = 3;

  /** A forward pass is a third of forward and backward, where it was not tried. */
  private static final double FORWARD = 1 / 3.0;

  private static final long NODE = 28;

  /** Bytes that a byte of text takes: 250 MB for 58 MB of IMDB, measured. */
  private static final long WORDS = 4;

  private ExamplePlanner() {}

  /**
   * The recipe with nothing left to choose, and what it will take.
   *
   * @throws SlipwayException if it does not fit into memory
   */
  public static ExamplePlan plan(ExampleRun run, MachineProfile machine, int threads) {
    Recipe recipe = run.recipe();
    int rows = run.rows();
    long limit =
        recipe.budget().memory().isAuto()
            ? machine.memory()
            : Math.min(machine.memory(), recipe.budget().memory().value().bytes());
    MemoryForecast memory = memory(run, rows);
    requireFit(memory, rows, limit);
    int training = run.data().members(SplitName.TRAIN).length;
    int validation = run.data().members(SplitName.VALIDATION).length;
    int test = run.data().members(SplitName.TEST).length;
    long batches = run.data().training(rows, recipe.seed()).batchesPerEpoch();
    double budget = recipe.budget().time().toMillis() / 1000.0;
    Tried tried = steps(run, rows, Math.clamp(0.02 * budget, LEAST_SECONDS, MOST_SECONDS));
    double secondsPerStep = tried.seconds();
    double perEpoch =
        batches * secondsPerStep
            + tried.forward() * validated(recipe, batches, secondsPerStep, validation, rows);
    List<String> notes = new ArrayList<>();
    double epochs = epochs(recipe, batches, perEpoch, budget - run.seconds());
    long steps =
        recipe.train().steps().isAuto()
            ? Math.max(1, Math.round(epochs * batches))
            : recipe.train().steps().value();
    double trainSeconds = steps * perEpoch / batches;
    double judging =
        tried.forward() * Math.ceilDiv(validation + test, rows)
            + JudgingTime.yardsticks(recipe, run, rows)
            + JudgingTime.folds(
                recipe, run, secondsPerStep * batches / training, (double) steps / batches);
    Forecast.Stages seconds = new Forecast.Stages(run.seconds(), 0, trainSeconds, judging, 1);
    if (seconds.total() > budget) {
      notes.add(
          String.format(
              Locale.ROOT,
              "The run takes longer than its budget of %.0f s; lower train.epochs to %.1f to keep it.",
              budget,
              Math.max(0.1, epochs * budget / seconds.total())));
    }
    LayerTable table = run.table();
    long examples = Math.round((double) steps / batches * training);
    double watts = recipe.budget().watts().orElse(machine.assumedWatts());
    double hours = seconds.total() / 3600;
    ExampleForecast forecast =
        new ExampleForecast(
            table.parameters(),
            table.trainingFlops(),
            steps,
            examples,
            (double) steps / batches,
            training / (batches * secondsPerStep),
            seconds,
            memory
                .tried(tried.before() + MemoryForecast.LATER, tried.later())
                .atLeast(Engine.peakResidentBytes()),
            limit,
            watts,
            watts * hours,
            recipe.budget().pricePerHour() * hours,
            notes);
    Recipe resolved =
        ExampleRecipes.resolve(recipe, run, forecast, rows, threads, batches, secondsPerStep);
    return new ExamplePlan(resolved, forecast, machine);
  }

  private static double epochs(Recipe recipe, long batches, double perEpoch, double left) {
    if (!recipe.train().steps().isAuto()) {
      return (double) recipe.train().steps().value() / batches;
    }
    return recipe.train().epochs().isAuto()
        ? Math.clamp(Math.floor(0.9 * left / perEpoch), 1, EPOCHS)
        : recipe.train().epochs().value();
  }

  /** Batches that are judged while an epoch is learnt: the whole split once where nobody says. */
  private static double validated(
      Recipe recipe, long batches, double secondsPerStep, int validation, int rows) {
    TrainSettings.Validate asked = recipe.train().validate();
    int epoch = Math.toIntExact(batches);
    int every = asked.every().orElse(new Interval.Steps(epoch)).steps(secondsPerStep, epoch);
    int all = Math.ceilDiv(validation, rows);
    return (double) batches / every * Math.min(all, asked.batches().orElse(all));
  }

  /**
   * What steps took.
   *
   * @param seconds of one, the update included
   * @param forward seconds of a batch that is judged
   * @param before bytes of the process before the network was made
   * @param after with all that steps take, by a batch of the longest examples
   */
  private record Tried(double seconds, double forward, long before, long after) {
    /** What hundreds of steps come to. */
    long later() {
      return after + MemoryForecast.LATER + (long) (GAPS * (after - before));
    }
  }

  private static Tried steps(ExampleRun run, int rows, double most) {
    ExampleBatches batches = run.data().training(rows, run.recipe().seed());
    long longest = run.data().longest(batches);
    long before = Engine.residentBytes();
    long peak = Engine.peakResidentBytes();
    try (ExampleObjective objective =
            new ExampleObjective(
                run.create(),
                run.data().task(),
                batches,
                null,
                ExampleRecipes.tried(run.recipe()));
        Optimizer optimizer =
            ExampleRecipes.optimizer(run.recipe()).optimizerConfig().bind(objective.parameters())) {
      List<Double> times = new ArrayList<>();
      long start = System.nanoTime();
      for (int step = 0;
          times.size() < 3 || (System.nanoTime() - start) / 1e9 < most && times.size() < 200;
          step++) {
        long begun = System.nanoTime();
        long index = step == 0 ? longest : step % batches.batchesPerEpoch();
        objective.parameters().flatGradients().zeroInPlace();
        objective.forwardBackward(index, 1.0 / Math.max(1, objective.targetCount(index)));
        optimizer.step(step, 1, 1);
        if (step >= WARM_UP) {
          times.add((System.nanoTime() - begun) / 1e9);
        }
      }
      long reached = Engine.peakResidentBytes();
      double seconds = times.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
      return new Tried(
          seconds,
          forward(run, objective.network(), rows).orElse(FORWARD * seconds),
          before,
          reached > peak ? reached : Engine.residentBytes());
    }
  }

  /** Seconds of a batch that is judged, which is done in full precision whatever a step takes. */
  private static OptionalDouble forward(ExampleRun run, Network network, int rows) {
    TaskData data = run.data();
    ExampleBatches judged = data.inOrder(SplitName.VALIDATION, rows).orElse(null);
    if (judged == null || !(data.task().task() instanceof DirectTask task)) {
      return OptionalDouble.empty();
    }
    long most = Math.min(JUDGED, judged.batchesPerEpoch());
    Evaluation.of(network, task, data.task().criterion(), judged, 1); // warms up
    long begun = System.nanoTime();
    Evaluation.of(network, task, data.task().criterion(), judged, most);
    return OptionalDouble.of((System.nanoTime() - begun) / 1e9 / most);
  }

  private static MemoryForecast memory(ExampleRun run, int rows) {
    // A batch of the longest examples decides.
    LayerTable table = run.network().table(run.lengths().longest());
    long weights = Float.BYTES * table.parameters();
    long learning = Float.BYTES * run.network().learning();
    long inputs = 0;
    for (InputShape shape : run.data().inputs()) {
      long length = run.lengths().mean().getOrDefault(shape.name(), 1);
      long values =
          shape.sizes().stream()
              .mapToLong(size -> size == InputShape.VARIABLE ? length : size)
              .reduce(1, Math::multiplyExact);
      inputs += Float.BYTES * values;
    }
    long examples = run.data().examples().size();
    return new MemoryForecast(
        weights,
        learning,
        2 * learning,
        0,
        (table.bytes() + table.largest()) * rows,
        0,
        Math.min(inputs * examples, 1L << 30) + 4 * inputs * rows,
        4 * learning,
        yardsticks(run, inputs),
        BASE);
  }

  /**
   * Of texts: themselves and the index and weight of each of their words and pairs. Of pictures:
   * all pixels as floats, and the linear model's nodes of an index and a double each. Columns take
   * little.
   */
  private static long yardsticks(ExampleRun run, long bytes) {
    TaskData data = run.data();
    if (run.recipe().evaluation(EvaluateSettings.Yardsticks.class).isEmpty()) {
      return 0;
    }
    if (YardstickInputs.ofTexts(data)) {
      return WORDS
          * IntStream.concat(
                  Arrays.stream(data.members(SplitName.TRAIN)),
                  Arrays.stream(data.members(SplitName.TEST)))
              .mapToLong(data.examples()::bytes)
              .sum();
    }
    if (!YardstickInputs.ofPictures(data)) {
      return 0;
    }
    long training = data.members(SplitName.TRAIN).length;
    long all = training + data.members(SplitName.TEST).length;
    long learnt = Math.min(training, JudgingTime.MOST_PICTURES);
    return bytes * all + bytes / Float.BYTES * NODE * learnt;
  }

  private static void requireFit(MemoryForecast memory, int rows, long limit) {
    if (memory.total() <= limit) {
      return;
    }
    long fixed = memory.total() - memory.activations();
    long fits = Math.max(0, (limit - fixed) / Math.max(1, memory.activations() / rows));
    throw new SlipwayException(
        Exit.RESOURCE,
        "plan.examples-memory",
        String.format(
            Locale.ROOT,
            "training would take %.1f GB, expected at most the %.1f GB that there are",
            memory.total() / 1e9,
            limit / 1e9),
        fits >= 1
            ? "set train.batch to " + fits
            : "take a smaller network or smaller inputs, since nothing fits");
  }
}
