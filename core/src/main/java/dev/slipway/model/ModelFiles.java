package dev.slipway.model;

import dev.slipway.tokenizer.Tokenizer;
import dev.slipway.tokenizer.chat.ChatTemplates;
import dev.slipway.weights.WeightSource;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What a published model consists of, in Hugging Face's terms, whatever it is stored as: a folder,
 * or a GGUF file. Nothing is read before it is asked for.
 */
public interface ModelFiles {
  /** What the model is called in an error: its path. */
  String name();

  /** What its configuration is called in an error. */
  String configName();

  /** {@code config.json}. */
  JsonNode config();

  /** {@code generation_config.json}, or null where there is none. */
  @Nullable JsonNode generationConfig();

  Tokenizer tokenizer();

  /** Whether the model has a chat template. */
  boolean hasChatTemplates();

  /** Throws {@code chat.no-template} where the model has none. */
  ChatTemplates chatTemplates();

  /** Its tensors under the names that transformers gives them; the caller closes them. */
  WeightSource openWeights();

  /** When the model was last written. */
  Instant modified();
}
