package dev.slipway.tune;

import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.base.binding.Auto;
import dev.slipway.base.binding.InvalidSetting;
import dev.slipway.model.decoder.DecoderShape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * An {@code adapter_config.json}, by PEFT's names. Methods that PEFT doesn't know are written with
 * types of their own, which it refuses.
 *
 * @param ranks of modules that have others than those at first (AdaLoRA)
 * @param whole whether a LORA says what only {@link LoraWeights} follow
 */
record PeftConfig(TuningMethod method, Map<String, Integer> ranks, boolean whole) {
  private static final List<String> TYPES =
      List.of(
          "LORA",
          "ADALORA",
          "IA3",
          "PROMPT_TUNING",
          "P_TUNING",
          "PREFIX_TUNING",
          "HOULSBY",
          "PFEIFFER");

  /** Settings that change the computation, and are followed only when they say nothing. */
  private static final List<String> UNFOLLOWED =
      List.of("layer_replication", "use_qalora", "alora_invocation_tokens", "megatron_config");

  /** Settings of a LORA under which its matrices are not all alike, or not all that there is. */
  private static final List<String> WHOLE =
      List.of(
          "alpha_pattern",
          "exclude_modules",
          "layers_pattern",
          "lora_bias",
          "target_parameters",
          "trainable_token_indices");

  /**
   * First values for which PEFT changes the model's own weights, each time it opens the adapter.
   */
  private static final List<String> CHANGING_BASE =
      List.of("pissa", "olora", "corda", "loftq", "lora_ga");

  /**
   * @throws SlipwayException {@code adapter.bad-config} or {@code adapter.unsupported}
   */
  static PeftConfig read(Path file) {
    JsonNode json = Json.read(file);
    String type = json.path("peft_type").asString("");
    for (String key : UNFOLLOWED) {
      refuse(json, key, file);
    }
    String bias = json.path("bias").asString("none");
    if (!type.equals("LORA")) {
      if (!bias.equals("none")) {
        throw unsupported(file, "bias", bias, "none");
      }
      for (String key : WHOLE) {
        refuse(json, key, file);
      }
    }
    try {
      return switch (type) {
        case "LORA" -> {
          ownWeightsStay(json, file);
          boolean whole =
              !bias.equals("none")
                  || says(json, "rank_pattern")
                  || WHOLE.stream().anyMatch(key -> says(json, key));
          yield new PeftConfig(lora(json, file), Map.of(), whole);
        }
        case "ADALORA" ->
            new PeftConfig(adalora(json, file), ranks(json.path("rank_pattern")), false);
        case "IA3" -> of(ia3(json, file));
        // What a network made of P-tuning's tokens is what is saved: to answer they are a prompt.
        case "PROMPT_TUNING", "P_TUNING" -> {
          decoderAlone(json, file);
          yield of(new TuningMethod.Prompt(number(json, "num_virtual_tokens", file), init(json)));
        }
        case "PREFIX_TUNING" -> {
          decoderAlone(json, file);
          yield of(new TuningMethod.Prefix(number(json, "num_virtual_tokens", file), init(json)));
        }
        case "HOULSBY" ->
            of(new TuningMethod.Houlsby(number(json, "size", file), activation(json, file)));
        case "PFEIFFER" ->
            of(new TuningMethod.Pfeiffer(number(json, "size", file), activation(json, file)));
        default -> throw unsupported(file, "peft_type", type, "one of " + String.join(", ", TYPES));
      };
    } catch (IllegalArgumentException e) {
      throw bad(file, "is no " + type + ": " + e.getMessage());
    }
  }

  private static PeftConfig of(TuningMethod method) {
    return new PeftConfig(method, Map.of(), false);
  }

  private static boolean says(JsonNode json, String key) {
    JsonNode value = json.path(key);
    return value.isContainer()
        ? !value.isEmpty()
        : value.isNumber() || value.asBoolean(!value.asString("").isEmpty());
  }

  private static void refuse(JsonNode json, String key, Path file) {
    if (says(json, key)) {
      throw unsupported(file, key, json.path(key).toString(), "nothing");
    }
  }

