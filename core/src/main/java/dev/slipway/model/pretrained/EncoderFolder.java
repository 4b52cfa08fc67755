package dev.slipway.model.pretrained;

import dev.slipway.base.AtomicFiles;
import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.model.ConfigFile;
import dev.slipway.model.ModelFiles;
import dev.slipway.model.NetworkFiles;
import dev.slipway.model.bert.BertWeights;
import dev.slipway.model.encoder.EncoderCheckpoint;
import dev.slipway.model.encoder.EncoderConfig;
import dev.slipway.model.encoder.EncoderFamily;
import dev.slipway.model.encoder.EncoderSettings;
import dev.slipway.model.encoder.Head;
import dev.slipway.model.encoder.TextEncoder;
import dev.slipway.model.encoder.TextEncoderConfig;
import dev.slipway.model.gguf.GgufModel;
import dev.slipway.model.roberta.RobertaWeights;
import dev.slipway.nn.ParameterSet;
import dev.slipway.nn.ShadowWeights;
import dev.slipway.nn.Weights;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Tensor;
import dev.slipway.weights.Residence;
import dev.slipway.weights.SafeTensors;
import dev.slipway.weights.WeightSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * An encoder as a folder in Hugging Face's layout: {@code config.json} and {@code
 * model.safetensors}, or shards. A GGUF file is opened as such a folder.
 */
public final class EncoderFolder {
  private static final List<EncoderFamily> FAMILIES =
      List.of(BertWeights.FAMILY, RobertaWeights.FAMILY, RobertaWeights.MULTILINGUAL);

  private EncoderFolder() {}

  /**
   * A network to train further.
   *
   * @param begun its parameters that the folder has none for, a new head's
   */
  public record Trainable(TextEncoder network, List<String> begun) {
    public Trainable {
      begun = List.copyOf(begun);
    }
  }

  /** Whether the configuration of a folder, or of a GGUF file, is an encoder's. */
  public static boolean isEncoder(Path folder) {
    if (!GgufModel.is(folder) && !Files.isRegularFile(folder.resolve(ConfigFile.NAME))) {
      return false;
    }
    return isModelType(ModelFolder.at(folder).config().path("model_type").asString(""));
  }

  /** Whether a {@code model_type} is one of an encoder that is opened. */
  static boolean isModelType(String type) {
    return FAMILIES.stream().anyMatch(family -> family.modelType().equals(type));
  }

  /** Whether a folder's encoder gives one number for a text or a pair, as cross-encoders do. */
  public static boolean hasOneLabel(Path folder) {
    if (GgufModel.is(folder) || !isEncoder(folder)) {
      return false;
    }
    ModelFiles files = ModelFolder.at(folder);
    return files
            .config()
            .path("architectures")
            .path(0)
            .asString("")
            .endsWith("ForSequenceClassification")
        && new EncoderSettings(files.config(), files.configName()).labels().size() == 1;
  }

  /**
   * Opens a folder to answer with, as the model that its configuration names.
   *
   * @throws SlipwayException {@code model.adapter} where an adapter lies beside it, and others
   */
  public static TextEncoder open(Path folder) {
    requireWhole(folder);
    return openBeside(folder);
  }

  /** As {@link #open(Path)}; what lies beside the model is put around it by the caller. */
  public static TextEncoder openBeside(Path folder) {
    return open(folder, null, false, 0).network;
  }

  /** Refuses a folder that {@link #open(Path)} would refuse. */
  static void check(Path folder) {
    requireWhole(folder);
    read(folder, null, false, (config, _, _) -> config);
  }

  /** Whether what answers is the model and an adapter that lies beside it. */
  public static boolean isAdapted(Path folder) {
    return Files.exists(folder.resolve("adapter_config.json"));
  }

  private static void requireWhole(Path folder) {
    if (isAdapted(folder)) {
      throw new SlipwayException(
          Exit.INPUT,
          "model.adapter",
          folder + " has an adapter beside the model, expected a whole model",
          "answer with `slipway predict` or `slipway serve`, or tune by a method that is merged, such as lora");
    }
  }

