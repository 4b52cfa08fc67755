package dev.slipway.optim;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.nn.ParameterSet;

/** Learning rates that differ from parameter to parameter, which AdamW alone knows. */
final class Rates {
  private Rates() {}

  /**
   * For optimizers that have one rate.
   *
   * @throws SlipwayException {@code train.rates} where parameters learn at rates of their own
   */
  static void refuse(ParameterSet parameters) {
    if (!parameters.rates().isEmpty()) {
      throw new SlipwayException(
          Exit.USAGE,
          "train.rates",
          "layers learn at rates of their own, expected the optimizer adamw, which knows them",
          "set train.optimizer to adamw, or leave tune.full.layer-decay and tune.full.unfreeze-every out");
    }
  }
}
