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
import java.util.Collections;
import java.util.List;

/**
 * {@code config.json} of a {@code LlamaForCausalLM}, and of those that differ from it by a few
 * settings: Mistral, Qwen2, Qwen3 and Qwen3-MoE.
 *
 * @param architecture as {@code config.json} spells it
 * @param mlps of each layer
 * @param biases which projections have one
 * @param headNorms whether the heads of queries and keys are normed before their rotation
 * @param windows how far back each layer sees, 0 for all
 * @param tiedHead whether the head's weight is the embedding's
 */
public record LlamaConfig(
    String architecture,
    DecoderShape shape,
    List<Mlp> mlps,
    Activation activation,
    double normEpsilon,
    Rope rope,
    Biases biases,
    boolean headNorms,
    List<Integer> windows,
    boolean tiedHead)
    implements DecoderConfig {
  /** Which projections have a bias. */
  public record Biases(boolean queryKeyValue, boolean output, boolean mlp) {}

  /** A layer's part after attention. */
  public sealed interface Mlp {
    /**
     * @param size F
     */
    record Gated(int size) implements Mlp {}

    /**
     * @param count E
     * @param perToken how many a position takes
     * @param size F of each
     * @param normalised whether the shares of those taken add up to one
     */
    record Experts(int count, int perToken, int size, boolean normalised) implements Mlp {
      private static final int MOST = 4096;

      public Experts {
        if (count > MOST) {
          throw new IllegalArgumentException(
              "the number of experts is " + count + ", expected at most " + MOST);
        }
        if (perToken < 1 || perToken > count) {
          throw new IllegalArgumentException(
              "a position takes " + perToken + " of " + count + " experts, expected 1 to all");
        }
      }
    }
  }

  public LlamaConfig {
    mlps = List.copyOf(mlps);
    windows = List.copyOf(windows);
    if (mlps.size() != shape.layers() || windows.size() != shape.layers()) {
      throw new IllegalArgumentException(
          shape.layers()
              + " layers came with "
              + mlps.size()
              + " MLPs and "
              + windows.size()
              + " windows");
    }
  }

  public static LlamaConfig read(ConfigJson json) {
    int heads = json.required("num_attention_heads");
    boolean attentionBias = json.flag("attention_bias", false);
    return read(
            json,
            "LlamaForCausalLM",
            json.number("head_dim", json.required("hidden_size") / Math.max(1, heads)),
            heads,
            2048)
        .withBiases(new Biases(attentionBias, attentionBias, json.flag("mlp_bias", false)));
  }

  /**
   * What the family has in common: no biases, no norms of heads, no windows.
   *
   * @param keyValueHeads where the configuration does not say
   * @param positions where the configuration does not say
   */
  public static LlamaConfig read(
      ConfigJson json, String architecture, int headDim, int keyValueHeads, int positions) {
    int heads = json.required("num_attention_heads");
    int layers = json.required("num_hidden_layers");
    Rope rope = Rope.read(json, headDim, json.number("max_position_embeddings", positions), 10_000);
    DecoderShape shape =
        new DecoderShape(
            json.required("vocab_size"),
            rope.context(),
            json.required("hidden_size"),
            layers,
            heads,
            json.keyValueHeads(heads, keyValueHeads),
            headDim);
    return new LlamaConfig(
        architecture,
        shape,
        Collections.nCopies(layers, new Mlp.Gated(json.required("intermediate_size"))),
        json.activation("hidden_act", "silu"),
        json.epsilon("rms_norm_eps", 1e-6),
        rope,
        new Biases(false, false, false),
        false,
        Collections.nCopies(layers, 0),
        json.flag("tie_word_embeddings", false));
  }

  public LlamaConfig withMlps(List<Mlp> value) {
    return new LlamaConfig(
        architecture,
        shape,
        value,
        activation,
        normEpsilon,
        rope,
        biases,
        headNorms,
        windows,
        tiedHead);
  }

  public LlamaConfig withBiases(Biases value) {
    return new LlamaConfig(
        architecture,
        shape,
        mlps,
        activation,
        normEpsilon,
        rope,
        value,
        headNorms,
        windows,
        tiedHead);
  }

  public LlamaConfig withHeadNorms(boolean value) {
    return new LlamaConfig(
        architecture, shape, mlps, activation, normEpsilon, rope, biases, value, windows, tiedHead);
  }

  public LlamaConfig withWindows(List<Integer> value) {
    return new LlamaConfig(
        architecture,
        shape,
        mlps,
        activation,
        normEpsilon,
        rope,
        biases,
        headNorms,
        value,
        tiedHead);
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
  public DecoderConfig untied() {
    return new LlamaConfig(
        architecture,
        shape,
        mlps,
        activation,
        normEpsilon,
        rope,
        biases,
        headNorms,
        windows,
        false);
  }

  @Override
  public DecoderNetwork network(Weights weights) {
    return Llama.network(this, weights);
  }
}