  /** Opens a folder for hidden states alone, whatever head it has. */
  public static TextEncoder openTrunk(Path folder) {
    requireWhole(folder);
    return open(folder, new Head.Hidden(false), false, 0).network;
  }

  /**
   * As above, with matrix products in another type.
   *
   * @param computeType FLOAT32 or BFLOAT16
   */
  public static TextEncoder openTrunk(Path folder, DType computeType) {
    if (computeType == DType.FLOAT32) {
      return openTrunk(folder);
    }
    requireWhole(folder);
    return read(
        folder,
        new Head.Hidden(false),
        false,
        (config, checkpoint, begun) -> {
          ParameterSet parameters = ParameterSet.frozen(config.parameters());
          try {
            checkpoint.load(parameters, begun);
            Weights weights = new ShadowWeights(parameters, computeType);
            return new TextEncoder(config, weights, parameters);
          } catch (RuntimeException e) {
            parameters.close();
            throw e;
          }
        });
  }

  /**
   * Opens a folder to train a head on it. A head that the folder doesn't have begins with values
   * drawn from {@code seed}.
   */
  public static Trainable openTrainable(Path folder, Head head, long seed) {
    requireWhole(folder);
    return open(folder, head, true, seed);
  }

  private static Trainable open(Path folder, @Nullable Head asked, boolean trainable, long seed) {
    return read(
        folder,
        asked,
        trainable,
        (config, checkpoint, begun) -> {
          ParameterSet parameters =
              trainable
                  ? ParameterSet.allocate(config.parameters())
                  : ParameterSet.frozen(config.parameters());
          try {
            if (!begun.isEmpty()) {
              parameters.initialise(seed);
            }
            checkpoint.load(parameters, begun);
            return new Trainable(new TextEncoder(config, parameters), begun);
          } catch (RuntimeException e) {
            parameters.close();
            throw e;
          }
        });
  }

  /** Makes something of a checkpoint whose names and shapes were checked. */
  @FunctionalInterface
  public interface Maker<N> {
    /**
     * @param begun parameters that the checkpoint has none for, a new head's
     */
    N make(TextEncoderConfig config, EncoderCheckpoint checkpoint, List<String> begun);
  }

  /**
   * Reads a folder to train it with a head, which begins anew where the folder has none like it.
   */
  public static <N> N read(Path folder, Head head, Maker<N> maker) {
    requireWhole(folder);
    return read(folder, head, true, maker);
  }

  private static <N> N read(Path folder, @Nullable Head asked, boolean newHead, Maker<N> maker) {
    ModelFiles files = ModelFolder.at(folder);
    JsonNode json = files.config();
    String source = files.configName();
    EncoderFamily family = family(json, source);
    EncoderSettings settings = new EncoderSettings(json, source);
    EncoderConfig size = settings.encoder(family.padId());
    try (WeightSource weights = files.in(Residence.MAPPED_ONCE).openWeights()) {
      EncoderCheckpoint checkpoint = new EncoderCheckpoint(family, weights, folder.toString());
      Head head = asked == null ? head(json, family, settings, checkpoint, source) : asked;
      TextEncoderConfig config = new TextEncoderConfig(family, size, head);
      if (size.layers() > weights.names().size()) {
        throw new SlipwayException(
            Exit.INPUT,
            "weights.missing-tensor",
            folder
                + " holds "
                + weights.names().size()
                + " tensors, too few for the "
                + size.layers()
                + " layers of config.json",
            "check that config.json belongs to these weights");
      }
      return maker.make(config, checkpoint, checkpoint.check(config.parameters(), newHead));
    }
  }

  private static EncoderFamily family(JsonNode json, String source) {
    String type = json.path("model_type").asString("");
    for (EncoderFamily family : FAMILIES) {
      if (family.modelType().equals(type)) {
        return family;
      }
    }
    throw unknown(
        source + (type.isEmpty() ? " has no model_type" : " has the model_type " + type),
        String.join(" or ", FAMILIES.stream().map(EncoderFamily::modelType).toList()));
  }

