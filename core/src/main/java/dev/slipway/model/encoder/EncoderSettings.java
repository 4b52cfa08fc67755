package dev.slipway.model.encoder;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code config.json} of an encoder as transformers writes and reads it. A setting that changes
 * what the network computes and that Slipway does not have is refused, never passed over.
 */
public final class EncoderSettings {
  private final JsonNode json;
  private final String source;

  /**
   * @param source what an error calls the file
   */
  public EncoderSettings(JsonNode json, String source) {
    this.json = json;
    this.source = source;
  }

  /**
   * The sizes.
   *
   * @param padId where none is given
   */
  public EncoderConfig encoder(int padId) {
    mustBe("is_decoder", false);
    mustBe("add_cross_attention", false);
    String positions = json.path("position_embedding_type").asString("absolute");
    if (!positions.equals("absolute")) {
      throw unsupported("position_embedding_type", positions, "absolute");
    }
    String spelled = json.path("hidden_act").asString("gelu");
    HiddenActivation activation = HiddenActivation.of(spelled);
    if (activation == null) {
      throw unsupported("hidden_act", spelled, "gelu, gelu_new, relu, silu or tanh");
    }
    double dropout = json.path("hidden_dropout_prob").asDouble(0.1);
    try {
      return new EncoderConfig(
          required("vocab_size"),
          required("hidden_size"),
          required("num_hidden_layers"),
          required("num_attention_heads"),
          required("intermediate_size"),
          activation,
          required("max_position_embeddings"),
          number("type_vocab_size", 2),
          number("pad_token_id", padId),
          json.path("layer_norm_eps").asDouble(1e-12),
          dropout,
          json.path("attention_probs_dropout_prob").asDouble(0.1),
          json.path("classifier_dropout").isNumber()
              ? json.path("classifier_dropout").asDouble()
              : dropout);
    } catch (IllegalArgumentException e) {
      throw new SlipwayException(
          Exit.INPUT, "model.bad-config", source + ": " + e.getMessage(), "check config.json", e);
    }
  }

  /** Whether the map to the vocabulary is the word embedding. */
  public boolean tied() {
    return json.path("tie_word_embeddings").asBoolean(true);
  }

  /** Names of classes: those of {@code id2label}, else {@code LABEL_0}, … */
  public List<String> labels() {
    JsonNode named = json.path("id2label");
    int count = named.isObject() ? named.size() : number("num_labels", 2);
    List<String> labels = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      JsonNode label = named.path(String.valueOf(i));
      if (named.isObject() && label.isMissingNode()) {
        throw new SlipwayException(
            Exit.INPUT,
            "model.bad-config",
            source + " names " + count + " labels in id2label, but none of the id " + i,
            "number them from 0 on");
      }
      labels.add(label.asString("LABEL_" + i));
    }
    if (labels.isEmpty()) {
      throw new SlipwayException(
          Exit.INPUT,
          "model.bad-config",
          source + " has no labels, expected one or more",
          "name them in id2label");
    }
    return labels;
  }

  /** The head that classifies texts: its labels, and what {@code problem_type} says of them. */
  public Head.SequenceClassification sequenceClassification() {
    List<String> labels = labels();
    String spelled = json.path("problem_type").asString("");
    for (Head.Problem problem : Head.Problem.values()) {
      if (problem.spelling().equals(spelled)) {
        return new Head.SequenceClassification(labels, problem);
      }
    }
    return new Head.SequenceClassification(labels);
  }

  private int required(String key) {
    JsonNode value = json.path(key);
    if (!value.isIntegralNumber() || !value.canConvertToInt()) {
      throw new SlipwayException(
          Exit.INPUT,
          "model.bad-config",
          source + " has no " + key + ", expected a whole number",
          "put back the config.json that belongs to the weights");
    }
    return value.asInt();
  }

  private int number(String key, int otherwise) {
    return json.path(key).isNull() || json.path(key).isMissingNode() ? otherwise : required(key);
  }

  private void mustBe(String key, boolean expected) {
    boolean came = json.path(key).asBoolean(expected);
    if (came != expected) {
      throw unsupported(key, String.valueOf(came), String.valueOf(expected));
    }
  }

  private SlipwayException unsupported(String key, String came, String expected) {
    return new SlipwayException(
        Exit.INPUT,
        "model.unsupported-setting",
        source + " has " + key + " " + came + ", Slipway knows " + expected,
        "choose a model without this setting");
  }

  /** Writes what {@link #encoder} and the head's settings read. */
  public static void write(ObjectNode json, EncoderConfig config, Head head) {
    json.put("vocab_size", config.vocabularySize());
    json.put("hidden_size", config.hiddenSize());
    json.put("num_hidden_layers", config.layers());
    json.put("num_attention_heads", config.heads());
    json.put("intermediate_size", config.intermediateSize());
    json.put("hidden_act", config.activation().spelling());
    json.put("max_position_embeddings", config.positions());
    json.put("type_vocab_size", config.types());
    json.put("pad_token_id", config.padId());
    json.put("layer_norm_eps", config.normEpsilon());
    json.put("hidden_dropout_prob", config.hiddenDropout());
    json.put("attention_probs_dropout_prob", config.attentionDropout());
    json.put("classifier_dropout", config.headDropout());
    json.put("initializer_range", EncoderConfig.DEVIATION);
    json.put("is_decoder", false);
    json.put(
        "tie_word_embeddings", !(head instanceof Head.MaskedLanguageModel(boolean tied)) || tied);
    List<String> labels =
        switch (head) {
          case Head.SequenceClassification(List<String> names, Head.Problem problem) -> {
            json.put("problem_type", problem.spelling());
            yield names;
          }
          case Head.TokenClassification(List<String> names) -> names;
          case Head.Hidden _, Head.MaskedLanguageModel _, Head.SpanAnswering _ -> List.of();
        };
    if (!labels.isEmpty()) {
      ObjectNode byId = json.putObject("id2label");
      ObjectNode byLabel = json.putObject("label2id");
      for (int i = 0; i < labels.size(); i++) {
        byId.put(String.valueOf(i), labels.get(i));
        byLabel.put(labels.get(i), i);
      }
    }
    json.put("dtype", "float32");
  }
}
