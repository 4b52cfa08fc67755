package dev.slipway.tune;

import dev.slipway.model.RowExecution;
import dev.slipway.model.decoder.Activation;
import dev.slipway.model.decoder.DecoderConfig;
import dev.slipway.model.decoder.ScoringConfig;
import dev.slipway.model.llama.LlamaConfig;
import dev.slipway.nn.ParameterSet;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.nn.ProjectionSlot;
import dev.slipway.nn.Weights;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Functional;
import dev.slipway.tensor.Matmul;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import dev.slipway.tensor.kernel.Buffer;
import dev.slipway.tensor.kernel.Matrix;
import dev.slipway.tensor.kernel.train.Heads;
import dev.slipway.tensor.kernel.train.Norm;
import dev.slipway.tensor.kernel.train.Projection;
import dev.slipway.tokenizer.TokenBatch;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Low-rank matrices in a frozen decoder of Llama's shape, forward and backward by fused kernels on
 * the CPU: no gradient is worked out but those that the matrices need, and nothing is allocated in
 * a step once its shape has been seen.
 */
final class AdaptedKernels implements RowExecution {
  /** Shapes whose memory is kept: training, its last window, evaluation. */
  private static final int SHAPES = 3;

  private record Shape(int rows, int columns, boolean training) {}

  private record Ready(AdaptedMemory memory, List<Heads> heads) {}

  private final LlamaConfig config;
  private final DType dtype;
  private final boolean checkpointing;
  private final Arena arena = Arena.ofShared();
  private final Tensor table;
  private final List<AdaptedBlock> blocks = new ArrayList<>();
  private final Norm norm;
  private final @Nullable Projection head;
  private final Map<Shape, Ready> shapes = new LinkedHashMap<>(8, 0.75f, true);
  private final int earliest;

  /**
   * @param scoring whether the head gives a score, which is the network's matter then
   */
  private AdaptedKernels(
      LlamaConfig config,
      boolean scoring,
      Weights weights,
      SequencedMap<String, ProjectionSlot> slots,
      ParameterSet parameters,
      boolean checkpointing) {
    this.config = config;
    this.checkpointing = checkpointing;
    dtype = weights.computeType();
    table = weights.table("model.embed_tokens.weight");
    long largest = parameters.specs().stream().mapToLong(ParameterSpec::numel).max().orElse(0);
    Buffer room = Buffer.allocate(arena, dtype, dtype == DType.BFLOAT16 ? largest : 0);
    for (int i = 0; i < config.shape().layers(); i++) {
      blocks.add(new AdaptedBlock(arena, config, weights, slots, parameters, room, i));
    }
    norm = AdaptedBlock.norm(arena, config, weights, "model.norm.weight");
    head = scoring ? null : head(Objects.requireNonNull(slots.get("lm_head")));
    int first = 0;
    while (blocks.get(first).ranks().isEmpty()) {
      first++;
    }
    earliest = first;
  }

  private static Projection head(ProjectionSlot slot) {
    if (slot.projection() instanceof dev.slipway.nn.Projection.Dense(Tensor weight, _)) {
      return Projection.frozen(
          Buffer.of(weight), Math.toIntExact(slot.out()), Math.toIntExact(slot.in()));
    }
    throw new IllegalArgumentException("the head is not a frozen matrix");
  }

  /**
   * Null where a model or what was put into it is not covered: other architectures, experts,
   * parameters of the model's own that learn, magnitudes, dropout, small networks.
   *
   * @param weights of the whole network, in the type of products
   * @param slots with low-rank matrices in some of them
   * @param parameters theirs
   */
  static @Nullable AdaptedKernels of(
      DecoderConfig config,
      Weights weights,
      SequencedMap<String, ProjectionSlot> slots,
      ParameterSet parameters,
      boolean checkpointing) {
    boolean scoring = config instanceof ScoringConfig;
    return decoder(config) instanceof LlamaConfig llama
            && covers(config)
            && parameters.trainable()
            && learnsMatrices(parameters, scoring)
            && slots.values().stream()
                .filter(slot -> !scoring || !slot.name().equals("lm_head")) // which learns
                .allMatch(AdaptedProjection::covers)
            && !(Objects.requireNonNull(slots.get("lm_head")).projection()
                instanceof LoraProjection)
        ? new AdaptedKernels(llama, scoring, weights, slots, parameters, checkpointing)
        : null;
  }