  /**
   * The head of a published encoder that answers a task of texts, told by its configuration alone:
   * null where the folder holds another model.
   */
  public static @Nullable Head taskHead(Path folder) {
    if (!isEncoder(folder)) {
      return null;
    }
    ModelFiles files = ModelFolder.at(folder);
    EncoderFamily family = family(files.config(), files.configName());
    String architecture = files.config().path("architectures").path(0).asString("");
    EncoderSettings settings = new EncoderSettings(files.config(), files.configName());
    if (architecture.equals(family.name() + "ForSequenceClassification")) {
      return settings.sequenceClassification();
    }
    if (architecture.equals(family.name() + "ForTokenClassification")) {
      return new Head.TokenClassification(settings.labels());
    }
    return architecture.equals(family.name() + "ForQuestionAnswering")
        ? new Head.SpanAnswering()
        : null;
  }

  /** Whether a published encoder's configuration calls its task a regression in so many words. */
  public static boolean saysRegression(Path folder) {
    return isEncoder(folder)
        && ModelFolder.at(folder)
            .config()
            .path("problem_type")
            .asString("")
            .equals(Head.Problem.REGRESSION.spelling());
  }

  private static Head head(
      JsonNode json,
      EncoderFamily family,
      EncoderSettings settings,
      EncoderCheckpoint checkpoint,
      String source) {
    String architecture = json.path("architectures").path(0).asString(family.name() + "Model");
    for (Head head :
        List.of(
            new Head.Hidden(checkpoint.hasPooler()),
            new Head.MaskedLanguageModel(settings.tied()),
            new Head.SpanAnswering())) {
      if (family.architecture(head).equals(architecture)) {
        return head;
      }
    }
    if (architecture.equals(family.name() + "ForPreTraining")) {
      return new Head.MaskedLanguageModel(settings.tied());
    }
    if (architecture.equals(family.name() + "ForSequenceClassification")) {
      return settings.sequenceClassification();
    }
    if (architecture.equals(family.name() + "ForTokenClassification")) {
      return new Head.TokenClassification(settings.labels());
    }
    throw unknown(source + " has the architecture " + architecture, "another");
  }

  private static SlipwayException unknown(String came, String expected) {
    List<String> known = new ArrayList<>();
    FAMILIES.forEach(family -> known.addAll(family.architectures()));
    return new SlipwayException(
        Exit.INPUT,
        "model.unknown-architecture",
        came + ", expected " + expected,
        "choose a model of one of these architectures: " + String.join(", ", known));
  }

  /** Writes a folder, whole or not at all, with further files of text by name. */
  public static void save(Path folder, TextEncoder network, Map<String, String> texts) {
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

  /** Writes {@code config.json} and {@code model.safetensors} into a folder that is there. */
  public static void write(Path folder, TextEncoder network) throws IOException {
    NetworkFiles.write(folder, json(network.config()), network);
  }

  /** As above, of a model whose tensors come by name. */
  public static void write(Path folder, TextEncoderConfig config, Map<String, Tensor> tensors)
      throws IOException {
    SafeTensors.write(folder.resolve("model.safetensors"), tensors, DType.FLOAT32);
    Files.write(
        folder.resolve(ConfigFile.NAME), Json.write(json(config)).getBytes(StandardCharsets.UTF_8));
  }

  private static ObjectNode json(TextEncoderConfig config) {
    ObjectNode json =
        NetworkFiles.configOf(
            config.family().architecture(config.head()), config.family().modelType());
    EncoderSettings.write(json, config.encoder(), config.head());
    return json;
  }

  /**
   * The sizes of the encoder in a folder.
   *
   * @throws SlipwayException {@code model.unknown-architecture} and others, where it has none
   */
  public static TextEncoderConfig config(Path folder, Head head) {
    ModelFiles files = ModelFolder.at(folder);
    EncoderFamily family = family(files.config(), files.configName());
    return new TextEncoderConfig(
        family,
        new EncoderSettings(files.config(), files.configName()).encoder(family.padId()),
        head);
  }
}
