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
    LlamaConfig.Biases biases = config.biases();
    Specs specs = new Specs();
    specs.table("model.embed_tokens", shape.vocabularySize(), shape.hiddenSize());
    for (int i = 0; i < shape.layers(); i++) {
      String layer = "model.layers." + i;
      specs.norm(layer + ".input_layernorm", shape.hiddenSize(), 1);
      specs.attention(layer + ".self_attn", shape, biases.queryKeyValue(), biases.output());
      if (config.headNorms()) {
        specs.norm(layer + ".self_attn.q_norm", shape.headDim(), 1);
        specs.norm(layer + ".self_attn.k_norm", shape.headDim(), 1);
      }
      specs.norm(layer + ".post_attention_layernorm", shape.hiddenSize(), 1);
      switch (config.mlps().get(i)) {
        case LlamaConfig.Mlp.Gated(int size) ->
            specs.gatedMlp(layer + ".mlp", shape, size, biases.mlp());
        case LlamaConfig.Mlp.Experts experts ->
            specs.experts(layer + ".mlp", shape, experts.count(), experts.size());
      }
    }
    specs.norm("model.norm", shape.hiddenSize(), 1);
    specs.head(shape, config.tiedHead());
    return specs.list();
  }
}
