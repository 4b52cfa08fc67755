package dev.slipway.model.factorisation;

import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.nn.InputShape;
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

/** A factorisation as {@code config.json} and {@code model.safetensors}. */
public final class FactorisationFolder {
  /** What {@code config.json} calls the architecture. */
  public static final String ARCHITECTURE = "SlipwayFactorisation";

  private FactorisationFolder() {}

  /** Writes configuration and weights into a folder that is there. */
  public static void write(Path folder, Factorisation network, List<InputShape> inputs)
      throws IOException {
    try (Scope _ = Scope.open()) {
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      for (ParameterSpec spec : network.parameters().specs()) {
        tensors.put(spec.name(), network.parameters().value(spec.name()).detach());
      }
      SafeTensors.write(folder.resolve("model.safetensors"), tensors, DType.FLOAT32);
    }
    ObjectNode json = Json.object();
    json.putArray("architectures").add(ARCHITECTURE);
    json.put("model_type", "slipway_factorisation");
    json.set("inputs", Json.tree(inputs));
    json.set("size", Json.tree(network.config().size()));
    Files.write(folder.resolve("config.json"), Json.write(json).getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Opens a folder to answer with.
   *
   * @throws SlipwayException {@code model.weights} unless the tensors are those of the
   *     configuration
   */
  public static Factorisation open(Path folder) {
    JsonNode json = Json.read(folder.resolve("config.json"));
    List<InputShape> inputs = new ArrayList<>();
    json.path("inputs")
        .forEach(input -> inputs.add(Json.MAPPER.convertValue(input, InputShape.class)));
    FactorisationConfig config =
        Factorisation.config(
            Json.MAPPER.convertValue(json.path("size"), FactorisationConfig.Size.class), inputs);
    ParameterSet parameters = ParameterSet.frozen(config.parameters());
    try (ShardedWeights weights = ShardedWeights.open(folder)) {
      for (ParameterSpec spec : parameters.specs()) {
        if (!weights.names().contains(spec.name())
            || !weights.shape(spec.name()).equals(spec.shape())
            || weights.names().size() != parameters.specs().size()) {
          throw new SlipwayException(
              Exit.INPUT,
              "model.weights",
              folder
                  + ": model.safetensors has "
                  + weights.names()
                  + ", expected "
                  + spec.name()
                  + " "
                  + spec.shape()
                  + " among "
                  + parameters.specs().size(),
              "use the weights that belong to this config.json");
        }
        try (Scope _ = Scope.open()) {
          parameters.value(spec.name()).copyInPlace(weights.tensor(spec.name()));
        }
      }
      return new Factorisation(config, inputs, parameters);
    } catch (RuntimeException e) {
      parameters.close();
      throw e;
    }
  }
}
