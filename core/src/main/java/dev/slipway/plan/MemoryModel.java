package dev.slipway.plan;

import dev.slipway.model.gpt.GptConfig;
import dev.slipway.nn.ParameterSpec;

/**
 * What training takes in memory: a sum over the buffers that the two ways of carrying out a network
 * keep.
 *
 * <p>{@code N} tokens of a micro-batch, {@code w} bytes of an activation, C, F, H, D, L, V as in
 * {@link GptConfig}; {@code Q = H D} and {@code K = 2 Hkv D}.
 *
 * @param base bytes of JVM and libtorch before a model is made, with the heap's young generation
 * @param yardstickBytes of training text that yardsticks read at the end
 */
public record MemoryModel(long base, long yardstickBytes) {
  /** What the launch recipe takes beside what is counted; {@code slipway runs show} tells both. */
  public static final MemoryModel MEASURED = new MemoryModel(550L << 20, 0);

  /** Heap that the n-gram yardstick takes for each byte of training text, the text included. */
  private static final double YARDSTICK_HEAP = 14;

  /** Logits that exist at once, by either way. */
  private static final long LOGITS = 8L << 20;

  /** Bytes of a token in a shard. */
  private static final long TOKEN = 2;

  /**
   * @param dataTokens of all splits together, which are mapped from their files
   */
  public MemoryForecast forecast(RunShape shape, long dataTokens) {
    GptConfig config = shape.config();
    long parameters = config.parameterCount();
    long matrices =
        config.parameters().stream()
            .filter(p -> p.role() == ParameterSpec.Role.MATRIX)
            .mapToLong(ParameterSpec::numel)
            .sum();
    long moments =
        switch (shape.update()) {
          case ADAMW -> 8 * parameters;
          case MUON -> 4 * matrices + 8 * (parameters - matrices);
        };
    long shadow = shape.width() == 4 ? 0 : shape.width() * parameters;
    long logits =
        switch (shape.way()) {
          case KERNELS ->
              Math.min(LOGITS, shape.tokensPerMicroBatch() * config.vocabularySize())
                  * shape.width();
          case AUTOGRAD ->
              3 * 4 * Math.min(LOGITS, shape.tokensPerMicroBatch() * config.vocabularySize());
        };
    // A position of a batch: input, target and start, as ints and as tensors.
    long data = TOKEN * dataTokens + 3 * (4 + 8) * shape.tokensPerMicroBatch();
    return new MemoryForecast(
        4 * parameters,
        4 * parameters,
        moments,
        shadow,
        activations(shape),
        logits,
        data,
        8 * parameters + moments,
        Math.round(YARDSTICK_HEAP * yardstickBytes),
        base);
  }

  /** The same for a run whose yardsticks read so much training text. */
  public MemoryModel withYardsticks(long bytes) {
    return new MemoryModel(base, bytes);
  }

  private static long activations(RunShape shape) {
    GptConfig config = shape.config();
    long tokens = shape.tokensPerMicroBatch();
    long width = shape.width();
    long hidden = config.hiddenSize();
    long queries = (long) config.heads() * config.headDim();
    long keys = 2L * config.keyValueHeads() * config.headDim();
    long wide = (config.gated() ? 2L : 1L) * config.intermediateSize();
    long inner = config.intermediateSize();
    return switch (shape.way()) {
      case KERNELS -> {
        long attention = tokens * (queries + keys) * width + shares(shape);
        long qkv = config.qkNorm() ? queries + keys : 0;
        // Two fp32 residual streams with their statistics, two normed copies, attention, the
        // feed-forward's two.
        long layer =
            tokens * (2 * (4 * hidden + 8) + width * (2 * hidden + qkv + queries + wide + inner))
                + attention;
        long kept =
            shape.checkpointing()
                ? layer + (config.layers() - 1L) * tokens * 4 * hidden
                : config.layers() * layer;
        // Room that all layers share: qkv, attention's output, branch, hidden, and the gradients.
        long shared =
            tokens
                    * (2 * 4 * hidden
                        + width * (2 * (queries + keys) + 3 * queries + 4 * hidden + inner))
                + attention;
        yield kept + shared;
      }
      case AUTOGRAD -> {
        // What autograd saves beside that: casts, rotated and transposed copies, fp32 norms, and
        // attention's scores and shares over all positions.
        long square = tokens * config.heads() * config.context();
        long layer =
            tokens
                    * (4 * 4 * hidden
                        + width * (4 * hidden + 4 * (queries + keys) + 2 * wide + inner))
                + square * (width + 4);
        long input = tokens * 4 * hidden;
        yield shape.checkpointing()
            ? 2 * layer + config.layers() * input
            : (config.layers() + 1L) * layer;
      }
    };
  }

  /** Attention's shares: causal, in blocks of rows, so a little over half of the square. */
  private static long shares(RunShape shape) {
    long columns = shape.config().context();
    long row = Math.min(columns, (columns + 64) / 2 + 1);
    return shape.tokensPerMicroBatch() * shape.config().heads() * row * shape.width();
  }
}
