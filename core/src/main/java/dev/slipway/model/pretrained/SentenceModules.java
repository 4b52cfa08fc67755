package dev.slipway.model.pretrained;

import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.model.encoder.Pooling;
import dev.slipway.model.gguf.GgufModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What sentence-transformers does before and after an encoder, read from {@code modules.json} and
 * the files that it names: a pooling, dense layers, normalisation to length 1. A folder without
 * {@code modules.json} is pooled by the mean over tokens.
 *
 * @param encoder the folder of the encoder and its tokenizer
 * @param steps after pooling, in order
 * @param longest how many tokens of a text are taken, special ones included; null where nothing
 *     says so
 * @param lowerCase whether texts are put into lower case first
 * @param prompt what every text begins with
 * @param promptPooled whether the prompt's tokens are pooled too
 */
public record SentenceModules(
    Path encoder,
    Pooling pooling,
    List<Step> steps,
    @Nullable Integer longest,
    boolean lowerCase,
    String prompt,
    boolean promptPooled) {
  /** What is done with pooled vectors. */
  public sealed interface Step {
    /** Divided by its length. */
    record Normalize() implements Step {}

    /**
     * {@code f(W x + b)} by the weights in a folder.
     *
     * @param activation {@code Tanh}, {@code Identity}, {@code ReLU}, {@code GELU} or {@code
     *     Sigmoid}
     */
    record Dense(Path folder, int in, int out, boolean bias, String activation) implements Step {}
  }

  private static final List<String> ACTIVATIONS =
      List.of("Tanh", "Identity", "ReLU", "GELU", "Sigmoid");

  public SentenceModules {
    steps = List.copyOf(steps);
  }

  /** Reads a folder, or a GGUF file, which says at most how tokens are pooled. */
  public static SentenceModules of(Path folder) {
    if (GgufModel.is(folder)) {
      String pooling = GgufModel.open(folder).pooling();
      Pooling pooled =
          pooling.isEmpty() ? Pooling.MEAN : new Pooling(List.of(mode(pooling, folder)));
      return new SentenceModules(folder, pooled, List.of(), null, false, "", true);
    }
    Path modules = folder.resolve("modules.json");
    if (!Files.isRegularFile(modules)) {
      return new SentenceModules(
          folder, Pooling.MEAN, List.of(), tokenizerLimit(folder), false, "", true);
    }
    Path encoder = folder;
    Pooling pooling = null;
    boolean promptPooled = true;
    List<Step> steps = new ArrayList<>();
    JsonNode list = Json.read(modules);
    for (int i = 0; i < list.size(); i++) {
      String type = list.path(i).path("type").asString("");
      Path path = inside(folder, list.path(i).path("path").asString(""), modules);
      String kind = type.substring(type.lastIndexOf('.') + 1);
      if (i == 0 && kind.equals("Transformer")) {
        encoder = path;
      } else if (i == 1 && kind.equals("Pooling")) {
        JsonNode config = Json.read(path.resolve("config.json"));
        pooling = pooling(config, path.resolve("config.json"));
        promptPooled = config.path("include_prompt").asBoolean(true);
      } else if (pooling != null && kind.equals("Normalize")) {
        steps.add(new Step.Normalize());
      } else if (pooling != null && kind.equals("Dense")) {
        steps.add(dense(path));
      } else {
        throw unsupported(
            modules + " has the module " + type + " at place " + i,
            "Transformer, Pooling, then Dense and Normalize");
      }
    }
    if (pooling == null) {
      throw unsupported(modules + " has no pooling", "Transformer, Pooling, then others");
    }
    JsonNode settings = optional(encoder.resolve("sentence_bert_config.json"));
    JsonNode limit = settings.path("max_seq_length");
    return new SentenceModules(
        encoder,
        pooling,
        steps,
        limit.isIntegralNumber() && limit.asInt() > 0
            ? Integer.valueOf(limit.asInt())
            : tokenizerLimit(encoder),
        settings.path("do_lower_case").asBoolean(false),
        prompt(optional(folder.resolve("config_sentence_transformers.json"))),
        promptPooled);
  }

  static JsonNode optional(Path file) {
    return Files.isRegularFile(file) ? Json.read(file) : Json.object();
  }

  static @Nullable Integer tokenizerLimit(Path folder) {
    JsonNode limit = optional(folder.resolve("tokenizer_config.json")).path("model_max_length");
    // Tokenizers without a limit say 1e30.
    return limit.isIntegralNumber() && limit.canConvertToInt() && limit.asInt() > 0
        ? Integer.valueOf(limit.asInt())
        : null;
  }

  /** What the folder's default prompt says; empty where it names none. */
  static String prompt(JsonNode config) {
    String name = config.path("default_prompt_name").asString("");
    return name.isEmpty() ? "" : config.path("prompts").path(name).asString("");
  }

  static Path inside(Path folder, String path, Path modules) {
    Path resolved = folder.resolve(path).normalize();
    if (!resolved.startsWith(folder.normalize())) {
      throw unsupported(modules + " has the path " + path, "folders inside of the model's");
    }
    return path.isEmpty() ? folder : resolved;
  }

  /** The pooling of a 1_Pooling/config.json, in today's and in older spellings. */
  private static Pooling pooling(JsonNode config, Path source) {
    JsonNode named = config.path("pooling_mode");
    List<Pooling.Mode> modes = new ArrayList<>();
    if (named.isArray()) {
      named.forEach(mode -> modes.add(mode(mode.asString(""), source)));
    } else if (named.isString()) {
      modes.add(mode(named.asString(""), source));
    } else {
      for (Pooling.Mode mode : Pooling.Mode.values()) {
        if (config.path(mode.oldKey()).asBoolean(false)) {
          modes.add(mode);
        }
      }
    }
    return modes.isEmpty() ? Pooling.MEAN : new Pooling(modes);
  }

  private static Pooling.Mode mode(String spelling, Path source) {
    List<String> known = new ArrayList<>();
    for (Pooling.Mode mode : Pooling.Mode.values()) {
      if (mode.spelling().equals(spelling)) {
        return mode;
      }
      known.add(mode.spelling());
    }
    throw unsupported(source + " has the pooling_mode " + spelling, String.join(", ", known));
  }

  private static Step dense(Path folder) {
    Path file = folder.resolve("config.json");
    JsonNode config = Json.read(file);
    String named = config.path("activation_function").asString("torch.nn.modules.activation.Tanh");
    String activation = named.substring(named.lastIndexOf('.') + 1);
    if (!ACTIVATIONS.contains(activation)) {
      throw unsupported(
          file + " has the activation_function " + named, String.join(", ", ACTIVATIONS));
    }
    int in = config.path("in_features").asInt(0);
    int out = config.path("out_features").asInt(0);
    if (in < 1 || out < 1) {
      throw unsupported(
          file + " has in_features " + in + " and out_features " + out, "numbers above 0");
    }
    return new Step.Dense(folder, in, out, config.path("bias").asBoolean(true), activation);
  }

  private static SlipwayException unsupported(String came, String expected) {
    return new SlipwayException(
        Exit.INPUT,
        "model.unsupported-module",
        came + ", expected " + expected,
        "choose a model that needs no other module");
  }
}
