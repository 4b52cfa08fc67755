package dev.slipway.recipe.run;

import dev.slipway.model.Execution;
import dev.slipway.model.gpt.GptAutograd;
import dev.slipway.model.gpt.GptConfig;
import dev.slipway.model.gpt.GptKernels;
import dev.slipway.nn.ParameterSet;
import dev.slipway.recipe.TrainSettings.ExecutionKind;
import dev.slipway.tensor.DType;

/** Chooses, from outside of the network, how it is carried out. */
public final class Networks {
  private Networks() {}

  public static Execution execution(
      ExecutionKind kind,
      GptConfig config,
      ParameterSet parameters,
      DType precision,
      boolean activationCheckpointing) {
    return switch (kind) {
      case KERNELS -> new GptKernels(config, parameters, precision, activationCheckpointing);
      case AUTOGRAD -> new GptAutograd(config, parameters, precision, activationCheckpointing);
    };
  }
}
