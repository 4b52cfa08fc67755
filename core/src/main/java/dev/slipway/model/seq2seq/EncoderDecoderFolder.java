package dev.slipway.model.seq2seq;

import dev.slipway.base.AtomicFiles;
import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.base.binding.Auto;
import dev.slipway.model.NetworkFiles;
import dev.slipway.nn.ParameterSet;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
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
    EncoderDecoderConfig config = network.config();
    EncoderDecoderConfig.Size size = config.size();
    ObjectNode json = NetworkFiles.configOf(ARCHITECTURE, "slipway_encoder_decoder");
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
    NetworkFiles.write(folder, json, network);
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
    try {
      NetworkFiles.load(folder, parameters);
      return new EncoderDecoder(config, parameters);
    } catch (RuntimeException e) {
      parameters.close();
      throw e;
    }
  }

  /** Reads {@code config.json} alone. */
  public static EncoderDecoderConfig config(Path folder) {
    JsonNode json = NetworkFiles.config(folder, ARCHITECTURE);
    Path file = folder.resolve("config.json");
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
