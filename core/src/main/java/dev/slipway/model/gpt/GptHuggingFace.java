package dev.slipway.model.gpt;

import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.model.gpt.GptConfig.Layout;
import dev.slipway.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code config.json} and {@code generation_config.json} as transformers writes and reads them, for
 * {@code gpt2}, {@code llama} and {@code qwen3}. A setting that changes what the network computes
 * and that Slipway does not have is refused, never passed over.
 */
public final class GptHuggingFace {
  private static final List<String> ARCHITECTURES =
      List.of("GPT2LMHeadModel", "LlamaForCausalLM", "Qwen3ForCausalLM");

  /** What transformers takes when the key is absent. */
  private static final double LLAMA_EPSILON = 1e-6;

  private static final double ROPE_THETA = 10_000;

  private GptHuggingFace() {}

  /** {@code config.json} of a model stored as {@code dtype}. */
  public static ObjectNode config(GptConfig config, SpecialIds ids, DType dtype) {
    ObjectNode json = Json.object();
    json.putArray("architectures").add(ARCHITECTURES.get(config.layout().ordinal()));
    json.put("model_type", modelType(config.layout()));
    json.put("vocab_size", config.vocabularySize());
    if (config.layout() == Layout.GPT2) {
      json.put("n_positions", config.context());
      json.put("n_embd", config.hiddenSize());
      json.put("n_layer", config.layers());
      json.put("n_head", config.heads());
      json.put("n_inner", config.intermediateSize());
      json.put("activation_function", "gelu_new");
      json.put("layer_norm_epsilon", config.normEpsilon());
      for (String dropout : List.of("resid_pdrop", "embd_pdrop", "attn_pdrop")) {
        json.put(dropout, 0.0);
      }
    } else {
      json.put("max_position_embeddings", config.context());
      json.put("hidden_size", config.hiddenSize());
      json.put("num_hidden_layers", config.layers());
      json.put("num_attention_heads", config.heads());
      json.put("num_key_value_heads", config.keyValueHeads());
      json.put("head_dim", config.headDim());
      json.put("intermediate_size", config.intermediateSize());
      json.put("hidden_act", "silu");
      json.put("rms_norm_eps", config.normEpsilon());
      json.put("attention_bias", false);
      json.put("attention_dropout", 0.0);
      if (config.layout() == Layout.LLAMA) {
        json.put("mlp_bias", false);
      } else {
        json.put("use_sliding_window", false);
      }
      // Both spellings: transformers 5 reads rope_parameters, earlier ones and others rope_theta.
      json.put("rope_theta", config.ropeTheta());
      json.putObject("rope_parameters")
          .put("rope_theta", config.ropeTheta())
          .put("rope_type", "default");
    }
    json.put("initializer_range", 0.02);
    json.put("tie_word_embeddings", config.tiedHead());
    json.put("use_cache", true);
    putIds(json, ids);
    json.put(
        "dtype",
        dtype == DType.BFLOAT16 ? "bfloat16" : dtype == DType.FLOAT16 ? "float16" : "float32");
    return json;
  }

  /** {@code generation_config.json}. */
  public static ObjectNode generationConfig(SpecialIds ids) {
    ObjectNode json = Json.object();
    putIds(json, ids);
    return json;
  }

  private static void putIds(ObjectNode json, SpecialIds ids) {
    if (ids.bos() != null) {
      json.put("bos_token_id", ids.bos());
    }
    if (ids.eos().size() == 1) {
      json.put("eos_token_id", ids.eos().getFirst());
    } else if (!ids.eos().isEmpty()) {
      ids.eos().forEach(json.putArray("eos_token_id")::add);
    }
    if (ids.pad() != null) {
      json.put("pad_token_id", ids.pad());
    }
  }

  private static String modelType(Layout layout) {
    return switch (layout) {
      case GPT2 -> "gpt2";
      case LLAMA -> "llama";
      case QWEN3 -> "qwen3";
    };
  }

  /** Whether {@link #read} knows the architecture. */
  static boolean isOne(JsonNode json) {
    return switch (json.path("model_type").asString("")) {
      case "gpt2", "llama", "qwen3" -> true;
      default -> false;
    };
  }

  /**
   * Reads {@code config.json}.
   *
   * @param source what it is called in an error
   */
  public static GptConfig read(JsonNode json, String source) {
    Reader reader = new Reader(json, source);
    String type = json.path("model_type").asString("");
    try {
      return switch (type) {
        case "gpt2" -> reader.gpt2();
        case "llama" -> reader.llama(Layout.LLAMA);
        case "qwen3" -> reader.llama(Layout.QWEN3);
        default ->
            throw new SlipwayException(
                Exit.INPUT,
                "model.unknown-architecture",
                source
                    + (type.isEmpty() ? " has no model_type" : " has the model_type " + type)
                    + ", expected gpt2, llama or qwen3",
                "choose a model of one of these architectures: "
                    + String.join(", ", ARCHITECTURES));
      };
    } catch (IllegalArgumentException e) {
      throw new SlipwayException(
          Exit.INPUT, "model.bad-config", source + ": " + e.getMessage(), "check config.json", e);
    }
  }

