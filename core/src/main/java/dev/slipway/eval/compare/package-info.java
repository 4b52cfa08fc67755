/**
 * Whether one of two models is really better on the same examples: McNemar's test and the paired
 * bootstrap. Knows what each did on every example, nothing of the models.
 */
@NullMarked
package dev.slipway.eval.compare;

import org.jspecify.annotations.NullMarked;
