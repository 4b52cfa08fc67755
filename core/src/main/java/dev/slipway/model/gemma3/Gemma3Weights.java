package dev.slipway.model.gemma3;

import dev.slipway.model.decoder.DecoderShape;
import dev.slipway.model.decoder.Specs;
import dev.slipway.nn.ParameterSpec;
import java.util.List;

/** The parameters of a Gemma 3 by their names in a checkpoint; norms' weights are around zero. */
final class Gemma3Weights {
  private Gemma3Weights() {}

  static List<ParameterSpec> specs(Gemma3Config config) {
    DecoderShape shape = config.shape();
    Specs specs = new Specs();
    specs.table("model.embed_tokens", shape.vocabularySize(), shape.hiddenSize());
    for (int i = 0; i < shape.layers(); i++) {
      String layer = "model.layers." + i;
      specs.norm(layer + ".input_layernorm", shape.hiddenSize(), 0);
      specs.attention(layer + ".self_attn", shape, config.attentionBias(), config.attentionBias());
      specs.norm(layer + ".self_attn.q_norm", shape.headDim(), 0);
      specs.norm(layer + ".self_attn.k_norm", shape.headDim(), 0);
      specs.norm(layer + ".post_attention_layernorm", shape.hiddenSize(), 0);
      specs.norm(layer + ".pre_feedforward_layernorm", shape.hiddenSize(), 0);
      specs.gatedMlp(layer + ".mlp", shape, config.intermediateSize(), false);
      specs.norm(layer + ".post_feedforward_layernorm", shape.hiddenSize(), 0);
    }
    specs.norm("model.norm", shape.hiddenSize(), 0);
    specs.head(shape, config.tiedHead());
    return specs.list();
  }
}
