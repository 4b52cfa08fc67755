package dev.slipway.bench;

import dev.slipway.optim.GradientClipping;
import dev.slipway.optim.Optimizer;
import dev.slipway.optim.OptimizerConfig;
import dev.slipway.optim.Schedule;
import dev.slipway.task.ExampleObjective;
import dev.slipway.tensor.Engine;
import dev.slipway.tensor.Scope;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** Trains a task without a run's folder, as the product's loop does. */
final class TaskTraining {
  private static final int LINES = 12;

  private TaskTraining() {}

  /** {@code key=value} arguments. */
  static Map<String, String> arguments(String... args) {
    Map<String, String> values = new HashMap<>();
    for (String arg : args) {
      String[] parts = arg.split("=", 2);
      if (parts.length != 2) {
        throw new IllegalArgumentException(arg + ", expected key=value");
      }
      values.put(parts[0], parts[1]);
    }
    return values;
  }

  static void train(
      ExampleObjective objective,
      OptimizerConfig config,
      Schedule schedule,
      long steps,
      double clip,
      long seed) {
    long started = System.nanoTime();
    long last = started;
    double processor = processorSeconds();
    double sum = 0;
    long targets = 0;
    try (Optimizer optimizer = config.bind(objective.parameters())) {
      for (long step = 0; step < steps; step++) {
        int count = objective.targetCount(step);
        objective.parameters().flatGradients().zeroInPlace();
        Engine.manualSeed(seed * 1_000_003 + step);
        sum += objective.forwardBackward(step, 1.0 / count);
        targets += count;
        try (Scope _ = Scope.open()) {
          double norm = GradientClipping.globalNorm(objective.parameters());
          optimizer.step(step, schedule.factor(step, steps), GradientClipping.scale(norm, clip));
        }
        objective.parametersChanged();
        if ((step + 1) % Math.max(1, steps / LINES) == 0) {
          System.out.printf(
              Locale.ROOT,
              "step %,d of %,d: loss %.4f, %.0f s (%.0f s of processor), %,.0f targets/s%n",
              step + 1,
              steps,
              sum / targets,
              (System.nanoTime() - started) / 1e9,
              processorSeconds() - processor,
              targets / ((System.nanoTime() - last) / 1e9));
          sum = 0;
          targets = 0;
          last = System.nanoTime();
        }
      }
    }
  }

  /** What this process has had of all processors: on a shared machine the better measure. */
  static double processorSeconds() {
    return ProcessHandle.current()
        .info()
        .totalCpuDuration()
        .map(Duration::toNanos)
        .map(nanos -> nanos / 1e9)
        .orElse(Double.NaN);
  }
}
