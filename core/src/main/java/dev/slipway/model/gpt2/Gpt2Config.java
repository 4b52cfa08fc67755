package dev.slipway.model.gpt2;

import dev.slipway.model.decoder.Activation;
import dev.slipway.model.decoder.CheckpointNames;
import dev.slipway.model.decoder.ConfigJson;
import dev.slipway.model.decoder.DecoderConfig;
import dev.slipway.model.decoder.DecoderNetwork;
import dev.slipway.model.decoder.DecoderShape;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.nn.Weights;
import java.util.List;

/**
 * {@code config.json} of a {@code GPT2LMHeadModel}. {@code reorder_and_upcast_attn} changes only
 * where numbers are rounded, and attention is at float32 where it asks for that.
 *
 * @param intermediateSize F
 * @param scaled whether products of queries and keys are divided by √D
 * @param scaledByLayer whether they are also divided by the layer's number, from 1
 * @param tiedHead whether the head's weight is the embedding's
 */
public record Gpt2Config(
    DecoderShape shape,
    int intermediateSize,
    Activation activation,
    double normEpsilon,
    boolean scaled,
    boolean scaledByLayer,
    boolean tiedHead)
    implements DecoderConfig {
  public static Gpt2Config read(ConfigJson json) {
    if (json.flag("add_cross_attention", false)) {
      throw json.unsupported("add_cross_attention", "true", "false");
    }
    int hidden = json.number("n_embd", json.number("hidden_size", 768));
    int heads = json.number("n_head", json.number("num_attention_heads", 12));
    if (heads < 1 || hidden % heads != 0) {
      throw json.bad("has n_embd " + hidden + " and n_head " + heads + ", expected a multiple");
    }
    return new Gpt2Config(
        new DecoderShape(
            json.number("vocab_size", 50_257),
            json.number("n_positions", json.number("max_position_embeddings", 1024)),
            hidden,
            json.number("n_layer", json.number("num_hidden_layers", 12)),
            heads,
            heads,
            hidden / heads),
        json.number("n_inner", Math.multiplyExact(4, hidden)),
        json.activation("activation_function", "gelu_new"),
        json.epsilon("layer_norm_epsilon", 1e-5),
        json.flag("scale_attn_weights", true),
        json.flag("scale_attn_by_inverse_layer_idx", false),
        json.flag("tie_word_embeddings", true));
  }

  @Override
  public String architecture() {
    return "GPT2LMHeadModel";
  }

  @Override
  public List<ParameterSpec> parameters() {
    return Gpt2Weights.specs(this);
  }

  @Override
  public CheckpointNames names() {
    return Gpt2Weights.names(this);
  }

  @Override
  public DecoderConfig untied() {
    return new Gpt2Config(
        shape, intermediateSize, activation, normEpsilon, scaled, scaledByLayer, false);
  }

  @Override
  public DecoderNetwork network(Weights weights) {
    return Gpt2.network(this, weights);
  }
}