  private static void ownWeightsStay(JsonNode json, Path file) {
    String init = json.path("init_lora_weights").asString("");
    if (CHANGING_BASE.stream().anyMatch(init.toLowerCase(Locale.ROOT)::startsWith)) {
      throw new SlipwayException(
          Exit.INPUT,
          "adapter.unsupported",
          file
              + " has init_lora_weights "
              + init
              + ", which belongs to a model whose own weights were changed before, expected true",
          "save it with PEFT's path_initial_model_for_weight_conversion");
    }
  }

  private static TuningMethod.Lora lora(JsonNode json, Path file) {
    return new TuningMethod.Lora(
        number(json, "r", file),
        real(json, "lora_alpha", file),
        targets(json, "target_modules", file),
        json.path("use_rslora").asBoolean(false),
        json.path("use_dora").asBoolean(false),
        json.path("lora_dropout").asDouble(0),
        texts(json.path("modules_to_save")));
  }

  private static TuningMethod.Adalora adalora(JsonNode json, Path file) {
    return new TuningMethod.Adalora(
        number(json, "init_r", file),
        // Where this is the higher one PEFT prunes nothing.
        Math.min(number(json, "target_r", file), number(json, "init_r", file)),
        real(json, "lora_alpha", file),
        targets(json, "target_modules", file),
        json.path("lora_dropout").asDouble(0),
        Auto.of(json.path("tinit").asInt(0)),
        Auto.of(json.path("tfinal").asInt(0)),
        json.path("deltaT").asInt(1),
        json.path("beta1").asDouble(0.85),
        json.path("beta2").asDouble(0.85),
        json.path("orth_reg_weight").asDouble(0.5),
        texts(json.path("modules_to_save")));
  }

  private static Map<String, Integer> ranks(JsonNode pattern) {
    Map<String, Integer> ranks = new LinkedHashMap<>();
    for (String name : pattern.propertyNames()) {
      int rank = 0;
      for (JsonNode kept : pattern.path(name)) {
        rank += kept.asBoolean(false) ? 1 : 0;
      }
      ranks.put(name.replaceAll("\\.lora_E(\\..*)?$", ""), rank);
    }
    return ranks;
  }

  private static TuningMethod.Ia3 ia3(JsonNode json, Path file) {
    JsonNode feedForward = json.path("feedforward_modules");
    boolean none = feedForward.isMissingNode() || feedForward.isNull() || feedForward.isEmpty();
    return new TuningMethod.Ia3(
        targets(json, "target_modules", file),
        none && !feedForward.isString()
            ? new Targets.Named(List.of(), List.of())
            : targets(json, "feedforward_modules", file),
        texts(json.path("modules_to_save")));
  }

  /** Virtual tokens of two networks, and heads that learn beside them, are encoders'. */
  private static void decoderAlone(JsonNode json, Path file) {
    refuse(json, "modules_to_save", file);
    int submodules = json.path("num_transformer_submodules").asInt(1);
    if (submodules != 1) {
      throw unsupported(file, "num_transformer_submodules", Integer.toString(submodules), "1");
    }
  }

  private static TuningMethod.FirstValues init(JsonNode json) {
    String text = json.path("prompt_tuning_init_text").asString("");
    return switch (json.path("prompt_tuning_init").asString("RANDOM")) {
      case "SAMPLE_VOCAB" -> new TuningMethod.FirstValues.Vocabulary();
      case "TEXT" -> new TuningMethod.FirstValues.Text(text);
      default -> new TuningMethod.FirstValues.Random();
    };
  }

  private static TuningMethod.Activation activation(JsonNode json, Path file) {
    String name = json.path("activation").asString("");
    for (TuningMethod.Activation activation : TuningMethod.Activation.values()) {
      if (activation.name().toLowerCase(Locale.ROOT).equals(name)) {
        return activation;
      }
    }
    throw bad(file, "has the activation " + name + ", expected relu, gelu or silu");
  }

