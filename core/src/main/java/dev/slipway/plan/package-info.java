/**
 * Forecasts before a run: parameters, FLOPs, memory by part, time, energy, money and expected loss,
 * as pure functions of the configurations and a measured machine profile.
 */
@NullMarked
package dev.slipway.plan;

import org.jspecify.annotations.NullMarked;
