package dev.slipway.model.gpt2;

import dev.slipway.model.decoder.Attention;
import dev.slipway.model.decoder.Block;
import dev.slipway.model.decoder.DecoderNetwork;
import dev.slipway.model.decoder.DecoderShape;
import dev.slipway.model.decoder.FeedForward;
import dev.slipway.model.decoder.Modules;
import dev.slipway.nn.Weights;
import java.util.ArrayList;
import java.util.List;

/** Layer norms before each part, learned positions, joined projections. Radford et al. 2019. */
final class Gpt2 {
  private static final String EMBEDDING = "transformer.wte.weight";

  private Gpt2() {}

  static DecoderNetwork network(Gpt2Config config, Weights weights) {
    DecoderShape shape = config.shape();
    Modules modules = new Modules(weights);
    List<Block> blocks = new ArrayList<>();
    for (int i = 0; i < shape.layers(); i++) {
      String layer = "transformer.h." + i;
      blocks.add(
          new Block.PreNorm(
              modules.layerNorm(layer + ".ln_1", config.normEpsilon()),
              new Attention(
                  new Attention.Settings(shape, i, scale(config, i), null, 0),
                  new Attention.Inputs.Joined(modules.conv1d(layer + ".attn.c_attn")),
                  modules.conv1d(layer + ".attn.c_proj")),
              modules.layerNorm(layer + ".ln_2", config.normEpsilon()),
              new FeedForward.Plain(
                  modules.conv1d(layer + ".mlp.c_fc"),
                  config.activation(),
                  modules.conv1d(layer + ".mlp.c_proj"))));
    }
    return new DecoderNetwork(
        shape,
        modules,
        new DecoderNetwork.Embedding(
            weights.table(EMBEDDING), weights.value("transformer.wpe.weight"), 1),
        blocks,
        new DecoderNetwork.Head(
            modules.layerNorm("transformer.ln_f", config.normEpsilon()),
            modules.head(config.tiedHead(), EMBEDDING),
            0));
  }

  private static double scale(Gpt2Config config, int layer) {
    double scale = config.scaled() ? 1 / Math.sqrt(config.shape().headDim()) : 1;
    return config.scaledByLayer() ? scale / (layer + 1) : scale;
  }
}
