/**
 * Conversations to text and token ids by a model's own chat template, as transformers does it, with
 * the places that the assistant wrote. Knows nothing of models and of where conversations come
 * from.
 */
@NullMarked
package dev.slipway.tokenizer.chat;

import org.jspecify.annotations.NullMarked;
