package dev.slipway.model.pretrained;

import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.model.gguf.GgufModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What sentence-transformers' {@code CrossEncoder} does before and after an encoder whose head
 * gives one number for a pair of texts.
 *
 * @param encoder the folder of the encoder and its tokenizer
 * @param activation of the number
 * @param longest how many tokens of a pair are taken, special ones included; null where nothing
 *     says so
 * @param lowerCase whether texts are put into lower case first
 * @param typed whether the model is told which text a token is of
 */
public record CrossEncoderModules(
    Path encoder,
    Activation activation,
    @Nullable Integer longest,
    boolean lowerCase,
    boolean typed) {
  /** Classes of transformers' that leave types out unless {@code model_input_names} has them. */
  private static final Set<String> UNTYPED = Set.of("TokenizersBackend", "PreTrainedTokenizerFast");

  /** What becomes of the head's number; PyTorch's modules of these names. */
  public enum Activation {
    SIGMOID("Sigmoid"),
    IDENTITY("Identity"),
    TANH("Tanh"),
    RELU("ReLU");

    private final String spelling;

    Activation(String spelling) {
      this.spelling = spelling;
    }

    /** The score of a logit. */
    public double apply(double logit) {
      return switch (this) {
        case SIGMOID -> 1 / (1 + Math.exp(-logit));
        case IDENTITY -> logit;
        case TANH -> Math.tanh(logit);
        case RELU -> Math.max(0, logit);
      };
    }
  }

  /** Whether a folder is a cross-encoder's: one label, by itself or behind {@code modules.json}. */
  public static boolean is(Path folder) {
    if (GgufModel.is(folder)) {
      return false;
    }
    Path modules = folder.resolve("modules.json");
    if (!Files.isRegularFile(modules)) {
      return EncoderFolder.hasOneLabel(folder);
    }
    JsonNode list = Json.read(modules);
    return list.size() == 1
        && EncoderFolder.hasOneLabel(
            SentenceModules.inside(folder, list.path(0).path("path").asString(""), modules));
  }

  /**
   * Reads a folder that {@link #is} a cross-encoder's.
   *
   * @throws SlipwayException {@code model.unsupported-setting} for an activation or a prompt that
   *     Slipway does not have
   */
  public static CrossEncoderModules of(Path folder) {
    Path modules = folder.resolve("modules.json");
    Path encoder =
        Files.isRegularFile(modules)
            ? SentenceModules.inside(
                folder, Json.read(modules).path(0).path("path").asString(""), modules)
            : folder;
    JsonNode settings = SentenceModules.optional(encoder.resolve("sentence_bert_config.json"));
    JsonNode own = SentenceModules.optional(folder.resolve("config_sentence_transformers.json"));
    if (!own.path("default_prompt_name").asString("").isEmpty()) {
      throw unsupported(
          folder + " has a prompt that goes before each pair", "cross-encoders without one");
    }
    JsonNode limit = settings.path("max_seq_length");
    return new CrossEncoderModules(
        encoder,
        activation(own, ModelFolder.at(encoder).config(), folder),
        limit.isIntegralNumber() && limit.asInt() > 0
            ? Integer.valueOf(limit.asInt())
            : SentenceModules.tokenizerLimit(encoder),
        settings.path("do_lower_case").asBoolean(false),
        typed(SentenceModules.optional(encoder.resolve("tokenizer_config.json"))));
  }

  private static boolean typed(JsonNode tokenizer) {
    JsonNode names = tokenizer.path("model_input_names");
    return names.isArray()
        ? names.valueStream().anyMatch(name -> name.asString("").equals("token_type_ids"))
        : !UNTYPED.contains(tokenizer.path("tokenizer_class").asString(""));
  }

  /** As today's sentence-transformers writes it, as version 4 did and as those before. */
  static Activation activation(JsonNode own, JsonNode config, Path folder) {
    String path =
        own.path("activation_fn")
            .asString(
                config
                    .path("sentence_transformers")
                    .path("activation_fn")
                    .asString(config.path("sbert_ce_default_activation_function").asString("")));
    if (!path.startsWith("torch.")) {
      return Activation.SIGMOID; // also of code that comes with a model, which is never executed
    }
    List<String> known = new ArrayList<>();
    for (Activation activation : Activation.values()) {
      if (path.endsWith("." + activation.spelling)) {
        return activation;
      }
      known.add(activation.spelling);
    }
    throw unsupported(folder + " has the activation_fn " + path, String.join(", ", known));
  }

  private static SlipwayException unsupported(String came, String expected) {
    return new SlipwayException(
        Exit.INPUT,
        "model.unsupported-setting",
        came + ", Slipway knows " + expected,
        "choose a model without this setting");
  }
}
