package dev.slipway.model.factorisation;

import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.model.NetworkFiles;
import dev.slipway.nn.InputShape;
import dev.slipway.nn.ParameterSet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
    ObjectNode json = NetworkFiles.configOf(ARCHITECTURE, "slipway_factorisation");
    json.set("inputs", Json.tree(inputs));
    json.set("size", Json.tree(network.config().size()));
    NetworkFiles.write(folder, json, network);
  }

  /**
   * Opens a folder to answer with.
   *
   * @throws SlipwayException {@code model.weights} unless the tensors are those of the
   *     configuration
   */
  public static Factorisation open(Path folder) {
    JsonNode json = NetworkFiles.config(folder, ARCHITECTURE);
    List<InputShape> inputs = new ArrayList<>();
    json.path("inputs")
        .forEach(input -> inputs.add(Json.MAPPER.convertValue(input, InputShape.class)));
    FactorisationConfig config =
        Factorisation.config(
            Json.MAPPER.convertValue(json.path("size"), FactorisationConfig.Size.class), inputs);
    ParameterSet parameters = ParameterSet.frozen(config.parameters());
    try {
      NetworkFiles.load(folder, parameters);
      return new Factorisation(config, inputs, parameters);
    } catch (RuntimeException e) {
      parameters.close();
      throw e;
    }
  }
}
