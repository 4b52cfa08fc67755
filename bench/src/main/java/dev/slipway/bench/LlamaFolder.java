package dev.slipway.bench;

import dev.slipway.base.Json;
import dev.slipway.model.decoder.ConfigJson;
import dev.slipway.model.llama.LlamaConfig;
import dev.slipway.nn.ParameterSet;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import dev.slipway.weights.SafeTensors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.node.ObjectNode;

/** Model folders in Llama's shape with random weights from a seed. */
final class LlamaFolder {
  private LlamaFolder() {}

  /** A {@code config.json} to which more can be added. */
  static ObjectNode config(
      int vocabulary, int hidden, int intermediate, int layers, int heads, DType dtype) {
    ObjectNode config = Json.object();
    config.put("model_type", "llama");
    config.putArray("architectures").add("LlamaForCausalLM");
    config.put("vocab_size", vocabulary);
    config.put("hidden_size", hidden);
    config.put("intermediate_size", intermediate);
    config.put("num_hidden_layers", layers);
    config.put("num_attention_heads", heads);
    config.put("num_key_value_heads", heads);
    config.put("max_position_embeddings", 2048);
    config.put("dtype", dtype.name().toLowerCase(Locale.ROOT));
    return config;
  }

  /** Writes the weights, and last the configuration: a folder that has it is whole. */
  static void write(Path folder, ObjectNode config, DType dtype, long seed) throws IOException {
    LlamaConfig llama = LlamaConfig.read(new ConfigJson(config, "config.json"));
    Files.createDirectories(folder);
    try (Scope _ = Scope.open();
        ParameterSet parameters = ParameterSet.frozen(llama.parameters())) {
      parameters.initialise(seed);
      Map<String, Tensor> tensors = new TreeMap<>();
      for (ParameterSpec spec : parameters.specs()) {
        tensors.put(spec.name(), parameters.value(spec.name()));
      }
      SafeTensors.write(folder.resolve("model.safetensors"), tensors, dtype);
    }
    Files.writeString(folder.resolve("config.json"), Json.write(config), StandardCharsets.UTF_8);
  }
}
