/**
 * The encoder–decoder transformer: from one sequence of ids to another, learnt with the target at
 * hand, answered token after token. Knows nothing of texts and tokenizers.
 */
@NullMarked
package dev.slipway.model.seq2seq;

import org.jspecify.annotations.NullMarked;
