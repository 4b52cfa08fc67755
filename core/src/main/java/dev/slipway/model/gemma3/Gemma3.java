package dev.slipway.model.gemma3;

import dev.slipway.model.decoder.Attention;
import dev.slipway.model.decoder.Block;
import dev.slipway.model.decoder.DecoderNetwork;
import dev.slipway.model.decoder.DecoderPass;
import dev.slipway.model.decoder.DecoderShape;
import dev.slipway.model.decoder.FeedForward;
import dev.slipway.model.decoder.Modules;
import dev.slipway.nn.Norm;
import dev.slipway.nn.Weights;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Norms before and after each part, layers with a window between those that see all, norms of
 * heads, scaled embeddings. Gemma Team 2025.
 */
final class Gemma3 {
  private static final String EMBEDDING = "model.embed_tokens.weight";

  private Gemma3() {}

  /** {@code x + norm(attention(norm(x)))}, then {@code x + norm(mlp(norm(x)))}. */
  private record Sandwich(
      Norm beforeAttention,
      Attention attention,
      Norm afterAttention,
      Norm beforeMlp,
      FeedForward mlp,
      Norm afterMlp)
      implements Block {
    @Override
    public Tensor forward(Tensor x, DType computeType, DecoderPass pass) {
      Tensor normed = beforeAttention.apply(x).to(computeType); // (B, T, C)
      Tensor attended = attention.forward(normed, pass).to(DType.FLOAT32); // (B, T, C)
      x = x.add(afterAttention.apply(attended)); // (B, T, C)
      Tensor inner = mlp.forward(beforeMlp.apply(x).to(computeType)); // (B, T, C)
      return x.add(afterMlp.apply(inner.to(DType.FLOAT32))); // (B, T, C)
    }
  }

  static DecoderNetwork network(Gemma3Config config, Weights weights) {
    DecoderShape shape = config.shape();
    double epsilon = config.normEpsilon();
    Modules modules = new Modules(weights);
    List<Block> blocks = new ArrayList<>();
    for (int i = 0; i < shape.layers(); i++) {
      String layer = "model.layers." + i;
      blocks.add(
          new Sandwich(
              modules.centredRmsNorm(layer + ".input_layernorm", epsilon),
              attention(config, modules, i, layer + ".self_attn"),
              modules.centredRmsNorm(layer + ".post_attention_layernorm", epsilon),
              modules.centredRmsNorm(layer + ".pre_feedforward_layernorm", epsilon),
              modules.gatedMlp(layer + ".mlp", config.activation(), false),
              modules.centredRmsNorm(layer + ".post_feedforward_layernorm", epsilon)));
    }
    return new DecoderNetwork(
        shape,
        modules,
        new DecoderNetwork.Embedding(weights.table(EMBEDDING), null, Math.sqrt(shape.hiddenSize())),
        blocks,
        new DecoderNetwork.Head(
            modules.centredRmsNorm("model.norm", epsilon),
            modules.head(config.tiedHead(), EMBEDDING),
            config.softcap()));
  }

  private static Attention attention(Gemma3Config config, Modules modules, int layer, String name) {
    int window = config.windows().get(layer);
    return modules.attention(
        name,
        new Attention.Settings(
            config.shape(),
            layer,
            1 / Math.sqrt(config.queryScalar()),
            window > 0 ? config.localRope() : config.globalRope(),
            window),
        config.attentionBias(),
        config.attentionBias(),
        modules.centredRmsNorm(name + ".q_norm", config.normEpsilon()),
        modules.centredRmsNorm(name + ".k_norm", config.normEpsilon()));
  }
}
