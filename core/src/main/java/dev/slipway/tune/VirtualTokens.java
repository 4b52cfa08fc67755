package dev.slipway.tune;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.model.CausalNetwork;
import dev.slipway.model.decoder.DecoderNetwork;
import dev.slipway.model.decoder.DecoderShape;
import dev.slipway.model.decoder.KeyValueCache.KeyValues;
import dev.slipway.nn.ParameterSet;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.nn.Weights;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import dev.slipway.tokenizer.Tokenizer;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Positions before every text, in one parameter as PEFT keeps them: a row for each of them. */
abstract sealed class VirtualTokens implements Adapter permits PromptAdapter, PrefixAdapter {
  /** PEFT's name. */
  static final String PARAMETER = "prompt_embeddings";

  final DecoderNetwork network;
  private final ParameterSet parameters;

  VirtualTokens(DecoderNetwork network, ParameterSet parameters) {
    this.network = network;
    this.parameters = parameters;
  }

  /**
   * Puts them before a network's texts.
   *
   * @param parameters hold {@link #specs}, and stay the caller's
   * @param weights of these in the type of the network's products
   */
  static VirtualTokens before(
      DecoderNetwork network,
      TuningMethod.VirtualTokens method,
      ParameterSet parameters,
      Weights weights) {
    return switch (method) {
      case TuningMethod.Prompt prompt ->
          new PromptAdapter(network, prompt, parameters, weights.value(PARAMETER));
      case TuningMethod.Prefix prefix ->
          new PrefixAdapter(network, prefix, parameters, weights.operand(PARAMETER));
    };
  }

  /**
   * (P, C), or (P, 2 L K D): of each block first the keys, then the values.
   *
   * @throws SlipwayException {@code tune.virtual-tokens} where they leave no room for a text
   */
  static List<ParameterSpec> specs(TuningMethod.VirtualTokens method, DecoderShape shape) {
    int count = method.virtualTokens();
    requireRoom(method, shape.context());
    long width =
        switch (method) {
          case TuningMethod.Prompt _ -> shape.hiddenSize();
          case TuningMethod.Prefix _ -> 2L * shape.layers() * shape.keyWidth();
        };
    return List.of(
        new ParameterSpec(
            PARAMETER,
            List.of((long) count, width),
            ParameterSpec.Role.EMBEDDING,
            new ParameterSpec.Init.Normal(1)));
  }

  /**
   * @param context positions of the model
   * @throws SlipwayException {@code tune.virtual-tokens} where none is left for a text
   */
  static void requireRoom(TuningMethod.VirtualTokens method, int context) {
    if (method.virtualTokens() >= context) {
      throw new SlipwayException(
          Exit.USAGE,
          "tune.virtual-tokens",
          method.virtualTokens()
              + " virtual tokens before every text, expected fewer than the model's "
              + context
              + " positions",
          "lower virtual-tokens");
    }
  }

  /**
   * Gives the parameter its first values.
   *
   * @param tokenizer asked where these are a text's
   */
  void begin(Supplier<Tokenizer> tokenizer, long seed) {
    int[] ids = ids(tokenizer, seed);
    if (ids != null) {
      try (Scope _ = Scope.open();
          NoGrad _ = NoGrad.open()) {
        parameters().value(PARAMETER).copyInPlace(of(Tensor.of(ids, 1, ids.length)));
      }
      parametersChanged();
    }
  }

  private int @Nullable [] ids(Supplier<Tokenizer> tokenizer, long seed) {
    int count = method().virtualTokens();
    return switch (method().init()) {
      case TuningMethod.FirstValues.Random _ -> null;
      case TuningMethod.FirstValues.Vocabulary _ ->
          new SplittableRandom(seed).ints(count, 0, network.vocabularySize()).toArray();
      case TuningMethod.FirstValues.Text(String text) -> {
        int[] words = tokenizer.get().encodeWithSpecialTokens(text);
        if (words.length == 0) {
          throw new SlipwayException(
              Exit.USAGE,
              "tune.virtual-tokens",
              "the text that virtual tokens begin as has no token",
              "write some words at init.text");
        }
        int[] ids = new int[count];
        for (int i = 0; i < count; i++) {
          ids[i] = words[i % words.length];
        }
        yield ids;
      }
    };
  }

  /** What the parameter is for these ids (1, P), as it lies in memory. */
  abstract Tensor of(Tensor ids);

  /** The network as it learns them. */
  abstract CausalNetwork learning();

  /**
   * Keys and values of each block for rows (P, C) that nothing comes before.
   *
   * @return (1, K, P, D) each
   */
  static KeyValues[] keysAndValues(DecoderNetwork network, Tensor rows) {
    int count = Math.toIntExact(rows.size(0));
    KeyValues[] all = new KeyValues[network.shape().layers()];
    var pass =
        network.bare(
            0,
            count,
            count,
            (layer, k, v) -> {
              all[layer] = new KeyValues(k, v);
              return all[layer];
            });
    network.hiddenOf(network.placed(rows.view(1, count, rows.size(1)), pass), pass);
    return all;
  }

  @Override
  public abstract TuningMethod.VirtualTokens method();

  @Override
  public ParameterSet parameters() {
    return parameters;
  }

  @Override
  public boolean mergeable() {
    return false;
  }

  @Override
  public void close() {
    network.precede(null);
  }
}
