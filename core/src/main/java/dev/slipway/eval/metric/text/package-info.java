/**
 * Metrics of written and of spoken text: BLEU, chrF, ROUGE, word and character error rate, with the
 * very tokenization of the tools that made them comparable. Knows strings alone.
 */
@NullMarked
package dev.slipway.eval.metric.text;

import org.jspecify.annotations.NullMarked;
