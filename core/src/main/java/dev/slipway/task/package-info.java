/**
 * What is learnt: how examples become batches, the loss, the metrics, and how a raw output becomes
 * an answer.
 */
@NullMarked
package dev.slipway.task;

import org.jspecify.annotations.NullMarked;
