package dev.slipway.tune;

import dev.slipway.base.AtomicFiles;
import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.base.binding.InvalidSetting;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.nn.ProjectionSlot;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import dev.slipway.weights.SafeTensors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * An adapter as a folder in PEFT's format: {@code adapter_config.json} and {@code
 * adapter_model.safetensors}.
 */
public final class PeftFolder {
  private static final String CONFIG = "adapter_config.json";
  private static final String WEIGHTS = "adapter_model.safetensors";
  private static final String PREFIX = "base_model.model.";

  /** Settings that change the computation, and are followed only when they say nothing. */
  private static final List<String> UNFOLLOWED =
      List.of(
          "alpha_pattern",
          "rank_pattern",
          "exclude_modules",
          "layers_pattern",
          "layer_replication",
          "target_parameters",
          "trainable_token_indices",
          "lora_bias",
          "use_qalora",
          "alora_invocation_tokens",
          "megatron_config");

  private PeftFolder() {}

  /**
   * Reads {@code adapter_config.json}.
   *
   * @throws SlipwayException {@code adapter.missing-file}, {@code adapter.bad-config} or {@code
   *     adapter.unsupported}
   */
  public static TuningMethod.Lora method(Path folder) {
    Path file = folder.resolve(CONFIG);
    if (!Files.isRegularFile(file)) {
      throw new SlipwayException(
          Exit.INPUT,
          "adapter.missing-file",
          folder + " has no " + CONFIG + ", expected an adapter in PEFT's format",
          "check the path, or copy the folder again");
    }
    JsonNode json = Json.read(file);
    String type = json.path("peft_type").asString("");
    if (!type.equals("LORA")) {
      throw unsupported(file, "peft_type", type, "LORA");
    }
    String bias = json.path("bias").asString("none");
    if (!bias.equals("none")) {
      throw unsupported(file, "bias", bias, "none");
    }
    for (String key : UNFOLLOWED) {
      JsonNode value = json.path(key);
      boolean says =
          value.isContainer() ? !value.isEmpty() : value.asBoolean(!value.asString("").isEmpty());
      if (says) {
        throw unsupported(file, key, value.toString(), "nothing");
      }
    }
    if (!json.path("r").isIntegralNumber() || !json.path("lora_alpha").isNumber()) {
      throw bad(file, "has no numbers r and lora_alpha");
    }
    try {
      return new TuningMethod.Lora(
          json.path("r").asInt(),
          json.path("lora_alpha").asDouble(),
          targets(json, file),
          json.path("use_rslora").asBoolean(false),
          json.path("use_dora").asBoolean(false),
          json.path("lora_dropout").asDouble(0),
          texts(json.path("modules_to_save")));
    } catch (IllegalArgumentException e) {
      throw bad(file, "is no LoRA: " + e.getMessage());
    }
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(text -> texts.add(text.asString()));
    return texts;
  }

