package dev.slipway.model.seq2seq;

import dev.slipway.base.AtomicFiles;
import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.base.binding.Auto;
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
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * An encoder–decoder transformer as a folder: {@code config.json} with its sizes, {@code
 * model.safetensors} with its parameters.
 */
public final class EncoderDecoderFolder {
  /** What {@code config.json} calls the architecture. */
  public static final String ARCHITECTURE = "SlipwayEncoderDecoder";

  private static final String CONFIG = "config.json";

  private EncoderDecoderFolder() {}

  /** Writes the folder whole, with further files of text by name. */
  public static void save(Path folder, EncoderDecoder network, Map<String, String> texts) {
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
  public static void write(Path folder, EncoderDecoder network) throws IOException {
    try (Scope _ = Scope.open()) {
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      for (ParameterSpec spec : network.parameters().specs()) {
        tensors.put(spec.name(), network.parameters().value(spec.name()).detach());
      }
      SafeTensors.write(folder.resolve("model.safetensors"), tensors, DType.FLOAT32);
    }
    EncoderDecoderConfig config = network.config();
    EncoderDecoderConfig.Size size = config.size();
    ObjectNode json = Json.object();
    json.putArray("architectures").add(ARCHITECTURE);
    json.put("model_type", "slipway_encoder_decoder");
    json.put("source_vocab_size", config.sourceVocabulary());
    json.put("target_vocab_size", config.targetVocabulary());
    json.put("encoder_layers", size.layers());
    json.put("decoder_layers", size.decoders());
    json.put("hidden_size", size.hidden());
    json.put("num_attention_heads", size.heads());
    json.put("intermediate_size", size.inner());
    json.put("dropout", size.dropout());
    json.put("shared_embeddings", size.sharedEmbeddings());
    json.put("tie_word_embeddings", size.tiedHead());
    json.put("positions", size.positions().name().toLowerCase(Locale.ROOT));
    json.put("norm", size.norm().name().toLowerCase(Locale.ROOT));
    json.put("max_position_embeddings", size.context());
    Files.write(folder.resolve(CONFIG), Json.write(json).getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Opens a folder to answer with.
   *
   * @throws SlipwayException if something is missing, surplus, of a wrong shape or not such a
   *     network
   */
  public static EncoderDecoder open(Path folder) {
    EncoderDecoderConfig config = config(folder);
    ParameterSet parameters = ParameterSet.frozen(config.parameters());
    try (ShardedWeights weights = ShardedWeights.open(folder)) {
      List<String> surplus = new ArrayList<>(weights.names());
      for (ParameterSpec spec : parameters.specs()) {
        if (!surplus.remove(spec.name())) {
          throw wrong(folder, "lacks the tensor " + spec.name(), "every tensor of its config.json");
        }
        if (!weights.shape(spec.name()).equals(spec.shape())) {
          throw wrong(
              folder, spec.name() + " is " + weights.shape(spec.name()), spec.shape().toString());
        }
        try (Scope _ = Scope.open()) {
          parameters.value(spec.name()).copyInPlace(weights.tensor(spec.name()));
        }
      }
      if (!surplus.isEmpty()) {
        throw wrong(folder, "has the tensor " + surplus.getFirst(), "only its config.json's");
      }
      return new EncoderDecoder(config, parameters);
    } catch (RuntimeException e) {
      parameters.close();
      throw e;
    }
  }

  private static SlipwayException wrong(Path folder, String came, String expected) {
    return new SlipwayException(
        Exit.INPUT,
        "model.weights",
        folder + ": model.safetensors: " + came + ", expected " + expected,
        "use the weights that belong to this config.json");
  }

  /** Reads {@code config.json} alone. */
  public static EncoderDecoderConfig config(Path folder) {
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
    try {
      EncoderDecoderConfig.Size size =
          new EncoderDecoderConfig.Size(
              number(json, "encoder_layers"),
              Auto.of(number(json, "decoder_layers")),
              number(json, "hidden_size"),
              number(json, "num_attention_heads"),
              Auto.of(number(json, "intermediate_size")),
              json.path("dropout").asDouble(0),
              json.path("shared_embeddings").asBoolean(false),
              json.path("tie_word_embeddings").asBoolean(false),
              EncoderDecoderConfig.Positions.valueOf(word(json, "positions")),
              EncoderDecoderConfig.NormPlace.valueOf(word(json, "norm")),
              number(json, "max_position_embeddings"));
      return new EncoderDecoderConfig(
          number(json, "source_vocab_size"), number(json, "target_vocab_size"), size);
    } catch (RuntimeException e) {
      throw new SlipwayException(
          Exit.INPUT,
          "model.config",
          file + ": " + e.getMessage(),
          "copy the folder again from where it was made",
          e);
    }
  }

  private static int number(JsonNode json, String key) {
    int number = json.path(key).asInt(0);
    if (number < 1) {
      throw new IllegalArgumentException(key + " is " + json.path(key) + ", expected 1 or more");
    }
    return number;
  }

  private static String word(JsonNode json, String key) {
    return json.path(key).asString("").toUpperCase(Locale.ROOT);
  }
}
