package dev.slipway.recipe.run;

import dev.slipway.model.Execution;
import dev.slipway.nn.ParameterSet;
import dev.slipway.optim.Optimizer;
import dev.slipway.optim.OptimizerConfig;
import dev.slipway.plan.Calibration;
import dev.slipway.plan.RunShape;
import dev.slipway.recipe.TrainSettings.ExecutionKind;
import dev.slipway.tensor.Scope;
import dev.slipway.tokenizer.TokenBatch;
import java.util.SplittableRandom;

/** Steps of real networks on random tokens, for calibration. */
public final class TrainingProbe implements Calibration.Step {
  private final RunShape shape;
  private final ParameterSet parameters;
  private final Execution execution;
  private final Optimizer optimizer;
  private final TokenBatch batch;
  private long step;

  public TrainingProbe(RunShape shape) {
    this.shape = shape;
    parameters = ParameterSet.allocate(shape.config().parameters());
    parameters.initialise(1);
    execution =
        Networks.execution(
            switch (shape.way()) {
              case KERNELS -> ExecutionKind.KERNELS;
              case AUTOGRAD -> ExecutionKind.AUTOGRAD;
            },
            shape.config(),
            parameters,
            shape.precision(),
            shape.checkpointing());
    execution.parametersChanged();
    OptimizerConfig.AdamW adamw = OptimizerConfig.AdamW.of(1e-4, 0);
    optimizer =
        (switch (shape.update()) {
              case ADAMW -> adamw;
              case MUON -> OptimizerConfig.Muon.of(1e-4, 0, adamw);
            })
            .bind(parameters);
    batch = random(shape);
  }

  private static TokenBatch random(RunShape shape) {
    int columns = shape.config().context();
    int size = shape.rows() * columns;
    SplittableRandom random = new SplittableRandom(1);
    int[] tokens = random.ints(size, 0, shape.config().vocabularySize()).toArray();
    int[] targets = random.ints(size, 0, shape.config().vocabularySize()).toArray();
    return new TokenBatch(shape.rows(), columns, tokens, targets, new int[size]);
  }

  @Override
  public void run() {
    try (Scope _ = Scope.open()) {
      parameters.flatGradients().zeroInPlace();
      for (int i = 0; i < shape.accumulate(); i++) {
        execution.forwardBackward(batch, 1.0 / shape.tokensPerStep());
      }
      optimizer.step(step++, 1, 1);
      execution.parametersChanged();
    }
  }

  @Override
  public void close() {
    optimizer.close();
    execution.close();
    parameters.close();
  }
}