  /**
   * Special ids of {@code generation_config.json} where it has them, else of {@code config.json}.
   */
  public static SpecialIds readIds(JsonNode config, @Nullable JsonNode generation) {
    JsonNode first = generation == null ? config : generation;
    List<Integer> eos = ids(first.has("eos_token_id") ? first : config, "eos_token_id");
    List<Integer> bos = ids(first.has("bos_token_id") ? first : config, "bos_token_id");
    List<Integer> pad = ids(first.has("pad_token_id") ? first : config, "pad_token_id");
    return new SpecialIds(
        bos.isEmpty() ? null : bos.getFirst(), eos, pad.isEmpty() ? null : pad.getFirst());
  }

  private static List<Integer> ids(JsonNode json, String key) {
    JsonNode node = json.path(key);
    List<Integer> ids = new ArrayList<>();
    if (node.isArray()) {
      node.forEach(id -> ids.add(id.asInt()));
    } else if (node.isIntegralNumber()) {
      ids.add(node.asInt());
    }
    return ids;
  }

  private record Reader(JsonNode json, String source) {
    GptConfig gpt2() {
      String activation = json.path("activation_function").asString("gelu_new");
      if (!activation.equals("gelu_new") && !activation.equals("gelu_pytorch_tanh")) {
        throw unsupported("activation_function", activation, "gelu_new");
      }
      mustBe("scale_attn_weights", true, true);
      mustBe("scale_attn_by_inverse_layer_idx", false, false);
      mustBe("add_cross_attention", false, false);
      int hidden = number("n_embd", 768);
      int heads = number("n_head", 12);
      return new GptConfig(
          Layout.GPT2,
          number("vocab_size", 50257),
          number("n_positions", 1024),
          hidden,
          number("n_layer", 12),
          heads,
          heads,
          hidden / Math.max(1, heads),
          number("n_inner", 4 * hidden),
          json.path("tie_word_embeddings").asBoolean(true),
          json.path("layer_norm_epsilon").asDouble(1e-5),
          ROPE_THETA);
    }

    GptConfig llama(Layout layout) {
      String activation = json.path("hidden_act").asString("silu");
      if (!activation.equals("silu")) {
        throw unsupported("hidden_act", activation, "silu");
      }
      mustBe("attention_bias", false, false);
      mustBe("mlp_bias", false, false);
      mustBe("use_sliding_window", false, false);
      for (JsonNode type : json.path("layer_types")) {
        if (!type.asString("").equals("full_attention")) {
          throw unsupported("layer_types", type.asString(""), "full_attention");
        }
      }
      int hidden = required("hidden_size");
      int heads = required("num_attention_heads");
      return new GptConfig(
          layout,
          required("vocab_size"),
          required("max_position_embeddings"),
          hidden,
          required("num_hidden_layers"),
          heads,
          number("num_key_value_heads", heads),
          number("head_dim", layout == Layout.QWEN3 ? 128 : hidden / Math.max(1, heads)),
          required("intermediate_size"),
          json.path("tie_word_embeddings").asBoolean(false),
          json.path("rms_norm_eps").asDouble(LLAMA_EPSILON),
          ropeTheta());
    }

    private double ropeTheta() {
      JsonNode rope = json.path("rope_parameters");
      for (JsonNode scaling : List.of(rope, json.path("rope_scaling"))) {
        String type = scaling.path("rope_type").asString(scaling.path("type").asString("default"));
        if (!type.equals("default")) {
          throw unsupported("rope_type", type, "default");
        }
      }
      JsonNode theta = rope.has("rope_theta") ? rope.path("rope_theta") : json.path("rope_theta");
      return theta.asDouble(ROPE_THETA);
    }

    private int required(String key) {
      if (!json.path(key).isIntegralNumber()) {
        throw new SlipwayException(
            Exit.INPUT,
            "model.bad-config",
            source + " has no " + key + ", expected a whole number",
            "put back the config.json that belongs to the weights");
      }
      return json.path(key).asInt();
    }

    private int number(String key, int otherwise) {
      return json.path(key).isNull() || json.path(key).isMissingNode() ? otherwise : required(key);
    }

    private void mustBe(String key, boolean expected, boolean otherwise) {
      boolean came = json.path(key).asBoolean(otherwise);
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
  }
}
