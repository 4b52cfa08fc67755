/**
 * Conversations and preferences to learn from: rows in the forms that people publish, mapped to one
 * form; the same made of Java sources; tokens with a mask of what is learnt; rows of a batch in
 * which no conversation sees another. Knows nothing of losses.
 */
@NullMarked
package dev.slipway.data.conversation;

import org.jspecify.annotations.NullMarked;
