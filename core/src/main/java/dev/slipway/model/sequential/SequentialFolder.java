package dev.slipway.model.sequential;

import dev.slipway.base.AtomicFiles;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.base.binding.Binder;
import dev.slipway.base.binding.JsonWriter;
import dev.slipway.base.binding.Problem;
import dev.slipway.base.binding.Shape;
import dev.slipway.base.binding.YamlReader;
import dev.slipway.model.NetworkFiles;
import dev.slipway.nn.InputShape;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A network of layers as a folder: {@code config.json} with its layers and inputs, {@code
 * model.safetensors} with parameters and buffers.
 */
public final class SequentialFolder {
  /** What {@code config.json} calls the architecture. */
  public static final String ARCHITECTURE = "SlipwaySequential";

  /** The layers as {@code config.json} has them. */
  private record Layers(List<Layer> layers, List<Head> heads) {}

  private static final Shape.Group SHAPE =
      new dev.slipway.base.binding.Shapes(List.of(Window.TYPE, Padding.TYPE))
          .document(Layers.class);

  private SequentialFolder() {}

  /** Writes the folder whole, with further files of text by name. */
  public static void save(Path folder, Sequential network, Map<String, String> texts) {
    AtomicFiles.writeFolder(
        folder,
        partial -> {
          write(partial, network);
          for (Map.Entry<String, String> file : new TreeMap<>(texts).entrySet()) {
            Files.write(
                partial.resolve(file.getKey()), file.getValue().getBytes(StandardCharsets.UTF_8));
          }
        });
  }

  /** Writes configuration and weights into a folder that is there. */
  public static void write(Path folder, Sequential network) throws IOException {
    SequentialConfig config = network.config();
    ObjectNode json = NetworkFiles.configOf(ARCHITECTURE, "slipway_sequential");
    json.set("inputs", Json.tree(config.inputs()));
    JsonNode layers = JsonWriter.write(new Layers(config.layers(), config.heads()), SHAPE);
    json.set("layers", layers.path("layers"));
    json.set("heads", layers.path("heads"));
    NetworkFiles.write(folder, json, network);
  }

  /**
   * Opens a folder to answer with.
   *
   * @throws SlipwayException if something is missing, surplus, of a wrong shape or not such a
   *     network
   */
  public static Sequential open(Path folder) {
    Sequential network = Sequential.frozen(config(folder));
    try {
      NetworkFiles.load(folder, network.parameters(), network.buffers());
      return network;
    } catch (RuntimeException e) {
      network.close();
      throw e;
    }
  }

  /** Reads {@code config.json} alone. */
  public static SequentialConfig config(Path folder) {
    JsonNode json = NetworkFiles.config(folder, ARCHITECTURE);
    String file = folder.resolve("config.json").toString();
    List<InputShape> inputs = new ArrayList<>();
    json.path("inputs")
        .forEach(input -> inputs.add(Json.MAPPER.convertValue(input, InputShape.class)));
    ObjectNode document = Json.object();
    document.set("layers", json.path("layers"));
    document.set("heads", json.path("heads"));
    Binder.Bound<Layers> bound =
        Binder.bind(
            YamlReader.parse(Json.MAPPER.writeValueAsString(document), file),
            SHAPE,
            Layers.class,
            _ -> null);
    Layers layers = bound.value();
    if (!bound.problems().isEmpty() || layers == null) {
      throw Problem.exception("model.config", file, bound.problems());
    }
    return new SequentialConfig(inputs, layers.layers(), layers.heads());
  }
}