  private static int number(JsonNode json, String key, Path file) {
    if (!json.path(key).isIntegralNumber()) {
      throw bad(file, "has no whole number " + key);
    }
    return json.path(key).asInt();
  }

  private static double real(JsonNode json, String key, Path file) {
    if (!json.path(key).isNumber()) {
      throw bad(file, "has no number " + key);
    }
    return json.path(key).asDouble();
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(text -> texts.add(text.asString()));
    return texts;
  }

  private static Targets targets(JsonNode json, String key, Path file) {
    JsonNode targets = json.path(key);
    if (targets.isString()) {
      String text = targets.stringValue();
      if (text.equals(Targets.ALL_LINEAR)) {
        return new Targets.AllLinear();
      }
      try {
        return new Targets.Matching(text);
      } catch (InvalidSetting e) {
        throw bad(file, "has " + key + " that are no regular expression: " + text);
      }
    }
    List<String> names = texts(targets);
    if (names.isEmpty()) {
      names = texts(json.path("target_parameters")); // which may be all that is adapted
    }
    if (names.isEmpty()) {
      throw bad(file, "has no " + key);
    }
    List<Integer> layers = new ArrayList<>();
    JsonNode chosen = json.path("layers_to_transform");
    if (chosen.isIntegralNumber()) {
      layers.add(chosen.asInt());
    } else {
      chosen.forEach(layer -> layers.add(layer.asInt()));
    }
    return new Targets.Named(names.stream().sorted().toList(), layers);
  }

  /**
   * As PEFT writes it.
   *
   * @param base the model that the adapter belongs to, as PEFT is to find it
   * @param task PEFT's {@code task_type}, such as {@code CAUSAL_LM}
   */
  static ObjectNode write(Adapter adapter, String base, String task) {
    ObjectNode json = Json.object();
    json.put("base_model_name_or_path", base);
    json.put("inference_mode", true);
    json.put("task_type", task);
    List<String> modules = Adapters.modulesToSave(adapter.method());
    if (!modules.isEmpty()) {
      modules.forEach(json.putArray("modules_to_save")::add);
    }
    switch (adapter.method()) {
      case TuningMethod.Lora lora -> lora(json, lora, adapter);
      case TuningMethod.Qlora qlora -> lora(json, qlora.lora(), adapter);
      case TuningMethod.Adalora adalora -> adalora(json, adalora, (AdaloraAdapter) adapter);
      case TuningMethod.Ia3 ia3 -> ia3(json, ia3, adapter);
      case TuningMethod.Houlsby houlsby -> bottleneck(json, "HOULSBY", houlsby);
      case TuningMethod.Pfeiffer pfeiffer -> bottleneck(json, "PFEIFFER", pfeiffer);
      case TuningMethod.Prompt prompt -> {
        virtualTokens(json, "PROMPT_TUNING", (VirtualTokens) adapter);
        switch (prompt.init()) {
          case TuningMethod.FirstValues.Random _ -> json.put("prompt_tuning_init", "RANDOM");
          case TuningMethod.FirstValues.Vocabulary _ ->
              json.put("prompt_tuning_init", "SAMPLE_VOCAB");
          case TuningMethod.FirstValues.Text(String text) -> {
            json.put("prompt_tuning_init", "TEXT");
            json.put("prompt_tuning_init_text", text);
            json.put("tokenizer_name_or_path", base);
          }
        }
      }
      case TuningMethod.Prefix _ -> {
        virtualTokens(json, "PREFIX_TUNING", (VirtualTokens) adapter);
        json.put("encoder_hidden_size", ((VirtualTokens) adapter).network.shape().keyWidth());
        json.put("prefix_projection", false);
      }
      case TuningMethod.Full _, TuningMethod.Bitfit _ ->
          throw new IllegalArgumentException(adapter.method() + " makes no adapter");
    }
    return json;
  }