  /** Whether low-rank matrices are all that learns, but for the score of a model that has one. */
  private static boolean learnsMatrices(ParameterSet parameters, boolean scoring) {
    List<String> names =
        parameters.specs().stream()
            .map(ParameterSpec::name)
            .filter(name -> !scoring || !name.equals(ScoringConfig.SCORE))
            .toList();
    return !names.isEmpty() && names.stream().allMatch(name -> name.contains(".lora_"));
  }

  private static DecoderConfig decoder(DecoderConfig config) {
    return config instanceof ScoringConfig scoring ? scoring.decoder() : config;
  }

  /** Whether a model's shape is covered. */
  static boolean covers(DecoderConfig config) {
    return decoder(config) instanceof LlamaConfig llama
        && llama.activation() == Activation.SILU
        && !llama.biases().mlp()
        && llama.mlps().stream().distinct().count() == 1
        && llama.mlps().getFirst() instanceof LlamaConfig.Mlp.Gated;
  }

  /** Whether a batch is: none where a window hides something. */
  boolean covers(TokenBatch batch) {
    return config.windows().stream().allMatch(window -> window == 0 || window >= batch.columns());
  }

  @Override
  public String name() {
    return (dtype == DType.BFLOAT16 ? "kernels bf16" : "kernels fp32")
        + (checkpointing ? ", checkpointing" : "");
  }

  @Override
  public double forwardBackward(TokenBatch batch, double scale) {
    try (Matmul.Float32ByOneDnn _ = Matmul.Float32ByOneDnn.open();
        NoGrad _ = NoGrad.open()) {
      return step(batch, scale);
    }
  }

  private double step(TokenBatch batch, double scale) {
    Ready ready = ready(batch, true);
    int[] places = batch.places();
    forward(ready, batch, places);
    double loss = ready.memory.loss().forwardBackward(batch.targets(), (float) scale);
    backward(ready, batch, places);
    return loss;
  }

  /**
   * {@inheritDoc} The head is done twice, once to know the log-probabilities and once with their
   * derivatives as weights; the rest of the network once.
   */
  @Override
  public void forwardBackward(TokenBatch batch, RowLoss loss) {
    try (Matmul.Float32ByOneDnn _ = Matmul.Float32ByOneDnn.open();
        NoGrad _ = NoGrad.open()) {
      Ready ready = ready(batch, true);
      int[] places = batch.places();
      forward(ready, batch, places);
      float[] losses = ready.memory.loss().forward(batch.targets(), new boolean[0]);
      double[] logProbabilities = new double[batch.rows()];
      for (int i = 0; i < losses.length; i++) {
        logProbabilities[i / batch.columns()] -= losses[i];
      }
      double[] derivatives = loss.gradient(logProbabilities);
      float[] scales = new float[losses.length];
      for (int i = 0; i < scales.length; i++) {
        scales[i] = (float) -derivatives[i / batch.columns()];
      }
      double unused = ready.memory.loss().forwardBackward(batch.targets(), scales);
      backward(ready, batch, places);
    }
  }

  /**
   * Reads hidden states of a batch's marked positions, (B, C), with no gradients.
   *
   * @param end what they are for; they are there as long as it looks
   */
  <T> T look(TokenBatch batch, Function<Tensor, T> end) {
    try (Scope _ = Scope.open();
        Matmul.Float32ByOneDnn _ = Matmul.Float32ByOneDnn.open();
        NoGrad _ = NoGrad.open()) {
      Ready ready = ready(batch, false);
      forward(ready, batch, batch.places());
      return end.apply(marked(ready.memory.hidden, batch));
    }
  }

  /**
   * Adds gradients by those that an end has to the hidden states of marked positions.
   *
   * @param end gives the gradient, (B, C) in float32, of states (B, C)
   */
  void learn(TokenBatch batch, UnaryOperator<Tensor> end) {
    Ready ready = ready(batch, true);
    AdaptedMemory memory = ready.memory;
    int[] places = batch.places();
    try (Scope _ = Scope.open()) {
      try (Matmul.Float32ByOneDnn _ = Matmul.Float32ByOneDnn.open();
          NoGrad _ = NoGrad.open()) {
        forward(ready, batch, places);
      }
      Tensor gradient = end.apply(marked(memory.hidden, batch)); // (B, C)
      try (Matmul.Float32ByOneDnn _ = Matmul.Float32ByOneDnn.open();
          NoGrad _ = NoGrad.open()) {
        Tensor all = view(memory.dNormed, batch).zeroInPlace(); // (N, C)
        long[] marked = batch.marked();
        for (int row = 0; row < marked.length; row++) {
          all.narrow(0, marked[row], 1).copyInPlace(gradient.narrow(0, row, 1));
        }
        backward(ready, batch, places);
      }
    }
  }

