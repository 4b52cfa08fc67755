package dev.slipway.model.llama;

import dev.slipway.model.decoder.Attention;
import dev.slipway.model.decoder.Block;
import dev.slipway.model.decoder.DecoderNetwork;
import dev.slipway.model.decoder.DecoderShape;
import dev.slipway.model.decoder.FeedForward;
import dev.slipway.model.decoder.Modules;
import dev.slipway.nn.Norm;
import dev.slipway.nn.Weights;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * RMS norms before each part, rotary positions, grouped queries, a gated MLP or several to choose
 * from. Touvron et al. 2023; Jiang et al. 2023; Yang et al. 2025.
 */
final class Llama {
  private static final String EMBEDDING = "model.embed_tokens.weight";

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
              attention(config, modules, i, layer + ".self_attn"),
              modules.rmsNorm(layer + ".post_attention_layernorm", config.normEpsilon()),
              mlp(config, modules, config.mlps().get(i), layer + ".mlp")));
    }
    return new DecoderNetwork(
        shape,
        modules,
        new DecoderNetwork.Embedding(weights.table(EMBEDDING), null, 1),
        blocks,
        new DecoderNetwork.Head(
            modules.rmsNorm("model.norm", config.normEpsilon()),
            modules.head(config.tiedHead(), EMBEDDING),
            0));
  }

  private static Attention attention(LlamaConfig config, Modules modules, int layer, String name) {
    DecoderShape shape = config.shape();
    return modules.attention(
        name,
        new Attention.Settings(
            shape,
            layer,
            1 / Math.sqrt(shape.headDim()),
            config.rope(),
            config.windows().get(layer)),
        config.biases().queryKeyValue(),
        config.biases().output(),
        headNorm(config, modules, name + ".q_norm"),
        headNorm(config, modules, name + ".k_norm"));
  }

  private static @Nullable Norm headNorm(LlamaConfig config, Modules modules, String name) {
    return config.headNorms() ? modules.rmsNorm(name, config.normEpsilon()) : null;
  }

  private static FeedForward mlp(
      LlamaConfig config, Modules modules, LlamaConfig.Mlp mlp, String name) {
    return switch (mlp) {
      case LlamaConfig.Mlp.Gated _ ->
          modules.gatedMlp(name, config.activation(), config.biases().mlp());
      case LlamaConfig.Mlp.Experts(int count, int perToken, _, boolean normalised) ->
          modules.experts(name, count, perToken, normalised, config.activation());
    };
  }
}
