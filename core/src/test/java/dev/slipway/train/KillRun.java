package dev.slipway.train;

import dev.slipway.base.AtomicFiles;
import dev.slipway.data.ShuffledBatches;
import dev.slipway.data.SplitName;
import dev.slipway.data.SyntheticShards;
import dev.slipway.data.TokenShards;
import dev.slipway.data.TokenWindows;
import dev.slipway.model.gpt.GptConfig;
import dev.slipway.model.gpt.GptKernels;
import dev.slipway.nn.ParameterSet;
import dev.slipway.optim.OptimizerConfig;
import dev.slipway.optim.Schedule;
import dev.slipway.task.LanguageModelling;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Engine;
import dev.slipway.tensor.Scope;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What is killed: {@code KillRun SHARDS RUN STEPS} trains a small decoder in bfloat16 by kernels
 * with Muon, a checkpoint every tenth of a second, and puts the last parameters into {@code
 * RUN/final.bin}.
 */
final class KillRun {
  private KillRun() {}

  public static void main(String[] arguments) {
    Engine.setThreads(2);
    Path run = Path.of(arguments[1]);
    GptConfig config =
        new GptConfig(GptConfig.Layout.LLAMA, 257, 32, 32, 2, 2, 1, 16, 64, false, 1e-5, 10_000);
    OptimizerConfig optimizer =
        OptimizerConfig.Muon.of(0.02, 0.01, OptimizerConfig.AdamW.of(3e-3, 0.1));
    TrainConfig train =
        TrainConfig.of(
                11,
                Long.parseLong(arguments[2]),
                4,
                optimizer,
                new Schedule.WarmupStableDecay(10, 50, 0.1))
            .withAccumulate(2)
            .withPrecision(DType.BFLOAT16)
            .withEvaluation(15, 2, null)
            .withCheckpoints(Duration.ofMillis(100), 2);
    AtomicBoolean stop = new AtomicBoolean();
    try (TokenShards shards = TokenShards.open(Path.of(arguments[0]));
        Scope _ = Scope.open();
        ParameterSet parameters = ParameterSet.allocate(config.parameters())) {
      parameters.initialise(11);
      try (LanguageModelling objective =
              new LanguageModelling(
                  parameters,
                  new GptKernels(config, parameters, DType.BFLOAT16, false),
                  new ShuffledBatches(
                      new TokenWindows(shards.shard(SplitName.TRAIN), config.context()),
                      train.seed(),
                      train.rows()),
                  new TokenWindows(shards.shard(SplitName.VALIDATION), config.context()),
                  train.rows());
          CheckpointStore checkpoints =
              new CheckpointStore(run.resolve("checkpoints"), train.keep());
          EventLog log = new EventLog(run.resolve("events.jsonl"), InstantSource.system());
          TensorBoardWriter board =
              new TensorBoardWriter(run.resolve("tensorboard"), InstantSource.system())) {
        new Trainer(
                train, objective, checkpoints, List.of(log, board), stop::get, _ -> "buy memory")
            .run();
        AtomicFiles.write(
            run.resolve("final.bin"),
            parameters.flat().segment().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE));
      }
    }
  }

  /** The shards that all runs of a test share. */
  static void prepare(Path shards) {
    SyntheticShards.write(shards, 40, 4).close();
  }
}