  private static void lora(ObjectNode json, TuningMethod.Lora method, Adapter adapter) {
    json.put("bias", "none");
    if (method.modulesToSave().stream().anyMatch(LoraWeights::isEmbeddingModule)) {
      // A tied head learnt with it; PEFT would leave the head as it was.
      json.put("ensure_weight_tying", true);
    }
    json.put("fan_in_fan_out", adapter.storedByInput());
    json.put("init_lora_weights", true);
    json.put("lora_alpha", method.alpha());
    json.put("lora_dropout", method.dropout());
    json.put("peft_type", "LORA");
    json.put("r", method.rank());
    targets(json, "target_modules", method.targets());
    json.put("use_dora", method.decomposed());
    json.put("use_rslora", method.rankStabilised());
  }

  private static void adalora(
      ObjectNode json, TuningMethod.Adalora method, AdaloraAdapter adapter) {
    json.put("beta1", method.beta1());
    json.put("beta2", method.beta2());
    json.put("bias", "none");
    json.put("deltaT", method.everySteps());
    json.put("fan_in_fan_out", adapter.storedByInput());
    json.put("init_lora_weights", true);
    json.put("init_r", method.initialRank());
    json.put("lora_alpha", method.alpha());
    json.put("lora_dropout", method.dropout());
    json.put("orth_reg_weight", method.orthogonality());
    json.put("peft_type", "ADALORA");
    adapter
        .ranks()
        .forEach(
            (name, kept) -> {
              ObjectNode pattern = json.withObject("/rank_pattern");
              ArrayNode array = pattern.putArray(name + ".lora_E");
              for (boolean one : kept) {
                array.add(one);
              }
            });
    targets(json, "target_modules", method.targets());
    json.put("target_r", method.targetRank());
    json.put("tfinal", method.finalSteps(adapter.steps()));
    json.put("tinit", method.initialSteps(adapter.steps()));
    json.put("total_step", adapter.steps());
  }

  private static void ia3(ObjectNode json, TuningMethod.Ia3 method, Adapter adapter) {
    json.put("fan_in_fan_out", adapter.storedByInput());
    targets(json, "feedforward_modules", method.feedForward());
    json.put("init_ia3_weights", true);
    json.put("peft_type", "IA3");
    targets(json, "target_modules", method.targets());
  }

  /** PEFT counts key heads as heads, and a prefix's width by them. */
  private static void virtualTokens(ObjectNode json, String type, VirtualTokens adapter) {
    DecoderShape shape = adapter.network.shape();
    boolean keys = adapter instanceof PrefixAdapter;
    json.put("num_attention_heads", keys ? shape.keyValueHeads() : shape.heads());
    json.put("num_layers", shape.layers());
    json.put("num_transformer_submodules", 1);
    json.put("num_virtual_tokens", adapter.method().virtualTokens());
    json.put("peft_type", type);
    json.put("token_dim", keys ? shape.keyWidth() : shape.hiddenSize());
  }

  private static void bottleneck(ObjectNode json, String type, TuningMethod.Bottleneck method) {
    json.put("activation", method.activation().name().toLowerCase(Locale.ROOT));
    json.put("peft_type", type);
    json.put("size", method.size());
  }

  private static void targets(ObjectNode json, String key, Targets targets) {
    switch (targets) {
      case Targets.AllLinear _ -> json.put(key, Targets.ALL_LINEAR);
      case Targets.Matching(String pattern) -> json.put(key, pattern);
      case Targets.Named(List<String> names, List<Integer> layers) -> {
        names.forEach(json.putArray(key)::add);
        if (!layers.isEmpty()) {
          layers.forEach(json.putArray("layers_to_transform")::add);
        }
      }
    }
  }

  private static SlipwayException bad(Path file, String what) {
    return new SlipwayException(
        Exit.INPUT, "adapter.bad-config", file + " " + what, "copy the adapter's folder again");
  }

  private static SlipwayException unsupported(Path file, String key, String came, String expected) {
    return new SlipwayException(
        Exit.INPUT,
        "adapter.unsupported",
        file + " has " + key + " " + came + ", expected " + expected,
        "merge the adapter with PEFT, or train one without it");
  }
}
