package dev.slipway.model.encoder;

import dev.slipway.nn.ParameterSpec;
import dev.slipway.nn.ParameterSpec.Role;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Sizes of an encoder.
 *
 * @param vocabularySize V
 * @param hiddenSize C, a multiple of {@code heads}
 * @param layers how many blocks
 * @param heads H
 * @param intermediateSize F, the width between a block's outer projections
 * @param activation there
 * @param positions how many position embeddings there are
 * @param types how many token types
 * @param padId id of the padding token
 * @param normEpsilon of every norm
 * @param hiddenDropout share dropped of embeddings and of each part's output, in training
 * @param attentionDropout share dropped of attention weights, in training
 * @param headDropout share dropped before a classifier, in training
 */
public record EncoderConfig(
    int vocabularySize,
    int hiddenSize,
    int layers,
    int heads,
    int intermediateSize,
    HiddenActivation activation,
    int positions,
    int types,
    int padId,
    double normEpsilon,
    double hiddenDropout,
    double attentionDropout,
    double headDropout) {
  /** Standard deviation of first values, as BERT has it. */
  static final double DEVIATION = 0.02;

  private static final int LARGEST = 1 << 24;

  public EncoderConfig {
    atLeastOne("vocab_size", vocabularySize);
    atLeastOne("hidden_size", hiddenSize);
    atLeastOne("num_hidden_layers", layers);
    atLeastOne("num_attention_heads", heads);
    atLeastOne("intermediate_size", intermediateSize);
    atLeastOne("max_position_embeddings", positions);
    atLeastOne("type_vocab_size", types);
    if (hiddenSize % heads != 0) {
      throw new IllegalArgumentException(
          "hidden_size " + hiddenSize + " is no multiple of num_attention_heads " + heads);
    }
    if (padId < 0 || padId >= vocabularySize) {
      throw new IllegalArgumentException(
          "pad_token_id is " + padId + ", expected 0 to " + (vocabularySize - 1));
    }
    if (!(normEpsilon > 0 && normEpsilon < 1)) {
      throw new IllegalArgumentException("layer_norm_eps is " + normEpsilon);
    }
    share("hidden_dropout_prob", hiddenDropout);
    share("attention_probs_dropout_prob", attentionDropout);
    share("classifier_dropout", headDropout);
  }

  private static void atLeastOne(String key, int value) {
    if (value < 1 || value > LARGEST) {
      throw new IllegalArgumentException(key + " is " + value + ", expected 1 to " + LARGEST);
    }
  }

  private static void share(String key, double value) {
    if (!(value >= 0 && value < 1)) {
      throw new IllegalArgumentException(key + " is " + value + ", expected 0 to less than 1");
    }
  }

  /** Parameters under their names in checkpoints, each with {@code prefix} before it. */
  public List<ParameterSpec> parameters(String prefix) {
    List<ParameterSpec> specs = new ArrayList<>();
    embedding(specs, prefix + "embeddings.word_embeddings.weight", vocabularySize);
    embedding(specs, prefix + "embeddings.position_embeddings.weight", positions);
    embedding(specs, prefix + "embeddings.token_type_embeddings.weight", types);
    norm(specs, prefix + "embeddings.LayerNorm");
    for (int i = 0; i < layers; i++) {
      String layer = prefix + "encoder.layer." + i + ".";
      List<String> parts =
          List.of(
              layer + "attention.self.query",
              layer + "attention.self.key",
              layer + "attention.self.value");
      for (String part : parts) {
        specs.add(ParameterSpec.matrix(part + ".weight", hiddenSize, hiddenSize, DEVIATION));
      }
      for (String part : parts) {
        specs.add(ParameterSpec.vector(part + ".bias", hiddenSize, 0));
      }
      dense(specs, layer + "attention.output.dense", hiddenSize, hiddenSize);
      norm(specs, layer + "attention.output.LayerNorm");
      dense(specs, layer + "intermediate.dense", intermediateSize, hiddenSize);
      dense(specs, layer + "output.dense", hiddenSize, intermediateSize);
      norm(specs, layer + "output.LayerNorm");
    }
    return specs;
  }

  private void embedding(List<ParameterSpec> specs, String name, long rows) {
    specs.add(
        new ParameterSpec(
            name,
            List.of(rows, (long) hiddenSize),
            Role.EMBEDDING,
            new ParameterSpec.Init.Normal(DEVIATION)));
  }

  /** Adds a norm's weight and bias over the hidden size. */
  public void norm(List<ParameterSpec> specs, String name) {
    specs.add(ParameterSpec.vector(name + ".weight", hiddenSize, 1));
    specs.add(ParameterSpec.vector(name + ".bias", hiddenSize, 0));
  }

  /** Adds the weight (out, in) and bias of a linear map. */
  public static void dense(List<ParameterSpec> specs, String name, int out, int in) {
    specs.add(ParameterSpec.matrix(name + ".weight", out, in, DEVIATION));
    specs.add(ParameterSpec.vector(name + ".bias", out, 0));
  }

  /** Adds the weight (out, C) and bias of the last map to what is asked of a model. */
  public void head(List<ParameterSpec> specs, String name, int out) {
    specs.add(
        new ParameterSpec(
            name + ".weight",
            List.of((long) out, (long) hiddenSize),
            Role.HEAD,
            new ParameterSpec.Init.Normal(DEVIATION)));
    specs.add(ParameterSpec.vector(name + ".bias", out, 0));
  }

  /**
   * Adds the map from hidden states to the vocabulary.
   *
   * @param weight module that holds a weight (V, C) of its own; null where the word embedding's is
   *     taken
   * @param bias parameter (V)
   */
  public void decoder(List<ParameterSpec> specs, @Nullable String weight, String bias) {
    if (weight != null) {
      specs.add(
          new ParameterSpec(
              weight + ".weight",
              List.of((long) vocabularySize, (long) hiddenSize),
              Role.HEAD,
              new ParameterSpec.Init.Normal(DEVIATION)));
    }
    specs.add(ParameterSpec.vector(bias, vocabularySize, 0));
  }
}
