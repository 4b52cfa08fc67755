package dev.slipway.plan;

/**
 * Bytes that training takes, by what they are for.
 *
 * @param weights fp32 parameters
 * @param gradients fp32
 * @param optimizer moments
 * @param shadow the weights once more in the precision of the products
 * @param activations what the forward pass keeps for the backward, and the room that both work in
 * @param logits the rows of logits that exist at once
 * @param data token shards as far as they are mapped, and batches
 * @param checkpoint the copy of weights and moments from which a checkpoint is written
 * @param yardsticks the n-gram model and the training text that it reads, at the end
 * @param base JVM and libtorch before a model is made
 */
public record MemoryForecast(
    long weights,
    long gradients,
    long optimizer,
    long shadow,
    long activations,
    long logits,
    long data,
    long checkpoint,
    long yardsticks,
    long base) {
  public long total() {
    return weights
        + gradients
        + optimizer
        + shadow
        + activations
        + logits
        + data
        + checkpoint
        + yardsticks
        + base;
  }
}
