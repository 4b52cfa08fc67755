/**
 * Files of predictions made anywhere, of this program's runs among them: read by column, measured
 * and compared. Knows columns and metrics, nothing of models.
 *
 * <p>A run's own file has the columns {@code id}, {@code truth}, {@code prediction} and {@code
 * score_CLASS} of each class; of ranked lists {@code group} names the query or user, {@code truth}
 * the relevance and {@code prediction} the score.
 */
@NullMarked
package dev.slipway.data.prediction;

import org.jspecify.annotations.NullMarked;
