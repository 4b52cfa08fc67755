package dev.slipway.model.gemma3;

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
 * {@code config.json} of a {@code Gemma3ForCausalLM}. {@code attn_logit_softcapping} is Gemma 2's:
 * transformers reads it for Gemma 3 too, and computes nothing with it.
 *
 * @param intermediateSize F
 * @param queryScalar products of queries and keys are divided by its root
 * @param globalRope of layers that see all
 * @param localRope of layers with a window
 * @param windows how far back each layer sees, 0 for all
 * @param softcap of the logits; 0 for none
 * @param tiedHead whether the head's weight is the embedding's
 */
public record Gemma3Config(
    DecoderShape shape,
    int intermediateSize,
    Activation activation,
    double normEpsilon,
    double queryScalar,
    Rope globalRope,
    Rope localRope,
    List<Integer> windows,
    boolean attentionBias,
    double softcap,
    boolean tiedHead)
    implements DecoderConfig {
  public Gemma3Config {
    windows = List.copyOf(windows);
  }

  public static Gemma3Config read(ConfigJson json) {
    if (json.flag("use_bidirectional_attention", false)) {
      throw json.unsupported("use_bidirectional_attention", "true", "false");
    }
    int layers = json.required("num_hidden_layers");
    int headDim = json.number("head_dim", 256);
    int positions = json.number("max_position_embeddings", 131_072);
    int pattern = json.number("sliding_window_pattern", 6);
    if (pattern < 1) {
      throw json.bad("has sliding_window_pattern " + pattern + ", expected 1 or more");
    }
    Integer window =
        json.json().has("sliding_window") ? json.numberOrNull("sliding_window") : (Integer) 4096;
    return new Gemma3Config(
        new DecoderShape(
            json.number("vocab_size", 262_208),
            positions,
            json.number("hidden_size", 2304),
            layers,
            json.number("num_attention_heads", 8),
            json.number("num_key_value_heads", 4),
            headDim),
        json.number("intermediate_size", 9216),
        json.activation("hidden_activation", "gelu_pytorch_tanh"),
        json.epsilon("rms_norm_eps", 1e-6),
        json.real("query_pre_attn_scalar", 256),
        rope(json, "full_attention", headDim, positions),
        rope(json, "sliding_attention", headDim, positions),
        json.windows(layers, window, layer -> (layer + 1) % pattern != 0),
        json.flag("attention_bias", false),
        json.real("final_logit_softcapping", 0),
        json.flag("tie_word_embeddings", true));
  }

  /**
   * {@code rope_parameters} by the type of layer, or {@code rope_theta}, {@code rope_scaling} and
   * {@code rope_local_base_freq}, of which the scaling is that of layers that see all.
   */
  private static Rope rope(ConfigJson json, String type, int headDim, int positions) {
    boolean global = type.equals("full_attention");
    double theta =
        global ? json.real("rope_theta", 1_000_000) : json.real("rope_local_base_freq", 10_000);
    ConfigJson now = json.object("rope_parameters").object(type);
    ConfigJson rope = global && json.has("rope_scaling") ? json.object("rope_scaling") : now;
    return Rope.read(json, rope, headDim, positions, now.real("rope_theta", theta));
  }

  @Override
  public String architecture() {
    return "Gemma3ForCausalLM";
  }

  @Override
  public List<ParameterSpec> parameters() {
    return Gemma3Weights.specs(this);
  }

  @Override
  public CheckpointNames names() {
    return CheckpointNames.llama(tiedHead);
  }

  @Override
  public DecoderConfig untied() {
    return new Gemma3Config(
        shape,
        intermediateSize,
        activation,
        normEpsilon,
        queryScalar,
        globalRope,
        localRope,
        windows,
        attentionBias,
        softcap,
        false);
  }

  @Override
  public DecoderNetwork network(Weights weights) {
    return Gemma3.network(this, weights);
  }
}