  private static Targets targets(JsonNode json, Path file) {
    JsonNode targets = json.path("target_modules");
    if (targets.isString()) {
      String text = targets.stringValue();
      if (text.equals(Targets.ALL_LINEAR)) {
        return new Targets.AllLinear();
      }
      try {
        return new Targets.Matching(text);
      } catch (InvalidSetting e) {
        throw bad(file, "has target_modules that are no regular expression: " + text);
      }
    }
    List<String> names = texts(targets);
    if (names.isEmpty()) {
      throw bad(file, "has no target_modules");
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
   * Opens an adapter around a network's projections, which may be trained further.
   *
   * @param slots the network's, in its order
   * @throws SlipwayException as {@link #method}; {@code tune.no-target}; {@code
   *     weights.missing-tensor}, {@code weights.surplus-tensor}, {@code weights.wrong-shape} or
   *     {@code weights.not-finite}
   */
  public static LoraAdapter open(Path folder, Collection<ProjectionSlot> slots) {
    TuningMethod.Lora method = method(folder);
    try (SafeTensors file = SafeTensors.open(folder.resolve(WEIGHTS))) {
      LoraAdapter adapter = LoraAdapter.attach(slots, method, 0);
      try {
        load(file, adapter, folder);
        return adapter;
      } catch (RuntimeException e) {
        adapter.close();
        throw e;
      }
    }
  }

  private static void load(SafeTensors file, LoraAdapter adapter, Path folder) {
    Set<String> surplus = new LinkedHashSet<>(file.names());
    try (Scope _ = Scope.open();
        NoGrad _ = NoGrad.open()) {
      for (ParameterSpec spec : adapter.parameters().specs()) {
        String name = PREFIX + spec.name();
        if (!surplus.remove(name)) {
          throw mismatch("weights.missing-tensor", folder + " lacks " + name);
        }
        if (!file.shape(name).equals(spec.shape())) {
          throw mismatch(
              "weights.wrong-shape",
              name
                  + " in "
                  + folder
                  + " has shape "
                  + file.shape(name)
                  + ", expected "
                  + spec.shape());
        }
        Tensor stored = file.tensor(name).to(DType.FLOAT32);
        if (!stored.isFinite().all()) {
          throw mismatch(
              "weights.not-finite", name + " in " + folder + " holds NaN or infinite values");
        }
        adapter.parameters().value(spec.name()).copyInPlace(stored);
      }
    }
    if (!surplus.isEmpty()) {
      throw mismatch(
          "weights.surplus-tensor",
          folder + " holds " + surplus.iterator().next() + ", for which the model has no place");
    }
  }

  /**
   * Writes an adapter as PEFT does, in float32.
   *
   * @param base the model that it belongs to, as PEFT is to find it
   */
  public static void write(Path folder, LoraAdapter adapter, String base) {
    AtomicFiles.writeFolder(
        folder,
        partial -> {
          Map<String, Tensor> tensors = new LinkedHashMap<>();
          for (ParameterSpec spec : adapter.parameters().specs()) {
            tensors.put(PREFIX + spec.name(), adapter.parameters().value(spec.name()));
          }
          SafeTensors.write(partial.resolve(WEIGHTS), tensors, DType.FLOAT32);
          AtomicFiles.write(partial.resolve(CONFIG), Json.write(config(adapter, base)));
        });
  }

  private static ObjectNode config(LoraAdapter adapter, String base) {
    TuningMethod.Lora method = adapter.method();
    ObjectNode json = Json.object();
    json.put("base_model_name_or_path", base);
    json.put("bias", "none");
    json.put("fan_in_fan_out", adapter.storedByInput());
    json.put("inference_mode", true);
    json.put("init_lora_weights", true);
    json.put("lora_alpha", method.alpha());
    json.put("lora_dropout", method.dropout());
    if (!method.modulesToSave().isEmpty()) {
      method.modulesToSave().forEach(json.putArray("modules_to_save")::add);
    }
    json.put("peft_type", "LORA");
    json.put("r", method.rank());
    switch (method.targets()) {
      case Targets.AllLinear _ -> json.put("target_modules", Targets.ALL_LINEAR);
      case Targets.Matching(String pattern) -> json.put("target_modules", pattern);
      case Targets.Named(List<String> names, List<Integer> layers) -> {
        ArrayNode array = json.putArray("target_modules");
        names.forEach(array::add);
        if (!layers.isEmpty()) {
          ArrayNode chosen = json.putArray("layers_to_transform");
          layers.forEach(chosen::add);
        }
      }
    }
    json.put("task_type", "CAUSAL_LM");
    json.put("use_dora", method.decomposed());
    json.put("use_rslora", method.rankStabilised());
    return json;
  }

  private static SlipwayException mismatch(String code, String sentence) {
    return new SlipwayException(
        Exit.INPUT, code, sentence, "check that the adapter was made for this model");
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
