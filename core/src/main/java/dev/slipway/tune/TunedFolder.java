package dev.slipway.tune;

import dev.slipway.base.AtomicFiles;
import dev.slipway.base.Json;
import dev.slipway.model.decoder.ScoringConfig;
import dev.slipway.model.pretrained.HuggingFaceFolder;
import dev.slipway.model.pretrained.ModelFolder;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import dev.slipway.tokenizer.chat.TextFingerprint;
import dev.slipway.weights.SafeTensors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Tuned models as folders: whole ones in Hugging Face layout, adapters in PEFT's format. */
public final class TunedFolder {
  private static final String CONFIG = "config.json";
  private static final String WEIGHTS = "model.safetensors";
  private static final String TEMPLATE = "chat_template.jinja";

  /** What else belongs to a model, and goes with it. */
  private static final List<String> TOKENIZER =
      List.of(
          "tokenizer.json",
          "tokenizer_config.json",
          "special_tokens_map.json",
          "added_tokens.json",
          "vocab.json",
          "merges.txt",
          "tokenizer.model",
          TEMPLATE,
          "chat_template.json");

  private static final String GENERATION = "generation_config.json";

  private TunedFolder() {}

  /**
   * Writes what a tuning came to: the adapter where there is one, else the whole model; the
   * tokenizer and the chat template beside it.
   *
   * @param base the folder that it began as
   * @param name of the base model, as an adapter's users are to find it
   * @param texts further files by their names
   */
  public static void write(
      Path folder, TunedDecoder model, Path base, String name, Map<String, String> texts) {
    AtomicFiles.writeFolder(
        folder,
        partial -> {
          Adapter adapter = model.adapter();
          if (adapter != null) {
            copy(base, partial, TOKENIZER);
            writeFingerprint(partial, base);
            PeftFolder.writeInto(
                partial,
                adapter,
                name,
                model.config() instanceof ScoringConfig ? ScoreHead.TASK : "CAUSAL_LM");
          } else {
            whole(partial, model, base, model.network().computeType());
          }
          for (Map.Entry<String, String> file : texts.entrySet()) {
            Files.write(
                partial.resolve(file.getKey()), file.getValue().getBytes(StandardCharsets.UTF_8));
          }
          if (texts.containsKey(TEMPLATE)) {
            new ModelFolder(partial).textFingerprint().write(partial);
          }
        });
  }

  /**
   * Writes a base model with an adapter merged into it as one whole model, in the type that its
   * weights are stored in.
   *
   * @param base the folder of the model
   * @param adapter in PEFT's format
   * @throws SlipwayException {@code adapter.not-mergeable}
   */
  public static void merge(Path base, Path adapter, Path folder) {
    try (TunedDecoder model =
        ScoreHead.isIn(adapter)
            ? TunedDecoder.scoring(base, adapter, DType.FLOAT32)
            : TunedDecoder.answering(base, adapter, DType.FLOAT32)) {
      DType type = model.checkpoint().tensor(model.config().parameters().getFirst().name()).dtype();
      AtomicFiles.writeFolder(
          folder,
          partial -> {
            whole(partial, model, base, type);
            // One that was tuned on conversations may bring a chat template of its own.
            if (Files.exists(adapter.resolve(TEMPLATE))) {
              copy(adapter, partial, List.of(TEMPLATE));
              new ModelFolder(partial).textFingerprint().write(partial);
            }
          });
    }
  }

  /**
   * Writes a base model with an adapter as transformers opens it, whole or not at all.
   *
   * @param base the folder of the model
   * @param adapter in PEFT's format
   * @param merged whether into one whole model; else the model with the adapter beside it, in
   *     {@code adapter/}, which PEFT puts around it
   * @throws SlipwayException {@code adapter.not-mergeable}, {@code tokenizer.fingerprint-mismatch}
   */
  public static void export(
      Path base, Path adapter, Path folder, HuggingFaceFolder.Options options, boolean merged) {
    if (!merged) {
      checkFingerprint(base, adapter);
      AtomicFiles.writeFolder(
          folder,
          partial -> {
            HuggingFaceFolder.write(base, partial, options);
            Path beside = Files.createDirectory(partial.resolve("adapter"));
            copy(adapter, beside, PeftFolder.FILES);
            copy(adapter, beside, List.of(TEMPLATE, TextFingerprint.FILE));
          });
      return;
    }
    try (TunedDecoder model = TunedDecoder.answering(base, adapter, DType.FLOAT32)) {
      DType stored =
          model.checkpoint().tensor(model.config().parameters().getFirst().name()).dtype();
      DType type = options.type() == null ? stored : options.type();
      AtomicFiles.writeFolder(
          folder,
          partial -> {
            copy(base, partial, TOKENIZER);
            copy(base, partial, List.of(GENERATION));
            copy(adapter, partial, List.of(TEMPLATE));
            try (Scope _ = Scope.open();
                NoGrad _ = NoGrad.open()) {
              HuggingFaceFolder.writeWeights(
                  partial,
                  tensors(model),
                  config(model, base),
                  new HuggingFaceFolder.Options(type, options.maxShardBytes()));
            }
            if (Files.exists(partial.resolve("tokenizer.json"))) {
              new ModelFolder(partial).textFingerprint().write(partial);
            }
          });
    }
  }

