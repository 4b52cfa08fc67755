package dev.slipway.model;

import dev.slipway.tokenizer.SpecialTokens;
import dev.slipway.tokenizer.Tokenizer;
import dev.slipway.tokenizer.chat.ChatTemplates;
import dev.slipway.tokenizer.chat.TextFingerprint;
import dev.slipway.weights.Residence;
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

  /** The tokens that have a role. */
  SpecialTokens specialTokens();

  /** How text becomes the model's tokens. */
  default TextFingerprint textFingerprint() {
    return textFingerprint(tokenizer());
  }

  /**
   * As above.
   *
   * @param tokenizer the model's own, where it was read already
   */
  default TextFingerprint textFingerprint(Tokenizer tokenizer) {
    return TextFingerprint.of(
        tokenizer, specialTokens(), hasChatTemplates() ? chatTemplates() : null);
  }

  /** What the model says that it was written with; null where it says nothing. */
  default @Nullable TextFingerprint recordedFingerprint() {
    return null;
  }

  /**
   * Refuses a model whose tokenizer or chat template was changed since it was written.
   *
   * @throws dev.slipway.base.SlipwayException {@code tokenizer.fingerprint-mismatch}
   */
  default void checkFingerprint() {
    if (recordedFingerprint() != null) {
      checkFingerprint(textFingerprint());
    }
  }

  /**
   * As above.
   *
   * @param now the model's {@link #textFingerprint}, where it is known already
   */
  default void checkFingerprint(TextFingerprint now) {
    TextFingerprint recorded = recordedFingerprint();
    if (recorded != null) {
      now.check(recorded, name(), "what is in it now");
    }
  }

  /** Whether the model has a chat template. */
  boolean hasChatTemplates();

  /** Throws {@code chat.no-template} where the model has none. */
  ChatTemplates chatTemplates();

  /** Its tensors under the names that transformers gives them; the caller closes them. */
  WeightSource openWeights();

  /** The same model, whose weights are opened where they are wanted. */
  ModelFiles in(Residence residence);

  /** When the model was last written. */
  Instant modified();
}
