package dev.slipway.platform.engine;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What the service says about its model.
 *
 * @param version of its files, hexadecimal: another where any weight, setting or text is another
 * @param created when the model was made
 * @param contextLength most tokens of prompt and continuation together
 * @param vocabularySize token ids are below it
 * @param tokenizerFingerprint SHA-256 of the tokenizer, hexadecimal
 * @param textFingerprint of tokenizer, special tokens and chat template together, hexadecimal
 * @param parameters how many the model has
 * @param bitsPerByte on held-out text; null when not known
 */
public record ModelFacts(
    String version,
    Instant created,
    int contextLength,
    int vocabularySize,
    String tokenizerFingerprint,
    String textFingerprint,
    long parameters,
    @Nullable Double bitsPerByte) {}
