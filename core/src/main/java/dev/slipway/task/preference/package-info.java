/**
 * Learning what people like better: losses on the log-probabilities of answers (DPO, IPO, ORPO,
 * KTO), and what the model that tuning begins with says of them; rewards that answers are given.
 */
@NullMarked
package dev.slipway.task.preference;

import org.jspecify.annotations.NullMarked;
