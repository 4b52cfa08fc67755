/**
 * Texts to learn from: labelled folders, lines in two languages, JSON lines; words and their ids;
 * augmentation of texts. Knows nothing of tables, pictures and tokenizers.
 */
@NullMarked
package dev.slipway.data.text;

import org.jspecify.annotations.NullMarked;
