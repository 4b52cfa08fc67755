/**
 * Texts to learn from: labelled folders, lines in two languages, JSON lines. Knows nothing of
 * words, tables, pictures and tokenizers.
 */
@NullMarked
package dev.slipway.data.text;

import org.jspecify.annotations.NullMarked;
