package dev.slipway.tune;

import dev.slipway.model.llama.LlamaConfig;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.kernel.Buffer;
import dev.slipway.tensor.kernel.Matrix;
import dev.slipway.tensor.kernel.train.Attention;
import dev.slipway.tensor.kernel.train.KernelMemory;
import dev.slipway.tensor.kernel.train.LinearCrossEntropy;
import dev.slipway.tensor.kernel.train.Projection;
import dev.slipway.tensor.kernel.train.Rotary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Activations and their gradients for batches of one shape, made once. N = B T. */
final class AdaptedMemory implements AutoCloseable {
  /**
   * What one block computes.
   *
   * @param input (N, C) float32: the residual stream that enters the block
   * @param middle (N, C) float32: the residual stream after attention
   * @param low what A of each projection gives, (N, r)
   */
  record Layer(
      Buffer input,
      Buffer inputStatistics,
      Matrix attentionNormed,
      Parts qkv,
      Attention.State attention,
      Matrix merged,
      Buffer middle,
      Buffer middleStatistics,
      Matrix mlpNormed,
      Parts gateUp,
      Matrix activated,
      Map<AdaptedBlock.Place, Matrix> low) {
    Layer withInput(Buffer other) {
      return new Layer(
          other,
          inputStatistics,
          attentionNormed,
          qkv,
          attention,
          merged,
          middle,
          middleStatistics,
          mlpNormed,
          gateUp,
          activated,
          low);
    }

    @Nullable Matrix low(AdaptedBlock.Place place) {
      return low.get(place);
    }
  }

  /** What several projections give side by side, and each one's columns of it. */
  record Parts(Matrix whole, List<Matrix> parts) {}

  private final KernelMemory memory = new KernelMemory();
  private final LlamaConfig config;
  private final DType dtype;
  private final int tokens;
  final int columns;
  final Attention attention;
  final Rotary rotary;
  final List<Layer> layers = new ArrayList<>();
  final Attention.Output output;
  final Matrix branch;
  final Buffer last;
  final Buffer lastStatistics;
  final Matrix hidden;
  private final @Nullable LinearCrossEntropy loss;

  // Gradients, which all blocks share; without training some are the activations' own room.
  final Buffer dStream;
  final Matrix dBranch;
  final Matrix dNormed;
  final Matrix dMerged;
  final Parts dQkv;
  final Attention.State dAttention;
  final Matrix dActivated;
  final Map<Integer, Matrix> dLow;

  /**
   * @param blocks of the network
   * @param head null where what follows the hidden states is another's matter
   * @param training whether there is a backward; without it all blocks share one layer's memory
   * @param checkpointing whether blocks keep their input only
   */
  AdaptedMemory(
      LlamaConfig config,
      DType dtype,
      int rows,
      int columns,
      List<AdaptedBlock> blocks,
      @Nullable Projection head,
      boolean training,
      boolean checkpointing) {
    this.config = config;
    this.dtype = dtype;
    this.columns = columns;
    tokens = Math.multiplyExact(rows, columns);
    int keyHeads = config.shape().keyValueHeads();
    attention =
        Attention.of(
            new Attention.Shape(
                rows,
                columns,
                keyHeads,
                config.shape().heads() / keyHeads,
                config.shape().headDim()),
            dtype);
    rotary =
        new Rotary(
            memory.arena(), columns, config.rope().frequencies(columns), config.rope().attention());
    Parts shared = qkv();
    boolean each = training && !checkpointing;
    for (int i = 0; i < config.shape().layers(); i++) {
      if (i == 0 || each) {
        layers.add(layer(each ? blocks.subList(i, i + 1) : blocks, shared, each));
      } else {
        layers.add(training ? layers.getFirst().withInput(stream()) : layers.getFirst());
      }
    }
    output = memory.keep(attention.output(memory.arena()));
    branch = matrix(config.shape().hiddenSize());
    last = stream();
    lastStatistics = statistics();
    hidden = matrix(config.shape().hiddenSize());
    Layer first = layers.getFirst();
    dStream = training ? stream() : last;
    dBranch = training ? matrix(config.shape().hiddenSize()) : branch;
    dNormed = training ? matrix(config.shape().hiddenSize()) : hidden;
    dMerged = training ? matrix(Math.toIntExact(config.shape().queryWidth())) : first.merged;
    dQkv = shared;
    dAttention = training ? memory.keep(attention.state(memory.arena())) : first.attention;
    dActivated = training ? matrix(first.activated.columns()) : first.activated;
    dLow = new HashMap<>();
    for (AdaptedBlock block : blocks) {
      block.ranks().values().forEach(rank -> dLow.computeIfAbsent(rank, this::matrix));
    }
    loss =
        head == null
            ? null
            : memory.keep(
                new LinearCrossEntropy(
                    memory.arena(), dtype, head, config.shape().vocabularySize(), hidden, dNormed));
  }

  /** The head and what is lost by it. */
  LinearCrossEntropy loss() {
    return Objects.requireNonNull(loss, "a head of tokens");
  }

  /** Room for one of these blocks at a time. */
  private Layer layer(List<AdaptedBlock> some, Parts shared, boolean each) {
    int inner = ((LlamaConfig.Mlp.Gated) config.mlps().getFirst()).size();
    Map<AdaptedBlock.Place, Matrix> low = new EnumMap<>(AdaptedBlock.Place.class);
    for (AdaptedBlock block : some) {
      block.ranks().forEach((place, rank) -> low.computeIfAbsent(place, _ -> matrix(rank)));
    }
    return new Layer(
        stream(),
        statistics(),
        matrix(config.shape().hiddenSize()),
        each && config.headNorms() ? qkv() : shared,
        memory.keep(attention.state(memory.arena())),
        matrix(Math.toIntExact(config.shape().queryWidth())),
        stream(),
        statistics(),
        matrix(config.shape().hiddenSize()),
        parts(inner, inner),
        matrix(inner),
        low);
  }

  private Parts qkv() {
    int keys = Math.toIntExact(config.shape().keyWidth());
    return parts(Math.toIntExact(config.shape().queryWidth()), keys, keys);
  }

  private Parts parts(int... widths) {
    Matrix whole = matrix(Arrays.stream(widths).sum());
    List<Matrix> parts = new ArrayList<>();
    int from = 0;
    for (int width : widths) {
      parts.add(memory.keep(whole.columns(from, width)));
      from += width;
    }
    return new Parts(whole, parts);
  }

  private Buffer stream() {
    return memory.buffer((long) tokens * config.shape().hiddenSize());
  }

  private Buffer statistics() {
    return memory.buffer(2L * tokens);
  }

  private Matrix matrix(int width) {
    return memory.matrix(dtype, tokens, width);
  }

  @Override
  public void close() {
    memory.close();
  }
}
