/**
 * Metrics of ranked lists: NDCG, average precision, recall, reciprocal rank. Knows what is relevant
 * and how it was scored, nothing of who did.
 */
@NullMarked
package dev.slipway.eval.metric.ranking;

import org.jspecify.annotations.NullMarked;
