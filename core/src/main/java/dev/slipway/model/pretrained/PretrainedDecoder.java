package dev.slipway.model.pretrained;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.model.ModelFiles;
import dev.slipway.model.decoder.Checkpoint;
import dev.slipway.model.decoder.ConfigJson;
import dev.slipway.model.decoder.DecoderConfig;
import dev.slipway.model.decoder.DecoderNetwork;
import dev.slipway.model.decoder.MappedWeights;
import dev.slipway.model.decoder.ScoringConfig;
import dev.slipway.model.gemma3.Gemma3Config;
import dev.slipway.model.gpt.GptHuggingFace;
import dev.slipway.model.gpt.SpecialIds;
import dev.slipway.model.gpt2.Gpt2Config;
import dev.slipway.model.llama.LlamaConfig;
import dev.slipway.model.mistral.MistralConfig;
import dev.slipway.model.qwen2.Qwen2Config;
import dev.slipway.model.qwen3.Qwen3Config;
import dev.slipway.model.qwen3moe.Qwen3MoeConfig;
import dev.slipway.nn.ParameterSet;
import dev.slipway.tensor.DType;
import dev.slipway.weights.Residence;
import dev.slipway.weights.WeightSource;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/**
 * A published decoder: a folder with {@code config.json}, {@code generation_config.json} and {@code
 * model.safetensors} (or shards with an index), or a GGUF file. Frozen: its weights are the mapped
 * file wherever they are stored in the type that is computed with.
 */
public final class PretrainedDecoder implements AutoCloseable {
  /** Readers of {@code config.json} by its {@code model_type}. */
  private static final Map<String, Function<ConfigJson, DecoderConfig>> READERS =
      new TreeMap<>(
          Map.of(
              "gemma3_text", Gemma3Config::read,
              "gpt2", Gpt2Config::read,
              "llama", LlamaConfig::read,
              "mistral", MistralConfig::read,
              "qwen2", Qwen2Config::read,
              "qwen3", Qwen3Config::read,
              "qwen3_moe", Qwen3MoeConfig::read));

  private final DecoderConfig config;
  private final SpecialIds ids;
  private final WeightSource file;
  private final MappedWeights weights;
  private final DecoderNetwork network;

  private PretrainedDecoder(
      DecoderConfig config,
      SpecialIds ids,
      WeightSource file,
      MappedWeights weights,
      DecoderNetwork network) {
    this.config = config;
    this.ids = ids;
    this.file = file;
    this.weights = weights;
    this.network = network;
  }

  /**
   * Opens a folder or a GGUF file.
   *
   * @param computeType of matrix products, FLOAT32 or BFLOAT16
   */
  public static PretrainedDecoder open(Path path, DType computeType) {
    return open(ModelFolder.at(path), computeType);
  }

  /** As {@link #open(Path, DType)}. */
  public static PretrainedDecoder open(ModelFiles files, DType computeType) {
    DecoderConfig described = config(files);
    requireLanguageModel(described, files.name());
    return open(files, described, computeType);
  }

  /**
   * Opens a model with a score in the place of its head.
   *
   * @throws SlipwayException {@code model.no-score} where it is a language model
   */
  public static PretrainedDecoder openScoring(Path path, DType computeType) {
    ModelFiles files = ModelFolder.at(path);
    DecoderConfig described = config(files);
    if (!(described instanceof ScoringConfig)) {
      throw new SlipwayException(
          Exit.INPUT,
          "model.no-score",
          path + " is a language model (" + described.architecture() + "), expected a reward model",
          "make one with task: reward-modelling in a recipe, or score a text with --text");
    }
    return open(files, described, computeType);
  }

  private static PretrainedDecoder open(
      ModelFiles files, DecoderConfig described, DType computeType) {
    SpecialIds ids = specialIds(files);
    WeightSource file = files.openWeights();
    try {
      Checkpoint checkpoint = Checkpoint.check(file, described, files.name());
      DecoderConfig config = checkpoint.config();
      MappedWeights weights = new MappedWeights(checkpoint, computeType);
      try {
        return new PretrainedDecoder(config, ids, file, weights, config.network(weights));
      } catch (RuntimeException e) {
        weights.close();
        throw e;
      }
    } catch (RuntimeException e) {
      file.close();
      throw e;
    }
  }

  /**
   * @throws SlipwayException {@code model.scores} where a model gives scores and writes no text
   */
  public static void requireLanguageModel(DecoderConfig config, String name) {
    if (config instanceof ScoringConfig) {
      throw new SlipwayException(
          Exit.INPUT,
          "model.scores",
          name + " is a reward model (" + config.architecture() + "), expected a language model",
          "ask it for rewards with `slipway score " + name + " --messages FILE`");
    }
  }

