package dev.slipway.model.pretrained;

import dev.slipway.base.AtomicFiles;
import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.model.ConfigFile;
import dev.slipway.model.ModelFiles;
import dev.slipway.model.decoder.Checkpoint;
import dev.slipway.model.gguf.GgufModel;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import dev.slipway.tokenizer.chat.TextFingerprint;
import dev.slipway.weights.ShardWriter;
import dev.slipway.weights.WeightSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes models as folders that transformers opens: {@code config.json}, safetensors in shards, the
 * tokenizer, chat templates, {@code generation_config.json}, and whatever else of text lies beside.
 */
public final class HuggingFaceFolder {
  /**
   * @param type of floating-point values, FLOAT32, FLOAT16 or BFLOAT16; null as they are stored
   * @param maxShardBytes of a file, unless one tensor is larger
   */
  public record Options(@Nullable DType type, long maxShardBytes) {}

  /** Weights of other programs, and what they lie in. */
  private static final List<String> WEIGHTS =
      List.of(".safetensors", ".bin", ".pt", ".pth", ".h5", ".msgpack", ".ot", ".onnx", ".gguf");

  private static final List<String> OTHERS = List.of("onnx", "openvino", "coreml", "original");
  private static final String INDEX = "model.safetensors.index.json";

  private HuggingFaceFolder() {}

  /**
   * Writes a model anew, whole or not at all.
   *
   * @param path a folder, of a decoder or an encoder, or a GGUF file
   * @throws SlipwayException as opening it does; {@code tokenizer.fingerprint-mismatch} where its
   *     tokenizer or template was changed since it was written
   */
  public static void write(Path path, Path target, Options options) {
    Path inner = GgufModel.is(path) ? path : SentenceModules.of(path).encoder();
    ModelFiles files = ModelFolder.at(inner);
    boolean decoder = !EncoderFolder.isEncoder(inner);
    if (!decoder) {
      EncoderFolder.check(inner);
    }
    try (WeightSource source = files.openWeights()) {
      if (decoder) {
        Checkpoint.check(source, PretrainedDecoder.config(files), files.name());
      }
      AtomicFiles.writeFolder(
          target,
          partial -> {
            Path root = partial;
            if (files instanceof GgufModel gguf) {
              unpack(gguf, partial);
            } else {
              copy(path, partial, inner);
              root = partial.resolve(path.relativize(inner).toString());
            }
            SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
            try (Scope _ = Scope.open()) {
              for (String name : source.names()) {
                tensors.put(name, source.tensor(name));
              }
              writeWeights(root, tensors, (ObjectNode) files.config(), options);
            }
            keepFingerprint(files, root);
          });
    }
  }

  /**
   * Writes weights and {@code config.json} into a folder that is there.
   *
   * @param config is changed to say the type
   */
  public static void writeWeights(
      Path folder, SequencedMap<String, Tensor> tensors, ObjectNode config, Options options)
      throws IOException {
    SequencedMap<String, ShardWriter.Stored> stored = new LinkedHashMap<>();
    DType told = DType.FLOAT32;
    long most = -1;
    for (Map.Entry<String, Tensor> named : tensors.entrySet()) {
      Tensor tensor = named.getValue();
      DType type = type(tensor.dtype(), options);
      if (tensor.numel() > most && isReal(type)) {
        most = tensor.numel();
        told = type;
      }
      stored.put(named.getKey(), new ShardWriter.Stored(tensor, type));
    }
    try (NoGrad _ = NoGrad.open()) {
      ShardWriter.write(folder, stored, options.maxShardBytes());
    }
    config.remove("torch_dtype");
    config.put("dtype", spelling(told));
    Files.write(
        folder.resolve(ConfigFile.NAME), Json.write(config).getBytes(StandardCharsets.UTF_8));
  }

  private static DType type(DType stored, Options options) {
    return isReal(stored) && options.type() != null ? options.type() : stored;
  }

  private static boolean isReal(DType type) {
    return switch (type) {
      case FLOAT64, FLOAT32, FLOAT16, BFLOAT16 -> true;
      default -> false;
    };
  }

  private static String spelling(DType type) {
    return switch (type) {
      case BFLOAT16 -> "bfloat16";
      case FLOAT16 -> "float16";
      case FLOAT64 -> "float64";
      default -> "float32";
    };
  }

  private static void unpack(GgufModel gguf, Path folder) throws IOException {
    text(folder, "tokenizer.json", gguf.tokenizer().json());
    text(folder, "tokenizer_config.json", Json.write(gguf.tokenizerConfig()));
    text(
        folder,
        "generation_config.json",
        Json.write(Objects.requireNonNull(gguf.generationConfig())));
  }

  private static void text(Path folder, String name, String text) throws IOException {
    Files.write(folder.resolve(name), text.getBytes(StandardCharsets.UTF_8));
  }

  /** All of a folder but the weights of the model in it, and those of other programs. */
  private static void copy(Path from, Path to, Path model) throws IOException {
    try (Stream<Path> entries = Files.list(from)) {
      for (Path entry : entries.sorted().toList()) {
        String name = Objects.requireNonNull(entry.getFileName()).toString();
        if (name.startsWith(".") || OTHERS.contains(name)) {
          continue;
        }
        Path target = to.resolve(name);
        if (Files.isDirectory(entry)) {
          Files.createDirectories(target);
          copy(entry, target, model);
        } else if (!from.equals(model) || !isWeights(name)) {
          Files.copy(entry, target);
        }
      }
    }
  }

  private static boolean isWeights(String name) {
    return name.equals(INDEX)
        || name.equals(TextFingerprint.FILE)
        || WEIGHTS.stream().anyMatch(name::endsWith);
  }

  /** What is written has the text of what it was made from, and says so. */
  private static void keepFingerprint(ModelFiles files, Path folder) {
    if (!Files.exists(folder.resolve("tokenizer.json"))) {
      return;
    }
    files.checkFingerprint();
    TextFingerprint now = new ModelFolder(folder).textFingerprint();
    if (!(files instanceof GgufModel)) { // whose tokenizer is spelled as llama.cpp has it
      now.check(files.textFingerprint(), "the export", files.name());
    }
    now.write(folder);
  }

  /**
   * Reads the type of values as the command line spells it.
   *
   * @throws SlipwayException {@code export.unknown-type}
   */
  public static DType type(String spelled) {
    return switch (spelled) {
      case "f32" -> DType.FLOAT32;
      case "f16" -> DType.FLOAT16;
      case "bf16" -> DType.BFLOAT16;
      default ->
          throw new SlipwayException(
              Exit.USAGE,
              "export.unknown-type",
              "the type is " + spelled + ", expected one of f32, f16, bf16",
              "write --type with one of these, or leave it out to keep the type that is stored");
    };
  }
}
