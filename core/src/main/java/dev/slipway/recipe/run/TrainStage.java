package dev.slipway.recipe.run;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.task.Objective;
import dev.slipway.train.CheckpointStore;
import dev.slipway.train.EventLog;
import dev.slipway.train.MemoryAdvice;
import dev.slipway.train.TensorBoardWriter;
import dev.slipway.train.TrainConfig;
import dev.slipway.train.TrainListener;
import dev.slipway.train.TrainResult;
import dev.slipway.train.Trainer;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.function.BooleanSupplier;

/** Trains to the last step, from the newest whole checkpoint where there is one. */
public final class TrainStage {
  private final RunPaths paths;
  private final Phases phases;
  private final String targets;

  /**
   * @param targets what is counted while it learns, such as {@code tokens}
   */
  public TrainStage(RunPaths paths, Phases phases, String targets) {
    this.paths = paths;
    this.phases = phases;
    this.targets = targets;
  }

  /**
   * @throws SlipwayException {@code run.interrupted} when it was asked to stop, after a checkpoint
   */
  public TrainResult run(
      TrainConfig config, Objective objective, BooleanSupplier stop, MemoryAdvice advice) {
    return phases.run(
        Phase.TRAIN,
        false,
        ignored -> {
          TrainResult result;
          try (CheckpointStore checkpoints =
                  new CheckpointStore(paths.checkpoints(), config.keep());
              EventLog log = new EventLog(paths.events(), InstantSource.system());
              TensorBoardWriter tensorBoard =
                  new TensorBoardWriter(paths.tensorBoard(), InstantSource.system())) {
            List<TrainListener> listeners =
                List.of(log, tensorBoard, event -> phases.tell(new RunEvent.Training(event)));
            result = new Trainer(config, objective, checkpoints, listeners, stop, advice).run();
          }
          if (result.ending() == TrainResult.Ending.INTERRUPTED) {
            throw new SlipwayException(
                Exit.INTERRUPTED,
                "run.interrupted",
                "stopped at step "
                    + result.step()
                    + " of "
                    + config.steps()
                    + "; a checkpoint is written",
                "go on with `slipway resume " + paths.root() + "`");
          }
          return result;
        },
        result ->
            String.format(
                Locale.ROOT,
                "%,d steps, %,d %s, loss %.3f%s",
                result.step(),
                result.totalTargets(),
                targets,
                result.loss(),
                result.ending() == TrainResult.Ending.EARLY_STOPPED ? ", stopped early" : ""));
  }
}
