package dev.slipway.model.gpt2;

import dev.slipway.model.decoder.CheckpointNames;
import dev.slipway.model.decoder.DecoderShape;
import dev.slipway.model.decoder.Specs;
import dev.slipway.nn.ParameterSpec;
import java.util.List;

/**
 * The parameters of a GPT-2 by their names in a checkpoint, which keeps matrices as (in, out). Old
 * ones lack the prefix and store causal masks.
 */
final class Gpt2Weights {
  private Gpt2Weights() {}

  static List<ParameterSpec> specs(Gpt2Config config) {
    DecoderShape shape = config.shape();
    long hidden = shape.hiddenSize();
    Specs specs = new Specs();
    specs.table("transformer.wte", shape.vocabularySize(), hidden);
    specs.table("transformer.wpe", shape.context(), hidden);
    for (int i = 0; i < shape.layers(); i++) {
      String layer = "transformer.h." + i;
      specs.layerNorm(layer + ".ln_1", hidden);
      specs.conv1d(layer + ".attn.c_attn", hidden, 3 * hidden);
      specs.conv1d(layer + ".attn.c_proj", hidden, hidden);
      specs.layerNorm(layer + ".ln_2", hidden);
      specs.conv1d(layer + ".mlp.c_fc", hidden, config.intermediateSize());
      specs.conv1d(layer + ".mlp.c_proj", config.intermediateSize(), hidden);
    }
    specs.layerNorm("transformer.ln_f", hidden);
    specs.head(shape, config.tiedHead());
    return specs.list();
  }

  static CheckpointNames names(Gpt2Config config) {
    return new CheckpointNames(
        "transformer.",
        List.of(".attn.bias", ".attn.masked_bias"),
        "transformer.wte.weight",
        config.tiedHead());
  }
}