  private static ObjectNode config(TunedDecoder model, Path base) {
    ObjectNode config = (ObjectNode) Json.read(base.resolve(CONFIG));
    if (!model.config().names().tiedHead()) {
      config.put("tie_word_embeddings", false);
    }
    return config;
  }

  private static void whole(Path partial, TunedDecoder model, Path base, DType type)
      throws IOException {
    copy(base, partial, TOKENIZER);
    writeFingerprint(partial, base);
    copy(base, partial, List.of(GENERATION));
    try (Scope _ = Scope.open();
        NoGrad _ = NoGrad.open()) {
      SafeTensors.write(partial.resolve(WEIGHTS), tensors(model), type);
    }
    ObjectNode config = (ObjectNode) Json.read(base.resolve(CONFIG));
    config.remove("torch_dtype");
    config.put(
        "dtype",
        switch (type) {
          case BFLOAT16 -> "bfloat16";
          case FLOAT16 -> "float16";
          default -> "float32";
        });
    if (model.config() instanceof ScoringConfig scoring) {
      config.putArray("architectures").add(scoring.architecture());
      config.remove("num_labels");
      config.putObject("id2label").put("0", "LABEL_0");
      config.putObject("label2id").put("LABEL_0", 0);
    }
    if (!model.config().names().tiedHead()) {
      config.put("tie_word_embeddings", false);
    }
    Files.write(partial.resolve(CONFIG), Json.write(config).getBytes(StandardCharsets.UTF_8));
  }

  /** What the base's text comes to: the tuned model learnt of nothing else. */
  private static void writeFingerprint(Path folder, Path base) throws IOException {
    TextFingerprint fingerprint = fingerprint(base);
    if (fingerprint != null) {
      Files.write(
          folder.resolve(TextFingerprint.FILE),
          fingerprint.json().getBytes(StandardCharsets.UTF_8));
    }
  }

  private static @Nullable TextFingerprint fingerprint(Path base) {
    boolean noTokenizer = Files.isDirectory(base) && !Files.exists(base.resolve("tokenizer.json"));
    return noTokenizer ? null : ModelFolder.at(base).textFingerprint();
  }

  /**
   * Refuses an adapter that was learnt with another tokenizer than the model has, or with another
   * chat template where it brings none of its own.
   *
   * @throws SlipwayException {@code tokenizer.fingerprint-mismatch}
   */
  static void checkFingerprint(Path base, Path adapter) {
    TextFingerprint learnt = TextFingerprint.recorded(adapter);
    TextFingerprint now = learnt == null ? null : fingerprint(base);
    if (now != null && Files.exists(adapter.resolve(TEMPLATE))) {
      now =
          new TextFingerprint(
              now.vocabulary(),
              now.merges(),
              now.specialTokens(),
              now.rules(),
              new ModelFolder(adapter).textFingerprint().chatTemplate());
    }
    if (learnt != null && now != null) {
      now.check(learnt, "the adapter " + adapter, "the model " + base);
    }
  }

  /** All tensors under their names in a checkpoint, with adapters merged into them. */
  private static SequencedMap<String, Tensor> tensors(TunedDecoder model) {
    SequencedMap<String, Tensor> merged = model.merge();
    SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
    for (ParameterSpec spec : model.config().parameters()) {
      String name = spec.name();
      Tensor changed = merged.get(name.replaceFirst("\\.weight$", ""));
      if (changed == null) {
        changed =
            model.parameters().has(name)
                ? model.parameters().value(name)
                : model.checkpoint().tensor(name);
      }
      tensors.put(name, changed);
    }
    return tensors;
  }

  private static void copy(Path from, Path to, List<String> names) throws IOException {
    for (String name : names) {
      if (Files.isRegularFile(from.resolve(name))) {
        Files.copy(from.resolve(name), to.resolve(name), StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }
}
