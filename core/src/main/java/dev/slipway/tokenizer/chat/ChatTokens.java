package dev.slipway.tokenizer.chat;

/**
 * A conversation as a model takes it.
 *
 * @param text that the template made
 * @param ids of the text, with no special tokens but the template's own
 * @param assistant whether the assistant wrote the token, by the template's {@code generation}
 *     blocks or by its turns; a token of which it wrote a part counts
 * @param marked whether the template says what the assistant writes; else nothing of {@code
 *     assistant} is set
 */
public record ChatTokens(String text, int[] ids, boolean[] assistant, boolean marked) {}
