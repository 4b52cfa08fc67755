package dev.slipway.model.sequential;

import dev.slipway.base.AtomicFiles;
import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.base.binding.Binder;
import dev.slipway.base.binding.JsonWriter;
import dev.slipway.base.binding.Problem;
import dev.slipway.base.binding.Shape;
import dev.slipway.base.binding.YamlReader;
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

  private static final String CONFIG = "config.json";

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
    try (Scope _ = Scope.open()) {
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      collect(network.parameters(), tensors);
      collect(network.buffers(), tensors);
      SafeTensors.write(folder.resolve("model.safetensors"), tensors, DType.FLOAT32);
    }
    SequentialConfig config = network.config();
    ObjectNode json = Json.object();
    json.putArray("architectures").add(ARCHITECTURE);
    json.put("model_type", "slipway_sequential");
    json.set("inputs", Json.tree(config.inputs()));
    JsonNode layers = JsonWriter.write(new Layers(config.layers(), config.heads()), SHAPE);
    json.set("layers", layers.path("layers"));
    json.set("heads", layers.path("heads"));
    Files.write(folder.resolve(CONFIG), Json.write(json).getBytes(StandardCharsets.UTF_8));
  }

  private static void collect(ParameterSet set, Map<String, Tensor> tensors) {
    for (ParameterSpec spec : set.specs()) {
      tensors.put(spec.name(), set.value(spec.name()).detach());
    }
  }

  /**
   * Opens a folder to answer with.
   *
   * @throws SlipwayException if something is missing, surplus, of a wrong shape or not such a
   *     network
   */
  public static Sequential open(Path folder) {
    Sequential network = Sequential.frozen(config(folder));
    try (ShardedWeights weights = ShardedWeights.open(folder)) {
      List<ParameterSpec> specs = new ArrayList<>(network.parameters().specs());
      specs.addAll(network.buffers().specs());
      check(specs, weights, folder);
      load(network.parameters(), weights);
      load(network.buffers(), weights);
      return network;
    } catch (RuntimeException e) {
      network.close();
      throw e;
    }
  }

  /** Reads {@code config.json} alone. */
  public static SequentialConfig config(Path folder) {
    Path file = folder.resolve(CONFIG);
    if (!Files.isRegularFile(file)) {
      throw new SlipwayException(
          Exit.INPUT,
          "model.missing-file",
          folder + " has no config.json, expected a model's folder",
          "check the path, or copy the folder again");
    }
    JsonNode json = Json.read(file);
    String architecture = json.path("architectures").path(0).asString("");
    if (!architecture.equals(ARCHITECTURE)) {
      throw new SlipwayException(
          Exit.INPUT,
          "model.architecture",
          file + " is of the architecture " + architecture + ", expected " + ARCHITECTURE,
          "open it with the command for its kind of model");
    }
    List<InputShape> inputs = new ArrayList<>();
    json.path("inputs")
        .forEach(input -> inputs.add(Json.MAPPER.convertValue(input, InputShape.class)));
    ObjectNode document = Json.object();
    document.set("layers", json.path("layers"));
    document.set("heads", json.path("heads"));
    Binder.Bound<Layers> bound =
        Binder.bind(
            YamlReader.parse(Json.MAPPER.writeValueAsString(document), file.toString()),
            SHAPE,
            Layers.class,
            _ -> null);
    Layers layers = bound.value();
    if (!bound.problems().isEmpty() || layers == null) {
      throw Problem.exception("model.config", file.toString(), bound.problems());
    }
    return new SequentialConfig(inputs, layers.layers(), layers.heads());
  }

  private static void check(List<ParameterSpec> specs, ShardedWeights weights, Path folder) {
    List<String> surplus = new ArrayList<>(weights.names());
    for (ParameterSpec spec : specs) {
      if (!surplus.remove(spec.name())) {
        throw wrong(folder, "lacks the tensor " + spec.name(), "every tensor of its config.json");
      }
      if (!weights.shape(spec.name()).equals(spec.shape())) {
        throw wrong(
            folder, spec.name() + " is " + weights.shape(spec.name()), spec.shape().toString());
      }
    }
    if (!surplus.isEmpty()) {
      throw wrong(folder, "has the tensor " + surplus.getFirst(), "only those of its config.json");
    }
  }

  private static SlipwayException wrong(Path folder, String came, String expected) {
    return new SlipwayException(
        Exit.INPUT,
        "model.weights",
        folder + ": model.safetensors: " + came + ", expected " + expected,
        "use the weights that belong to this config.json");
  }

  private static void load(ParameterSet set, ShardedWeights weights) {
    for (ParameterSpec spec : set.specs()) {
      try (Scope _ = Scope.open()) {
        set.value(spec.name()).copyInPlace(weights.tensor(spec.name()));
      }
    }
  }
}
