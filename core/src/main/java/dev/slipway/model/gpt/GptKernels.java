package dev.slipway.model.gpt;

import dev.slipway.model.Execution;
import dev.slipway.nn.ParameterSet;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Matmul;
import dev.slipway.tensor.kernel.train.Embedding;
import dev.slipway.tensor.kernel.train.Norm;
import dev.slipway.tensor.kernel.train.Projection;
import dev.slipway.tensor.kernel.train.Rotary;
import dev.slipway.tokenizer.TokenBatch;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The decoder's forward and its backward, derived by hand, on fused kernels: for the CPU, in every
 * layout, in float32 or in bfloat16 beside float32 parameters. Nothing is allocated in a step once
 * its shape has been seen.
 */
public final class GptKernels implements Execution {
  /** Shapes whose memory is kept: training, its last window, evaluation. */
  private static final int SHAPES = 3;

  private record Shape(int rows, int columns, boolean training) {}

  private final GptConfig config;
  private final DType dtype;
  private final boolean checkpointing;
  private final Arena arena = Arena.ofShared();
  private final GptKernelParameters parameters;
  private final Embedding embedding;
  private final List<GptKernelBlock> blocks = new ArrayList<>();
  private final Norm norm;
  private final Projection head;
  private final Map<Shape, GptKernelBatch> batches = new LinkedHashMap<>(8, 0.75f, true);

  /**
   * @param parameters must outlive this; after a change of them call {@link #parametersChanged}
   * @param dtype FLOAT32 or BFLOAT16: what products and activations are in; the residual stream,
   *     norms, softmax and gradients of parameters are float32 in both
   * @param checkpointing whether a block keeps its input only and computes the rest again in the
   *     backward: less memory, about a third more work. Chen et al. 2016
   */
  public GptKernels(GptConfig config, ParameterSet parameters, DType dtype, boolean checkpointing) {
    if (dtype != DType.FLOAT32 && dtype != DType.BFLOAT16) {
      throw new IllegalArgumentException("kernels compute in float32 or bfloat16, came " + dtype);
    }
    this.config = config;
    this.dtype = dtype;
    this.checkpointing = checkpointing;
    int width = config.hiddenSize();
    long table = (long) config.vocabularySize() * width;
    long places = (long) config.context() * width;
    this.parameters = new GptKernelParameters(arena, parameters, dtype, largest(config));
    embedding =
        new Embedding(
            width,
            this.parameters.values("embed.weight", table),
            this.parameters.gradients("embed.weight", table),
            this.parameters.valuesIfAny("positions.weight", places),
            this.parameters.gradientsIfAny("positions.weight", places));
    Rotary rotary =
        config.rotary()
            ? new Rotary(arena, config.context(), config.headDim(), config.ropeTheta())
            : null;
    for (int i = 0; i < config.layers(); i++) {
      blocks.add(new GptKernelBlock(arena, config, this.parameters, i, rotary));
    }
    norm = GptKernelBlock.norm(arena, config, this.parameters, "norm");
    head =
        this.parameters.projection(
            config.tiedHead() ? "embed.weight" : "head.weight", config.vocabularySize(), width);
  }

  private static long largest(GptConfig config) {
    long queries = (long) (config.heads() + 2 * config.keyValueHeads()) * config.headDim();
    long inner = (config.gated() ? 2L : 1L) * config.intermediateSize();
    return config.hiddenSize() * Math.max(config.vocabularySize(), Math.max(queries, inner));
  }

  @Override
  public String name() {
    return dtype == DType.BFLOAT16 ? "kernels bf16" : "kernels fp32";
  }

  @Override
  public double forwardBackward(TokenBatch batch, double scale) {
    try (Matmul.Float32ByOneDnn _ = Matmul.Float32ByOneDnn.open()) {
      return step(batch, scale);
    }
  }

  private double step(TokenBatch batch, double scale) {
    GptKernelBatch memory = memory(batch, true);
    int[] places = batch.places();
    List<GptKernelBlock.Residual> residuals = forward(memory, batch, places);
    double loss = memory.loss.forwardBackward(batch.targets(), (float) scale);
    GptKernelBatch.Gradients gradients = memory.gradients();
    GptKernelBlock.Residual end = residuals.getLast();
    norm.backward(
        batch.tokens().length,
        gradients.normed().buffer(),
        memory.last,
        memory.lastStatistics,
        false,
        gradients.stream(),
        gradients.branch().buffer(),
        end.dBias());
    for (int i = blocks.size() - 1; i >= 0; i--) {
      GptKernelBatch.Layer layer = memory.layers.get(i);
      if (checkpointing && i < blocks.size() - 1) {
        blocks.get(i).recompute(memory, layer, batch.starts(), places);
      }
      blocks
          .get(i)
          .backward(memory, layer, i == 0, residuals.get(i).dBias(), batch.starts(), places);
    }
    embedding.backward(batch.tokens(), places, gradients.stream());
    return loss;
  }

  @Override
  public float[] losses(TokenBatch batch, boolean[] correct) {
    GptKernelBatch memory = memory(batch, false);
    try (Matmul.Float32ByOneDnn _ = Matmul.Float32ByOneDnn.open()) {
      forward(memory, batch, batch.places());
      return memory.loss.forward(batch.targets(), correct);
    }
  }

  /** Up to the normed hidden states; gives what each block took, and last what the head took. */
  private List<GptKernelBlock.Residual> forward(
      GptKernelBatch memory, TokenBatch batch, int[] places) {
    GptKernelBatch.Layer first = memory.layers.getFirst();
    embedding.forward(batch.tokens(), places, first.input());
    List<GptKernelBlock.Residual> residuals = new ArrayList<>();
    GptKernelBlock.Residual residual = new GptKernelBlock.Residual(first.input(), null, null, null);
    for (int i = 0; i < blocks.size(); i++) {
      residuals.add(residual);
      residual =
          blocks.get(i).forward(memory, memory.layers.get(i), residual, batch.starts(), places);
    }
    residuals.add(residual);
    norm.forward(
        batch.tokens().length,
        residual.stream(),
        memory.branch.buffer(),
        residual.bias(),
        memory.last,
        memory.hidden.buffer(),
        memory.lastStatistics);
    return residuals;
  }

  private GptKernelBatch memory(TokenBatch batch, boolean training) {
    if (batch.columns() > config.context()) {
      throw new IllegalArgumentException(
          "a batch of "
              + batch.columns()
              + " columns came to a model whose context is "
              + config.context());
    }
    Shape shape = new Shape(batch.rows(), batch.columns(), training);
    GptKernelBatch known = batches.get(shape);
    if (known != null) {
      return known;
    }
    if (batches.size() == SHAPES) {
      GptKernelBatch oldest = batches.remove(batches.keySet().iterator().next());
      if (oldest != null) {
        oldest.close();
      }
    }
    GptKernelBatch made =
        new GptKernelBatch(
            config, dtype, batch.rows(), batch.columns(), head, training, checkpointing);
    batches.put(shape, made);
    return made;
  }

  @Override
  public void parametersChanged() {
    parameters.changed();
  }

  @Override
  public void close() {
    batches.values().forEach(GptKernelBatch::close);
    batches.clear();
    parameters.close();
    arena.close();
  }
}
