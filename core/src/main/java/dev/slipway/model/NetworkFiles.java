package dev.slipway.model;

import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.nn.ParameterSet;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import dev.slipway.weights.SafeTensors;
import dev.slipway.weights.ShardedWeights;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A network of any kind as {@code config.json} and {@code model.safetensors}; what stands in the
 * configuration beside its architecture is the kind's own matter.
 */
public final class NetworkFiles {
  private static final String CONFIG = "config.json";

  private NetworkFiles() {}

  /** The beginning of a configuration. */
  public static ObjectNode configOf(String architecture, String modelType) {
    ObjectNode json = Json.object();
    json.putArray("architectures").add(architecture);
    return json.put("model_type", modelType);
  }

  /** Writes a configuration, and parameters and buffers, into a folder that is there. */
  public static void write(Path folder, ObjectNode config, Network network) throws IOException {
    try (Scope _ = Scope.open()) {
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      for (ParameterSet set : List.of(network.parameters(), network.buffers())) {
        for (ParameterSpec spec : set.specs()) {
          tensors.put(spec.name(), set.value(spec.name()).detach());
        }
      }
      SafeTensors.write(folder.resolve("model.safetensors"), tensors, DType.FLOAT32);
    }
    Files.write(folder.resolve(CONFIG), Json.write(config).getBytes(StandardCharsets.UTF_8));
  }

  /** What architecture a folder's configuration names; empty where it names none. */
  public static String architecture(Path folder) {
    Path file = folder.resolve(CONFIG);
    if (!Files.isRegularFile(file)) {
      throw new SlipwayException(
          Exit.INPUT,
          "model.missing-file",
          folder + " has no config.json, expected a model's folder",
          "check the path, or copy the folder again");
    }
    return Json.read(file).path("architectures").path(0).asString("");
  }

  /**
   * Reads the configuration of a kind.
   *
   * @throws SlipwayException {@code model.missing-file}, {@code model.architecture}
   */
  public static JsonNode config(Path folder, String architecture) {
    String found = architecture(folder);
    if (!found.equals(architecture)) {
      throw new SlipwayException(
          Exit.INPUT,
          "model.architecture",
          folder.resolve(CONFIG)
              + " is of the architecture "
              + found
              + ", expected "
              + architecture,
          "open it with the command for its kind of model");
    }
    return Json.read(folder.resolve(CONFIG));
  }

  /**
   * Fills these parameters and buffers with a folder's tensors.
   *
   * @throws SlipwayException {@code model.weights} unless the tensors are exactly theirs
   */
  public static void load(Path folder, ParameterSet... sets) {
    try (ShardedWeights weights = ShardedWeights.open(folder)) {
      List<String> surplus = new ArrayList<>(weights.names());
      for (ParameterSet set : sets) {
        for (ParameterSpec spec : set.specs()) {
          if (!surplus.remove(spec.name())) {
            throw wrong(
                folder, "lacks the tensor " + spec.name(), "every tensor of its config.json");
          }
          if (!weights.shape(spec.name()).equals(spec.shape())) {
            throw wrong(
                folder, spec.name() + " is " + weights.shape(spec.name()), spec.shape().toString());
          }
        }
      }
      if (!surplus.isEmpty()) {
        throw wrong(
            folder, "has the tensor " + surplus.getFirst(), "only those of its config.json");
      }
      for (ParameterSet set : sets) {
        for (ParameterSpec spec : set.specs()) {
          try (Scope _ = Scope.open()) {
            set.value(spec.name()).copyInPlace(weights.tensor(spec.name()));
          }
        }
      }
    }
  }

  private static SlipwayException wrong(Path folder, String came, String expected) {
    return new SlipwayException(
        Exit.INPUT,
        "model.weights",
        folder + ": model.safetensors: " + came + ", expected " + expected,
        "use the weights that belong to this config.json");
  }
}
