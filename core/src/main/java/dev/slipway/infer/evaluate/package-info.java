/**
 * Language models measured on tasks as lm-evaluation-harness measures them: multiple choice,
 * generation, likelihood and perplexity, of items from files and prompts from templates. Knows
 * nothing of how models were trained.
 */
@NullMarked
package dev.slipway.infer.evaluate;

import org.jspecify.annotations.NullMarked;
