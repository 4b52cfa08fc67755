package dev.slipway.model.llama;

import dev.slipway.model.decoder.Activation;
import dev.slipway.model.decoder.CheckpointNames;
import dev.slipway.model.decoder.ConfigJson;
import dev.slipway.model.decoder.DecoderConfig;
import dev.slipway.model.decoder.DecoderNetwork;
import dev.slipway.model.decoder.DecoderShape;
import dev.slipway.model.decoder.Rope;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.nn.Weights;
import java.util.List;

/**
 * {@code config.json} of a {@code LlamaForCausalLM}.
 *
 * @param intermediateSize F
 * @param tiedHead whether the head's weight is the embedding's
 */
public record LlamaConfig(
    DecoderShape shape,
    int intermediateSize,
    Activation activation,
    double normEpsilon,
    Rope rope,
    boolean attentionBias,
    boolean mlpBias,
    boolean tiedHead)
    implements DecoderConfig {
  public static LlamaConfig read(ConfigJson json) {
    int hidden = json.required("hidden_size");
    int heads = json.required("num_attention_heads");
    int headDim = json.number("head_dim", hidden / Math.max(1, heads));
    Rope rope = Rope.read(json, headDim, json.number("max_position_embeddings", 2048), 10_000);
    return new LlamaConfig(
        new DecoderShape(
            json.required("vocab_size"),
            rope.context(),
            hidden,
            json.required("num_hidden_layers"),
            heads,
            json.number("num_key_value_heads", heads),
            headDim),
        json.required("intermediate_size"),
        json.activation("hidden_act", "silu"),
        json.real("rms_norm_eps", 1e-6),
        rope,
        json.flag("attention_bias", false),
        json.flag("mlp_bias", false),
        json.flag("tie_word_embeddings", false));
  }

  @Override
  public String architecture() {
    return "LlamaForCausalLM";
  }

  @Override
  public List<ParameterSpec> parameters() {
    return LlamaWeights.specs(this);
  }

  @Override
  public CheckpointNames names() {
    return CheckpointNames.llama(tiedHead);
  }

  @Override
  public DecoderNetwork network(Weights weights) {
    return Llama.network(this, weights);
  }
}
