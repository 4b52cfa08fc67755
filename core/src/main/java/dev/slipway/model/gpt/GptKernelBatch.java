package dev.slipway.model.gpt;

import dev.slipway.tensor.DType;
import dev.slipway.tensor.kernel.Buffer;
import dev.slipway.tensor.kernel.Matrix;
import dev.slipway.tensor.kernel.train.Attention;
import dev.slipway.tensor.kernel.train.KernelMemory;
import dev.slipway.tensor.kernel.train.LinearCrossEntropy;
import dev.slipway.tensor.kernel.train.Projection;
import java.util.ArrayList;
import java.util.List;

/** Activations and their gradients for batches of one shape, made once. N = B T. */
final class GptKernelBatch implements AutoCloseable {
  /**
   * What one block computes.
   *
   * @param input (N, C) float32: the residual stream that enters the block
   * @param middle (N, C) float32: the residual stream after attention
   */
  record Layer(
      Buffer input,
      Buffer inputStatistics,
      Matrix attentionNormed,
      Matrix qkv,
      Attention.State attention,
      Matrix merged,
      Buffer middle,
      Buffer middleStatistics,
      Matrix mlpNormed,
      Matrix up,
      Matrix activated) {
    Layer withInput(Buffer input) {
      return new Layer(
          input,
          inputStatistics,
          attentionNormed,
          qkv,
          attention,
          merged,
          middle,
          middleStatistics,
          mlpNormed,
          up,
          activated);
    }
  }

  /** Gradients, which all blocks share. */
  record Gradients(
      Buffer stream,
      Matrix branch,
      Matrix normed,
      Matrix merged,
      Matrix qkv,
      Attention.State attention,
      Attention.Output output,
      Matrix activated) {}

  private final KernelMemory memory = new KernelMemory();
  private final GptConfig config;
  private final DType dtype;
  private final int tokens;
  final int columns;
  final Attention attention;
  final List<Layer> layers = new ArrayList<>();
  final Attention.Output output;
  final Matrix branch;
  final Buffer last;
  final Buffer lastStatistics;
  final Matrix hidden;
  final LinearCrossEntropy loss;
  private final List<Gradients> gradients = new ArrayList<>();

  /**
   * @param training whether there is a backward; without it all blocks share one layer's memory
   * @param checkpointing whether blocks keep their input only
   */
  GptKernelBatch(
      GptConfig config,
      DType dtype,
      int rows,
      int columns,
      Projection head,
      boolean training,
      boolean checkpointing) {
    this.config = config;
    this.dtype = dtype;
    this.columns = columns;
    tokens = Math.multiplyExact(rows, columns);
    int group = config.heads() / config.keyValueHeads();
    attention =
        Attention.of(
            new Attention.Shape(rows, columns, config.keyValueHeads(), group, config.headDim()),
            dtype);
    int queries = config.heads() * config.headDim();
    Matrix shared = matrix(queries + 2 * config.keyValueHeads() * config.headDim());
    boolean each = training && !checkpointing;
    for (int i = 0; i < config.layers(); i++) {
      if (i == 0 || each) {
        layers.add(layer(shared, each));
      } else {
        layers.add(training ? layers.get(0).withInput(stream()) : layers.get(0));
      }
    }
    output = memory.keep(attention.output(memory.arena()));
    branch = matrix(config.hiddenSize());
    last = stream();
    lastStatistics = statistics();
    hidden = matrix(config.hiddenSize());
    Matrix dHidden = hidden;
    if (training) {
      Matrix normed = matrix(config.hiddenSize());
      dHidden = normed;
      gradients.add(
          new Gradients(
              stream(),
              matrix(config.hiddenSize()),
              normed,
              matrix(queries),
              shared,
              memory.keep(attention.state(memory.arena())),
              output,
              matrix(config.intermediateSize())));
    }
    loss =
        memory.keep(
            new LinearCrossEntropy(
                memory.arena(), dtype, head, config.vocabularySize(), hidden, dHidden));
  }

  private Layer layer(Matrix shared, boolean each) {
    int wide = (config.gated() ? 2 : 1) * config.intermediateSize();
    return new Layer(
        stream(),
        statistics(),
        matrix(config.hiddenSize()),
        each && config.qkNorm() ? matrix(shared.columns()) : shared,
        memory.keep(attention.state(memory.arena())),
        matrix(config.heads() * config.headDim()),
        stream(),
        statistics(),
        matrix(config.hiddenSize()),
        matrix(wide),
        matrix(config.intermediateSize()));
  }

  Gradients gradients() {
    return gradients.get(0);
  }

  private Buffer stream() {
    return memory.buffer((long) tokens * config.hiddenSize());
  }

  private Buffer statistics() {
    return memory.buffer(2L * tokens);
  }

  private Matrix matrix(int columns) {
    return memory.matrix(dtype, tokens, columns);
  }

  @Override
  public void close() {
    memory.close();
  }
}
