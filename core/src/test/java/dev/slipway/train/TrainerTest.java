package dev.slipway.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.optim.OptimizerConfig;
import dev.slipway.optim.Schedule;
import dev.slipway.tensor.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainerTest {
  private static final OptimizerConfig.AdamW ADAMW = OptimizerConfig.AdamW.of(1e-2, 0.1);
  private static final Duration NEVER = Duration.ofDays(1);

  @TempDir Path folder;

  private final List<TrainEvent> events = new ArrayList<>();

  private static TrainConfig config(long steps) {
    return TrainConfig.of(7, steps, 4, ADAMW, new Schedule.Cosine(2, 0.1))
        .withEvaluation(0, 1, null)
        .withCheckpoints(NEVER, 2);
  }

  private record Ended(TrainResult result, float[] values) {}

  private Ended train(TrainConfig config, TinyObjective objective, String run) {
    return train(config, objective, run, () -> false);
  }

  private Ended train(
      TrainConfig config, TinyObjective objective, String run, BooleanSupplier stop) {
    try (Scope _ = Scope.open();
        CheckpointStore checkpoints =
            new CheckpointStore(folder.resolve(run).resolve("checkpoints"), config.keep());
        objective) {
      TrainResult result =
          new Trainer(
                  config,
                  objective,
                  checkpoints,
                  List.of(events::add),
                  stop,
                  now -> "set train.batch to " + now.rows() / 2)
              .run();
      return new Ended(result, objective.parameters().flat().toFloats());
    }
  }

  private <E extends TrainEvent> List<E> told(Class<E> kind) {
    return events.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  @Test
  void learnsAndSaysSo() {
    Ended ended = train(config(60).withEvaluation(20, 2, null), new TinyObjective(1, 24), "a");
    assertThat(ended.result().ending()).isEqualTo(TrainResult.Ending.COMPLETED);
    List<TrainEvent.StepDone> steps = told(TrainEvent.StepDone.class);
    assertThat(steps).hasSize(60);
    assertThat(steps.getLast().loss()).isLessThan(steps.getFirst().loss() * 0.9);
    assertThat(steps.getLast().totalTargets()).isEqualTo(60 * 24);
    assertThat(steps.get(0).learningRate()).isCloseTo(1e-2 / 3, within(1e-12));
    assertThat(told(TrainEvent.Evaluated.class))
        .extracting(TrainEvent.Evaluated::step)
        .containsExactly(20L, 40L, 60L);
    assertThat(events.getFirst()).isInstanceOf(TrainEvent.Started.class);
    assertThat(events.getLast()).isInstanceOf(TrainEvent.Finished.class);
  }

  @Test
  void unequalMicroBatchesAreOneBatch() {
    float[] whole = train(config(8), new TinyObjective(1, 24), "whole").values();
    events.clear();
    float[] parts =
        train(config(8).withAccumulate(4), new TinyObjective(1, 13, 1, 7, 3), "parts").values();
    for (int i = 0; i < whole.length; i++) {
      assertThat(parts[i]).isCloseTo(whole[i], within(1e-6f));
    }
    assertThat(told(TrainEvent.StepDone.class)).allMatch(step -> step.targets() == 24);
  }

  @Test
  void resumingGivesTheSameBytes() {
    for (OptimizerConfig optimizer : List.of(ADAMW, OptimizerConfig.Muon.of(0.02, 0.01, ADAMW))) {
      String name = optimizer.getClass().getSimpleName();
      TrainConfig config =
          new TrainConfig(
              7,
              30,
              4,
              3,
              dev.slipway.tensor.DType.FLOAT32,
              optimizer,
              new Schedule.WarmupStableDecay(3, 10, 0),
              1,
              10,
              1,
              null,
              3,
              NEVER,
              2);
      float[] undisturbed = train(config, tiny(1), name + "-undisturbed").values();
      for (int stopAfter : new int[] {1, 9, 10, 23}) {
        String run = name + "-stopped-" + stopAfter;
        AtomicInteger asked = new AtomicInteger();
        Ended stopped = train(config, tiny(1), run, () -> asked.getAndIncrement() == stopAfter);
        assertThat(stopped.result().ending()).isEqualTo(TrainResult.Ending.INTERRUPTED);
        assertThat(stopped.result().step()).isEqualTo(stopAfter);
        events.clear();
        // Other first values: those of the checkpoint must take their place.
        float[] resumed = train(config, tiny(99), run).values();
        assertThat(events.getFirst()).isEqualTo(new TrainEvent.Resumed(stopAfter, 30, true));
        assertThat(resumed).containsExactly(undisturbed);
      }
    }
  }

  /** Its running mean is zeros where no checkpoint brings it back. */
  private static TinyObjective tiny(long seed) {
    return new TinyObjective(seed, 5, 2, 9).withRunningMean();
  }

  @Test
  void checkpointsByTimeHaveNoInfluence() {
    float[] without = train(config(20), new TinyObjective(1, 8), "without").values();
    float[] with =
        train(config(20).withCheckpoints(Duration.ZERO, 2), new TinyObjective(1, 8), "with")
            .values();
    assertThat(with).containsExactly(without);
    assertThat(told(TrainEvent.Checkpointed.class)).hasSizeGreaterThan(2);
  }

  @Test
  void resumingAFinishedRunChangesNothing() {
    float[] first = train(config(5), new TinyObjective(1, 8), "run").values();
    events.clear();
    Ended again = train(config(5), new TinyObjective(2, 8), "run");
    assertThat(again.values()).containsExactly(first);
    assertThat(again.result().ending()).isEqualTo(TrainResult.Ending.COMPLETED);
    assertThat(told(TrainEvent.StepDone.class)).isEmpty();
  }

  @Test
  void refusesACheckpointOfOtherSettings() {
    train(config(5), new TinyObjective(1, 8), "run");
    SlipwayException problem =
        catchThrowableOfType(
            SlipwayException.class,
            () -> train(config(5).withClip(2), new TinyObjective(1, 8), "run"));
    assertThat(problem.exit()).isEqualTo(Exit.USAGE);
    assertThat(problem.line())
        .contains("train.checkpoint-mismatch", "made with clip 1.0, this run has 2.0");
  }

  @Test
  void atTheLastStepTheBestIsPutBackWhereEarlyStoppingIsOn() throws Exception {
    int[] losses = {900, 650, 700, 710};
    TrainConfig config = config(20).withEvaluation(5, 1, new TrainConfig.EarlyStopping(9, 0));
    TinyObjective objective = new TinyObjective(1, 8);
    objective.validationThousandths = evaluation -> losses[evaluation];
    Ended ended = train(config, objective, "whole");
    assertThat(ended.result().ending()).isEqualTo(TrainResult.Ending.COMPLETED);
    assertThat(told(TrainEvent.BestRestored.class))
        .containsExactly(new TrainEvent.BestRestored(20, 10, 0.65));
    TinyObjective other = new TinyObjective(1, 8);
    other.validationThousandths = evaluation -> losses[evaluation];
    AtomicInteger asked = new AtomicInteger();
    float[] best = train(config, other, "half", () -> asked.getAndIncrement() == 10).values();
    assertThat(ended.values()).isEqualTo(best);
  }

  @Test
  void stopsEarlyAndPutsTheBestBack() throws Exception {
    int[] losses = {900, 700, 710, 650, 660, 651, 700, 100};
    TrainConfig config = config(100).withEvaluation(5, 1, new TrainConfig.EarlyStopping(3, 0.005));
    TinyObjective objective = new TinyObjective(1, 8);
    objective.validationThousandths = evaluation -> losses[evaluation];
    Ended ended = train(config, objective, "early");
    assertThat(ended.result().ending()).isEqualTo(TrainResult.Ending.EARLY_STOPPED);
    assertThat(ended.result().step()).isEqualTo(35);
    assertThat(ended.result().best()).isEqualTo(new Progress.Best(20, 0.65));
    assertThat(told(TrainEvent.EarlyStopped.class))
        .containsExactly(new TrainEvent.EarlyStopped(35, 20, 0.65));
    assertThat(Files.isDirectory(folder.resolve("early/checkpoints/step-20"))).isTrue();
    // The same run, stopped at the best step, has the parameters that were put back.
    TinyObjective other = new TinyObjective(1, 8);
    other.validationThousandths = evaluation -> losses[evaluation];
    AtomicInteger asked = new AtomicInteger();
    float[] best = train(config, other, "best", () -> asked.getAndIncrement() == 20).values();
    assertThat(ended.values()).containsExactly(best);
  }

  @Test
  void catchesALossThatIsNoNumberAtItsStep() {
    TinyObjective objective = new TinyObjective(1, 2, 3);
    objective.fault = (index, _) -> index == 13 ? Double.NaN : 1;
    SlipwayException problem =
        catchThrowableOfType(
            SlipwayException.class, () -> train(config(20).withAccumulate(2), objective, "nan"));
    assertThat(problem.exit()).isEqualTo(Exit.TRAINING);
    assertThat(problem.line())
        .contains("train.loss-not-finite", "the loss is NaN at step 7", "micro-batch 13")
        .contains("point-32, point-33, point-34", "head.weight (3 of 3 are not)");
    assertThat(events.getLast())
        .isInstanceOfSatisfying(
            TrainEvent.Failed.class, failed -> assertThat(failed.step()).isEqualTo(6));
    assertThat(told(TrainEvent.StepDone.class)).hasSize(6);
  }

  @Test
  void namesAParameterThatIsItselfSpoilt() {
    TinyObjective objective = new TinyObjective(1, 4);
    objective.fault =
        (index, parameters) -> {
          if (index == 3) {
            parameters
                .flat()
                .narrow(0, parameters.offset("hidden.bias"), 1)
                .fillInPlace(Double.NaN);
          }
          return 1;
        };
    assertThatThrownBy(() -> train(config(20), objective, "spoilt"))
        .hasMessageContaining("step 4")
        .hasMessageContaining("the values of hidden.bias are themselves not finite");
  }

  @Test
  void findsTheMicroBatchOfAGradientThatIsNotFinite() {
    TinyObjective objective = new TinyObjective(1, 2, 2, 2);
    objective.fault =
        (index, parameters) -> {
          if (index == 7) {
            parameters.gradient("hidden.weight").narrow(0, 2, 1).fillInPlace(Double.NaN);
          }
          return 1;
        };
    assertThatThrownBy(() -> train(config(20).withAccumulate(3), objective, "gradient"))
        .hasMessageContaining("the gradient's norm is NaN at step 3")
        .hasMessageContaining("micro-batch 7 of the records point-14, point-15")
        .hasMessageContaining("is that of hidden.weight (1 of 3 are not)");
  }

  @Test
  void catchesALossThatExplodes() {
    TinyObjective objective = new TinyObjective(1, 4);
    objective.fault = (index, _) -> index == 9 ? 1000 : 1;
    SlipwayException problem =
        catchThrowableOfType(
            SlipwayException.class, () -> train(config(20), objective, "exploding"));
    assertThat(problem.exit()).isEqualTo(Exit.TRAINING);
    assertThat(problem.line()).contains("train.loss-exploded", "step 10", "more than 3.0 times");
  }

  @Test
  void outOfMemoryNamesWhatWouldFit() {
    for (Throwable failure :
        List.of(
            new RuntimeException(
                "[enforce fail at alloc_cpu.cpp:127] . DefaultCPUAllocator: not enough memory:"
                    + " you tried to allocate 99999999999 bytes."),
            new OutOfMemoryError("Cannot reserve 1 bytes of direct buffer memory"))) {
      TinyObjective objective = new TinyObjective(1, 4);
      objective.fault =
          (index, _) -> {
            if (index == 2) {
              if (failure instanceof Error error) {
                throw error;
              }
              throw (RuntimeException) failure;
            }
            return 1;
          };
      SlipwayException problem =
          catchThrowableOfType(
              SlipwayException.class,
              () -> train(config(20), objective, "memory-" + failure.getClass().getSimpleName()));
      assertThat(problem.exit()).isEqualTo(Exit.RESOURCE);
      assertThat(problem.line())
          .isEqualTo(
              "error[train.out-of-memory]: memory ran out in step 3 with micro-batches of 4 rows;"
                  + " set train.batch to 2");
    }
  }

  @Test
  void aFullDiskStopsTheRunCleanly() {
    try (Scope _ = Scope.open();
        TinyObjective objective = new TinyObjective(1, 4);
        CheckpointStore checkpoints =
            new CheckpointStore(
                folder.resolve("full"),
                2,
                _ -> {
                  throw new IOException("No space left on device");
                })) {
      TrainListener onTheSameDisk =
          event -> {
            events.add(event);
            if (event instanceof TrainEvent.Failed) {
              throw new IllegalStateException("full too");
            }
          };
      SlipwayException problem =
          catchThrowableOfType(
              SlipwayException.class,
              () ->
                  new Trainer(
                          config(50).withCheckpoints(Duration.ZERO, 2),
                          objective,
                          checkpoints,
                          List.of(onTheSameDisk),
                          () -> false,
                          _ -> "")
                      .run());
      assertThat(problem.exit()).isEqualTo(Exit.RESOURCE);
      assertThat(problem.code()).isEqualTo("file.disk-full");
      assertThat(problem.getSuppressed()).hasSize(1);
      assertThat(checkpoints.steps()).isEmpty();
    }
  }

  @Test
  void aBugIsNotDressedUp() {
    TinyObjective objective = new TinyObjective(1, 4);
    objective.fault =
        (_, _) -> {
          throw new IllegalStateException("a bug");
        };
    assertThatThrownBy(() -> train(config(20), objective, "bug"))
        .isExactlyInstanceOf(IllegalStateException.class);
  }

  @Test
  void theRateFallsOnAPlateauAndGoesOnWhereItWas() {
    TrainConfig config =
        TrainConfig.of(7, 24, 4, ADAMW, new Schedule.ReduceOnPlateau(2, 0.5, 1, 0, 0, 0.2))
            .withEvaluation(4, 2, null)
            .withCheckpoints(Duration.ZERO, 3);
    TinyObjective whole = new TinyObjective(1, 24);
    whole.validationThousandths = evaluation -> 900;
    float[] undisturbed = train(config, whole, "whole").values();
    List<Double> rates =
        told(TrainEvent.StepDone.class).stream().map(TrainEvent.StepDone::learningRate).toList();
    // The first validation is the best, two more are no better, and so on.
    assertThat(rates.get(1)).isCloseTo(1e-2 * 2 / 3, within(1e-12));
    assertThat(rates.get(11)).isEqualTo(1e-2);
    assertThat(rates.get(12)).isEqualTo(5e-3);
    assertThat(rates.get(19)).isEqualTo(5e-3);
    assertThat(rates.get(20)).isCloseTo(2.5e-3, within(1e-12));
    for (int stop : List.of(9, 13, 21)) {
      int[] asked = {0};
      TinyObjective first = new TinyObjective(1, 24);
      first.validationThousandths = evaluation -> 900;
      train(config, first, "stopped-" + stop, () -> asked[0]++ == stop);
      TinyObjective second = new TinyObjective(99, 24);
      second.validationThousandths = evaluation -> 900;
      assertThat(train(config, second, "stopped-" + stop).values()).containsExactly(undisturbed);
    }
  }
}
