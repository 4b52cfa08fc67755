package dev.slipway.model.gpt;

import dev.slipway.base.AtomicFiles;
import dev.slipway.base.Json;
import dev.slipway.model.ConfigFile;
import dev.slipway.nn.ParameterSet;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Scope;
import dev.slipway.weights.SafeTensors;
import dev.slipway.weights.ShardedWeights;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/**
 * A model folder in Hugging Face layout: {@code config.json}, {@code generation_config.json},
 * {@code model.safetensors} (or shards with an index), and texts beside them such as {@code
 * tokenizer.json} and {@code README.md}, of which this class knows nothing.
 *
 * @param config the network
 * @param parameters its values; the caller closes them
 * @param ids special tokens
 */
public record GptFolder(GptConfig config, ParameterSet parameters, SpecialIds ids) {
  private static final String GENERATION = "generation_config.json";
  private static final String WEIGHTS = "model.safetensors";

  /**
   * Writes a folder, whole or not at all, in place of one that was.
   *
   * @param dtype what the weights are stored as
   * @param texts further files by name
   */
  public static void save(
      Path folder,
      GptConfig config,
      ParameterSet parameters,
      SpecialIds ids,
      DType dtype,
      Map<String, String> texts) {
    AtomicFiles.writeFolder(
        folder,
        partial -> {
          try (Scope _ = Scope.open()) {
            SafeTensors.write(
                partial.resolve(WEIGHTS), GptWeights.tensors(config, parameters), dtype);
          }
          Map<String, String> files = new TreeMap<>(texts);
          files.put(ConfigFile.NAME, Json.write(GptHuggingFace.config(config, ids, dtype)));
          files.put(GENERATION, Json.write(GptHuggingFace.generationConfig(ids)));
          for (Map.Entry<String, String> file : files.entrySet()) {
            Files.write(
                partial.resolve(file.getKey()), file.getValue().getBytes(StandardCharsets.UTF_8));
          }
        });
  }

  /** Whether a folder says that its network is one of these. */
  public static boolean is(Path folder) {
    return Files.isRegularFile(folder.resolve(ConfigFile.NAME))
        && GptHuggingFace.isOne(ConfigFile.read(folder));
  }

  /** Opens a folder to answer with: its parameters have no gradients. */
  public static GptFolder open(Path folder) {
    return open(folder, false);
  }

  /** Opens a folder to train further. */
  public static GptFolder openTrainable(Path folder) {
    return open(folder, true);
  }

  /** Reads {@code config.json} alone. */
  public static GptConfig config(Path folder) {
    return GptHuggingFace.read(ConfigFile.read(folder), folder.resolve(ConfigFile.NAME).toString());
  }

  private static GptFolder open(Path folder, boolean trainable) {
    JsonNode json = ConfigFile.read(folder);
    GptConfig config = GptHuggingFace.read(json, folder.resolve(ConfigFile.NAME).toString());
    Path generation = folder.resolve(GENERATION);
    SpecialIds ids =
        GptHuggingFace.readIds(
            json, Files.isRegularFile(generation) ? Json.read(generation) : null);
    try (ShardedWeights weights = ShardedWeights.open(folder)) {
      GptWeights.check(config, weights, folder.toString());
      ParameterSet parameters =
          trainable
              ? ParameterSet.allocate(config.parameters())
              : ParameterSet.frozen(config.parameters());
      try {
        GptWeights.load(config, weights, parameters);
        return new GptFolder(config, parameters, ids);
      } catch (RuntimeException e) {
        parameters.close();
        throw e;
      }
    }
  }
}