  /**
   * A model to train in full.
   *
   * @param config of the network, to be made over the parameters
   * @param parameters in float32 with gradients; the caller closes them
   */
  public record Trainable(DecoderConfig config, ParameterSet parameters) {}

  /** Opens a folder or a GGUF file to train all of it. */
  public static Trainable trainable(Path path) {
    ModelFiles files = ModelFolder.at(path);
    try (WeightSource file = files.in(Residence.MAPPED_ONCE).openWeights()) {
      Checkpoint checkpoint = Checkpoint.check(file, config(files), files.name());
      ParameterSet parameters = ParameterSet.allocate(checkpoint.config().parameters());
      try {
        checkpoint.load(parameters);
        return new Trainable(checkpoint.config(), parameters);
      } catch (RuntimeException e) {
        parameters.close();
        throw e;
      }
    }
  }

  /** Reads the configuration alone. */
  public static DecoderConfig config(Path path) {
    return config(ModelFolder.at(path));
  }

  /** As {@link #config(Path)}. */
  public static DecoderConfig config(ModelFiles files) {
    return read(files.config(), files.configName());
  }

  /** Ids that {@code generation_config.json}, else {@code config.json}, gives a meaning. */
  public static SpecialIds specialIds(Path path) {
    return specialIds(ModelFolder.at(path));
  }

  /** As {@link #specialIds(Path)}. */
  public static SpecialIds specialIds(ModelFiles files) {
    return GptHuggingFace.readIds(files.config(), files.generationConfig())
        .below(config(files).shape().vocabularySize());
  }

  /**
   * Reads {@code config.json}.
   *
   * @param source what it is called in an error
   * @throws SlipwayException {@code model.unknown-architecture}, {@code model.unsupported-setting}
   *     or {@code model.bad-config}
   */
  public static DecoderConfig read(JsonNode json, String source) {
    ConfigJson config = new ConfigJson(json, source);
    String type = config.text("model_type", "");
    Function<ConfigJson, DecoderConfig> reader = READERS.get(type);
    if (reader == null) {
      String architectures = String.join(", ", config.texts("architectures"));
      throw new SlipwayException(
          Exit.INPUT,
          "model.unknown-architecture",
          source
              + (type.isEmpty() ? " has no model_type" : " has the model_type " + type)
              + (architectures.isEmpty() ? "" : " (" + architectures + ")")
              + ", expected one of "
              + String.join(", ", READERS.keySet()),
          EncoderFolder.isModelType(type)
              ? "bert and roberta are opened by `slipway embed`, `predict` and recipes"
              : "choose a model of one of these architectures; bert and roberta make vectors of"
                  + " texts");
    }
    if (config.has("quantization_config")) {
      throw config.unsupported(
          "quantization_config",
          config.object("quantization_config").text("quant_method", "of some kind"),
          "weights in F32, BF16 and F16");
    }
    try {
      DecoderConfig decoder = reader.apply(config);
      return config.texts("architectures").contains(ScoringConfig.architecture(decoder))
          ? published(config, decoder)
          : decoder;
    } catch (IllegalArgumentException e) {
      throw new SlipwayException(
          Exit.INPUT,
          "model.bad-config",
          source + ": " + e.getMessage(),
          "put back the config.json that belongs to the weights",
          e);
    }
  }

  /** Reads the configuration of a model with a score in its head's place, whatever it has now. */
  public static ScoringConfig scoring(Path path) {
    ModelFiles files = ModelFolder.at(path);
    return config(files) instanceof ScoringConfig published
        ? published
        : scoring(new ConfigJson(files.config(), files.configName()), config(files));
  }

  private static ScoringConfig scoring(ConfigJson json, DecoderConfig decoder) {
    return new ScoringConfig(decoder, json.number("pad_token_id", -1));
  }

  private static ScoringConfig published(ConfigJson json, DecoderConfig decoder) {
    int labels =
        json.has("id2label") ? json.object("id2label").size() : json.number("num_labels", 2);
    if (labels != 1) {
      throw json.unsupported(
          "architectures", "a head of " + labels + " labels", "one label, a score");
    }
    return scoring(json, decoder);
  }

  public DecoderConfig config() {
    return config;
  }

  /** Over frozen weights, which this object owns. */
  public DecoderNetwork network() {
    return network;
  }

  public SpecialIds ids() {
    return ids;
  }

  @Override
  public void close() {
    weights.close();
    file.close();
  }
}
