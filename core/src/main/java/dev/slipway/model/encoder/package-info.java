/**
 * The bidirectional transformer encoder that BERT and RoBERTa share: its sizes, blocks and heads,
 * pooling of its hidden states, and how its checkpoints are read. Knows nothing of tokenizers or of
 * which family a model belongs to.
 */
@NullMarked
package dev.slipway.model.encoder;

import org.jspecify.annotations.NullMarked;
