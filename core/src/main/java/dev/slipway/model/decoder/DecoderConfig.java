package dev.slipway.model.decoder;

import dev.slipway.model.ModelConfig;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.nn.Weights;
import java.util.List;

/**
 * A published decoder's {@code config.json} as a record, one for each architecture. Parameters have
 * the names and shapes of the checkpoint.
 */
public interface DecoderConfig extends ModelConfig {
  /** As {@code config.json} spells it, such as {@code LlamaForCausalLM}. */
  String architecture();

  DecoderShape shape();

  @Override
  List<ParameterSpec> parameters();

  /** How checkpoints of this architecture deviate from the names of {@link #parameters()}. */
  CheckpointNames names();

  /** The same with a head of its own. */
  DecoderConfig untied();

  /** The network over weights that hold {@link #parameters()}. */
  DecoderNetwork network(Weights weights);
}
