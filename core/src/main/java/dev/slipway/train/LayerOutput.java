package dev.slipway.train;

/**
 * What a layer gave for a batch.
 *
 * @param examples in the batch
 * @param zeros share of values that are 0
 * @param dead share of units (filters, features) that are 0 for every example, at every place
 */
public record LayerOutput(String layer, long examples, double zeros, double dead) {}
