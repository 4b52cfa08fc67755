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
 * @param checkpoint copies of what learns: of weights and moments, from which a checkpoint is
 *     written, and of weights alone, which a look at the layers compares with
 * @param yardsticks what judging takes beside what training leaves: the n-gram model and the
 *     training text that it reads, the model as it was before it was tuned
 * @param base JVM and libtorch before a model is made, and what Java's heap holds of the data
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
  /** What a run comes to have beside what was there before its network was made, measured. */
  public static final long LATER = 80L << 20;

  /**
   * The same where a process has been seen to take more already: what was planned in it read the
   * data and took some steps, and the run goes on in it.
   *
   * @param seen bytes
   */
  public MemoryForecast atLeast(long seen) {
    return new MemoryForecast(
        weights,
        gradients,
        optimizer,
        shadow,
        activations,
        logits,
        data,
        checkpoint,
        yardsticks,
        base + Math.max(0, seen - total()));
  }

  /**
   * The same where the data was read in this process.
   *
   * @param before bytes of the process without a network
   */
  public MemoryForecast begun(long before) {
    return atLeast(total() + Math.max(0, before + LATER - base));
  }

  /**
   * The same where steps were tried: what the process had before is the base, and what it came to
   * have beside the parameters and their moments is what steps keep.
   *
   * @param before bytes of the process without a network
   * @param after with the network, its optimizer and some steps behind it
   */
  public MemoryForecast tried(long before, long after) {
    long kept = after - before - weights - gradients - optimizer - shadow - logits;
    return new MemoryForecast(
            weights,
            gradients,
            optimizer,
            shadow,
            Math.max(0, kept),
            logits,
            data,
            checkpoint,
            yardsticks,
            before)
        .atLeast(base + weights + gradients + optimizer + data);
  }

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
