package dev.slipway.model.llama;

import dev.slipway.model.decoder.DecoderShape;
import dev.slipway.model.decoder.Specs;
import dev.slipway.nn.ParameterSpec;
import java.util.List;

/** The parameters of a Llama by their names in a checkpoint. */
final class LlamaWeights {
  private LlamaWeights() {}

  static List<ParameterSpec> specs(LlamaConfig config) {
    DecoderShape shape = config.shape();
    Specs specs = new Specs();
    specs.table("model.embed_tokens", shape.vocabularySize(), shape.hiddenSize());
    for (int i = 0; i < shape.layers(); i++) {
      String layer = "model.layers." + i;
      specs.norm(layer + ".input_layernorm", shape.hiddenSize(), 1);
      specs.attention(layer + ".self_attn", shape, config.attentionBias(), config.attentionBias());
      specs.norm(layer + ".post_attention_layernorm", shape.hiddenSize(), 1);
      specs.gatedMlp(layer + ".mlp", shape, config.intermediateSize(), config.mlpBias());
    }
    specs.norm("model.norm", shape.hiddenSize(), 1);
    specs.head(shape, config.tiedHead());
    return specs.list();
  }
}
