package dev.slipway.model.gpt;

import dev.slipway.model.ModelConfig;
import dev.slipway.nn.ParameterSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * A decoder-only transformer.
 *
 * @param layout the Hugging Face architecture that it is written as, which settles norm, positions,
 *     activation and biases
 * @param vocabularySize V
 * @param context T, the longest sequence
 * @param hiddenSize C
 * @param layers L
 * @param heads H, query heads
 * @param keyValueHeads heads of keys and values; H is a multiple of it
 * @param headDim D, width of a head
 * @param intermediateSize F, inner width of the feed-forward network
 * @param tiedHead whether the output layer is the embedding
 * @param normEpsilon added to the variance in norms
 * @param ropeTheta base of the rotary frequencies; unused with learned positions
 */
public record GptConfig(
    Layout layout,
    int vocabularySize,
    int context,
    int hiddenSize,
    int layers,
    int heads,
    int keyValueHeads,
    int headDim,
    int intermediateSize,
    boolean tiedHead,
    double normEpsilon,
    double ropeTheta)
    implements ModelConfig {

  /** Hugging Face architectures. */
  public enum Layout {
    /** LayerNorm, learned positions, GELU (tanh), biases everywhere. Radford et al. 2019. */
    GPT2,
    /** RMSNorm, rotary positions, SwiGLU, no biases. Touvron et al. 2023. */
    LLAMA,
    /** Llama's with RMSNorm on queries and keys of each head. Yang et al. 2025. */
    QWEN3
  }

  public GptConfig {
    positive("vocabularySize", vocabularySize);
    positive("context", context);
    positive("hiddenSize", hiddenSize);
    positive("layers", layers);
    positive("heads", heads);
    positive("keyValueHeads", keyValueHeads);
    positive("headDim", headDim);
    positive("intermediateSize", intermediateSize);
    if (heads % keyValueHeads != 0) {
      throw new IllegalArgumentException(
          "heads is " + heads + ", expected a multiple of keyValueHeads " + keyValueHeads);
    }
    if (layout == Layout.GPT2 && (keyValueHeads != heads || headDim * heads != hiddenSize)) {
      throw new IllegalArgumentException(
          "GPT-2's layout has as many key-value heads as heads, and heads x headDim = hiddenSize; came "
              + keyValueHeads
              + " for "
              + heads
              + " heads of "
              + headDim
              + " at hiddenSize "
              + hiddenSize);
    }
    if (layout != Layout.GPT2 && headDim % 2 != 0) {
      throw new IllegalArgumentException(
          "headDim is " + headDim + ", expected an even number for rotary positions");
    }
  }

  private static void positive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " is " + value + ", expected 1 or more");
    }
  }

  /** GPT-2's usual proportions: F = 4 C, tied head. */
  public static GptConfig gpt2(
      int vocabularySize, int context, int hiddenSize, int layers, int heads) {
    return new GptConfig(
        Layout.GPT2,
        vocabularySize,
        context,
        hiddenSize,
        layers,
        heads,
        heads,
        hiddenSize / heads,
        4 * hiddenSize,
        true,
        1e-5,
        10_000);
  }

  public boolean gated() {
    return layout != Layout.GPT2;
  }

  public boolean rotary() {
    return layout != Layout.GPT2;
  }

  public boolean biases() {
    return layout == Layout.GPT2;
  }

  public boolean qkNorm() {
    return layout == Layout.QWEN3;
  }

  public boolean rmsNorm() {
    return layout != Layout.GPT2;
  }

  public GptConfig withVocabularySize(int vocabularySize) {
    return new GptConfig(
        layout,
        vocabularySize,
        context,
        hiddenSize,
        layers,
        heads,
        keyValueHeads,
        headDim,
        intermediateSize,
        tiedHead,
        normEpsilon,
        ropeTheta);
  }

  /**
   * In memory order: query, key and value (and gate and up) are neighbours, weights first and then
   * their biases, so that each group is one matrix and one vector. Projections that write to the
   * residual stream start smaller by √(2 L) (GPT-2, §2.3).
   */
  @Override
  public List<ParameterSpec> parameters() {
    double deviation = 0.02;
    double residual = deviation / Math.sqrt(2.0 * layers);
    List<ParameterSpec> specs = new ArrayList<>();
    specs.add(embedding("embed.weight", ParameterSpec.Role.EMBEDDING, vocabularySize, deviation));
    if (!rotary()) {
      specs.add(embedding("positions.weight", ParameterSpec.Role.EMBEDDING, context, deviation));
    }
    for (int i = 0; i < layers; i++) {
      String layer = "layers." + i + ".";
      norm(specs, layer + "attn_norm");
      long queries = (long) heads * headDim;
      long keys = (long) keyValueHeads * headDim;
      specs.add(ParameterSpec.matrix(layer + "attn.q.weight", queries, hiddenSize, deviation));
      specs.add(ParameterSpec.matrix(layer + "attn.k.weight", keys, hiddenSize, deviation));
      specs.add(ParameterSpec.matrix(layer + "attn.v.weight", keys, hiddenSize, deviation));
      if (biases()) {
        specs.add(ParameterSpec.vector(layer + "attn.q.bias", queries, 0));
        specs.add(ParameterSpec.vector(layer + "attn.k.bias", keys, 0));
        specs.add(ParameterSpec.vector(layer + "attn.v.bias", keys, 0));
      }
      if (qkNorm()) {
        specs.add(ParameterSpec.vector(layer + "attn.q_norm.weight", headDim, 1));
        specs.add(ParameterSpec.vector(layer + "attn.k_norm.weight", headDim, 1));
      }
      specs.add(ParameterSpec.matrix(layer + "attn.o.weight", hiddenSize, queries, residual));
      if (biases()) {
        specs.add(ParameterSpec.vector(layer + "attn.o.bias", hiddenSize, 0));
      }
      norm(specs, layer + "mlp_norm");
      if (gated()) {
        specs.add(
            ParameterSpec.matrix(
                layer + "mlp.gate.weight", intermediateSize, hiddenSize, deviation));
      }
      specs.add(
          ParameterSpec.matrix(layer + "mlp.up.weight", intermediateSize, hiddenSize, deviation));
      if (biases()) {
        specs.add(ParameterSpec.vector(layer + "mlp.up.bias", intermediateSize, 0));
      }
      specs.add(
          ParameterSpec.matrix(layer + "mlp.down.weight", hiddenSize, intermediateSize, residual));
      if (biases()) {
        specs.add(ParameterSpec.vector(layer + "mlp.down.bias", hiddenSize, 0));
      }
    }
    norm(specs, "norm");
    if (!tiedHead) {
      specs.add(embedding("head.weight", ParameterSpec.Role.HEAD, vocabularySize, deviation));
    }
    return List.copyOf(specs);
  }

  private ParameterSpec embedding(
      String name, ParameterSpec.Role role, long rows, double deviation) {
    return new ParameterSpec(
        name, List.of(rows, (long) hiddenSize), role, new ParameterSpec.Init.Normal(deviation));
  }

  private void norm(List<ParameterSpec> specs, String name) {
    specs.add(ParameterSpec.vector(name + ".weight", hiddenSize, 1));
    if (!rmsNorm()) {
      specs.add(ParameterSpec.vector(name + ".bias", hiddenSize, 0));
    }
  }
}
