package dev.slipway.model.gguf;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import java.util.Arrays;
import java.util.stream.Collectors;

/** Architectures that there are networks for, as llama.cpp and transformers spell them. */
enum GgufArchitecture {
  LLAMA("llama", "llama"),
  QWEN2("qwen2", "qwen2"),
  QWEN3("qwen3", "qwen3"),
  QWEN3MOE("qwen3moe", "qwen3_moe"),
  GEMMA3("gemma3", "gemma3_text"),
  GPT2("gpt2", "gpt2"),
  BERT("bert", "bert");

  private final String name;
  private final String modelType;

  GgufArchitecture(String name, String modelType) {
    this.name = name;
    this.modelType = modelType;
  }

  /** {@code general.architecture}. */
  String spelling() {
    return name;
  }

  /** {@code model_type} of {@code config.json}. */
  String modelType() {
    return modelType;
  }

  /**
   * @param file what the file is called in an error
   */
  static GgufArchitecture of(String spelling, String file) {
    for (GgufArchitecture architecture : values()) {
      if (architecture.name.equals(spelling)) {
        return architecture;
      }
    }
    throw unknown(
        file
            + (spelling.isEmpty()
                ? " has no general.architecture"
                : " has the architecture " + spelling),
        Arrays.stream(values()).map(each -> each.name).collect(Collectors.joining(", ")));
  }

  /**
   * @param source what the configuration is called in an error
   */
  static GgufArchitecture ofModelType(String modelType, String source) {
    for (GgufArchitecture architecture : values()) {
      if (architecture.modelType.equals(modelType)) {
        return architecture;
      }
    }
    if (modelType.equals("mistral")) {
      return LLAMA; // llama.cpp tells them apart by their windows alone
    }
    throw unknown(
        source + " has the model_type " + modelType,
        Arrays.stream(values()).map(each -> each.modelType).collect(Collectors.joining(", "))
            + ", mistral");
  }

  private static SlipwayException unknown(String came, String known) {
    return new SlipwayException(
        Exit.INPUT,
        "model.unknown-architecture",
        came + ", expected one of " + known,
        "choose a model of one of these architectures");
  }

  /** Whether queries and keys stand in the order that ggml rotates them in, pair beside pair. */
  boolean permutesHeads() {
    return this == LLAMA;
  }
}