  private Tensor marked(Matrix hidden, TokenBatch batch) {
    long[] marked = batch.marked();
    return view(hidden, batch).indexSelect(0, Tensor.of(marked, marked.length)); // (B, C)
  }

  private Tensor view(Matrix matrix, TokenBatch batch) {
    return Tensor.view(
        matrix.buffer().memory(), dtype, batch.tokens().length, config.shape().hiddenSize());
  }

  /** From the gradient of the normed hidden states down to the first matrices that learn. */
  private void backward(Ready ready, TokenBatch batch, int[] places) {
    AdaptedMemory memory = ready.memory;
    norm.backward(
        batch.tokens().length,
        memory.dNormed.buffer(),
        memory.last,
        memory.lastStatistics,
        false,
        memory.dStream,
        memory.dBranch.buffer(),
        null);
    for (int i = blocks.size() - 1; i >= earliest; i--) {
      AdaptedMemory.Layer layer = memory.layers.get(i);
      if (checkpointing && i < blocks.size() - 1) {
        blocks.get(i).recompute(memory, layer, ready.heads.get(i), batch.starts(), places);
      }
      blocks
          .get(i)
          .backward(memory, layer, ready.heads.get(i), i == earliest, batch.starts(), places);
    }
  }

  @Override
  public float[] losses(TokenBatch batch, boolean[] correct) {
    try (Matmul.Float32ByOneDnn _ = Matmul.Float32ByOneDnn.open();
        NoGrad _ = NoGrad.open()) {
      Ready ready = ready(batch, false);
      forward(ready, batch, batch.places());
      return ready.memory.loss().forward(batch.targets(), correct);
    }
  }

  /** Up to the normed hidden states. */
  private void forward(Ready ready, TokenBatch batch, int[] places) {
    AdaptedMemory memory = ready.memory;
    Buffer stream = memory.layers.getFirst().input();
    embed(batch, stream);
    for (int i = 0; i < blocks.size(); i++) {
      AdaptedMemory.Layer layer = memory.layers.get(i);
      blocks
          .get(i)
          .forward(
              memory,
              layer,
              ready.heads.get(i),
              stream,
              i == 0 ? null : memory.branch,
              batch.starts(),
              places);
      stream = layer.middle();
    }
    norm.forward(
        batch.tokens().length,
        stream,
        memory.branch.buffer(),
        null,
        memory.last,
        memory.hidden.buffer(),
        memory.lastStatistics);
  }

  private void embed(TokenBatch batch, Buffer stream) {
    int count = batch.tokens().length;
    try (Scope _ = Scope.open()) {
      Tensor rows = Functional.embedding(Tensor.of(batch.tokens(), count), table); // (N, C)
      Tensor.view(stream.memory(), DType.FLOAT32, count, config.shape().hiddenSize())
          .copyInPlace(rows);
    }
  }

  private Ready ready(TokenBatch batch, boolean training) {
    Shape shape = new Shape(batch.rows(), batch.columns(), training);
    Ready known = shapes.get(shape);
    if (known != null) {
      return known;
    }
    if (shapes.size() == SHAPES) {
      Ready oldest = shapes.remove(shapes.keySet().iterator().next());
      if (oldest != null) {
        oldest.memory.close();
      }
    }
    AdaptedMemory memory =
        new AdaptedMemory(
            config, dtype, batch.rows(), batch.columns(), blocks, head, training, checkpointing);
    Ready made = new Ready(memory, blocks.stream().map(block -> block.heads(memory)).toList());
    shapes.put(shape, made);
    return made;
  }

  /** The matrices are read where they lie. */
  @Override
  public void parametersChanged() {}

  @Override
  public void close() {
    shapes.values().forEach(ready -> ready.memory.close());
    shapes.clear();
    blocks.forEach(AdaptedBlock::close);
    if (head != null) {
      head.close();
    }
    arena.close();
  }
}
