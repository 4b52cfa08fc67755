package dev.slipway.model.llama;

import dev.slipway.model.decoder.Attention;
import dev.slipway.model.decoder.Block;
import dev.slipway.model.decoder.DecoderNetwork;
import dev.slipway.model.decoder.DecoderShape;
import dev.slipway.model.decoder.Modules;
import dev.slipway.nn.Projection;
import dev.slipway.nn.Weights;
import java.util.ArrayList;
import java.util.List;

/** Llama 1 to 3: RMS norms, rotary positions, grouped queries, a gated MLP. Touvron et al. 2023. */
final class Llama {
  private Llama() {}

  static DecoderNetwork network(LlamaConfig config, Weights weights) {
    DecoderShape shape = config.shape();
    Modules modules = new Modules(weights);
    List<Block> blocks = new ArrayList<>();
    for (int i = 0; i < shape.layers(); i++) {
      String layer = "model.layers." + i;
      blocks.add(
          new Block.PreNorm(
              modules.rmsNorm(layer + ".input_layernorm", config.normEpsilon()),
              modules.attention(
                  layer + ".self_attn",
                  new Attention.Settings(
                      shape, i, 1 / Math.sqrt(shape.headDim()), config.rope(), 0),
                  config.attentionBias(),
                  config.attentionBias(),
                  null,
                  null),
              modules.rmsNorm(layer + ".post_attention_layernorm", config.normEpsilon()),
              modules.gatedMlp(layer + ".mlp", config.activation(), config.mlpBias())));
    }
    String embedding = "model.embed_tokens.weight";
    Projection head =
        config.tiedHead() ? modules.tied("lm_head", embedding) : modules.linear("lm_head", false);
    return new DecoderNetwork(
        shape,
        modules,
        new DecoderNetwork.Embedding(weights.table(embedding), null, 1),
        blocks,
        new DecoderNetwork.Head(modules.rmsNorm("model.norm", config.normEpsilon()), head, 0));
  }
}
