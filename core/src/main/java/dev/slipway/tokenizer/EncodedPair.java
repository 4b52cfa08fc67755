package dev.slipway.tokenizer;

/**
 * Two texts as one sequence.
 *
 * @param ids with the special tokens that the post-processor puts around and between the texts
 * @param typeIds of each, which part it belongs to, as {@code token_type_ids}
 */
public record EncodedPair(int[] ids, int[] typeIds) {}
