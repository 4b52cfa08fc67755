package dev.slipway.tune;

import dev.slipway.model.llama.LlamaConfig;
import dev.slipway.nn.ParameterSet;
import dev.slipway.nn.ProjectionSlot;
import dev.slipway.nn.Weights;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import dev.slipway.tensor.kernel.Buffer;
import dev.slipway.tensor.kernel.Matrix;
import dev.slipway.tensor.kernel.train.Heads;
import dev.slipway.tensor.kernel.train.Norm;
import dev.slipway.tensor.kernel.train.SwiGlu;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One block by kernels, whose own parameters are frozen: {@code x + attention(norm(x))}, then
 * {@code x + mlp(norm(x))}. The sums are part of the norm that follows, so a block takes what the
 * block before adds and hands on what it adds itself.
 */
final class AdaptedBlock implements AutoCloseable {
  /** Where projections stand. */
  enum Place {
    Q("self_attn.q_proj"),
    K("self_attn.k_proj"),
    V("self_attn.v_proj"),
    O("self_attn.o_proj"),
    GATE("mlp.gate_proj"),
    UP("mlp.up_proj"),
    DOWN("mlp.down_proj");

    final String module;

    Place(String module) {
      this.module = module;
    }
  }

  private static final List<Place> QKV = List.of(Place.Q, Place.K, Place.V);
  private static final List<Place> GATE_UP = List.of(Place.GATE, Place.UP);

  private final LlamaConfig config;
  private final Arena arena;
  private final Map<Place, AdaptedProjection> projections = new EnumMap<>(Place.class);
  private final Norm attentionNorm;
  private final Norm mlpNorm;
  private final @Nullable Buffer qkvBias;
  private final @Nullable Buffer queryNorm;
  private final @Nullable Buffer keyNorm;
  private final @Nullable Buffer outBias;
  private final SwiGlu swiGlu;

  AdaptedBlock(
      Arena arena,
      LlamaConfig config,
      Weights weights,
      Map<String, ProjectionSlot> slots,
      ParameterSet parameters,
      Buffer room,
      int index) {
    this.arena = arena;
    this.config = config;
    String layer = "model.layers." + index + ".";
    for (Place place : Place.values()) {
      projections.put(place, new AdaptedProjection(slot(slots, layer, place), parameters, room));
    }
    attentionNorm = norm(arena, config, weights, layer + "input_layernorm.weight");
    mlpNorm = norm(arena, config, weights, layer + "post_attention_layernorm.weight");
    qkvBias = bias(arena, QKV.stream().map(place -> slot(slots, layer, place)).toList());
    outBias = bias(arena, List.of(slot(slots, layer, Place.O)));
    boolean normed = config.headNorms();
    queryNorm = normed ? Buffer.of(weights.value(layer + "self_attn.q_norm.weight")) : null;
    keyNorm = normed ? Buffer.of(weights.value(layer + "self_attn.k_norm.weight")) : null;
    swiGlu = new SwiGlu(((LlamaConfig.Mlp.Gated) config.mlps().get(index)).size());
  }

  static ProjectionSlot slot(Map<String, ProjectionSlot> slots, String layer, Place place) {
    return Objects.requireNonNull(slots.get(layer + place.module), layer + place.module);
  }

  static Norm norm(Arena arena, LlamaConfig config, Weights weights, String name) {
    return new Norm(
        arena,
        config.shape().hiddenSize(),
        config.normEpsilon(),
        Buffer.of(weights.value(name)),
        null,
        null,
        null);
  }

  /** Biases side by side in float32, or null where there are none. */
  private static @Nullable Buffer bias(Arena arena, List<ProjectionSlot> slots) {
    try (Scope _ = Scope.open()) {
      List<Tensor> biases = new ArrayList<>();
      for (ProjectionSlot slot : slots) {
        Tensor bias = AdaptedProjection.bias(slot);
        if (bias != null) {
          biases.add(bias);
        }
      }
      if (biases.isEmpty()) {
        return null;
      }
      Tensor all = Tensor.cat(biases, 0);
      Buffer buffer = Buffer.allocate(arena, DType.FLOAT32, all.numel());
      Tensor view = buffer.tensor(all.numel());
      view.copyInPlace(all);
      view.close();
      return buffer;
    }
  }

  /** Ranks of the projections that have low-rank matrices. */
  Map<Place, Integer> ranks() {
    Map<Place, Integer> ranks = new EnumMap<>(Place.class);
    projections.forEach(
        (place, projection) -> {
          if (projection.learns()) {
            ranks.put(place, projection.rank());
          }
        });
    return ranks;
  }

  /** Heads with the angles of one shape's positions. */
  Heads heads(AdaptedMemory memory) {
    int keyHeads = config.shape().keyValueHeads();
    return new Heads(
        arena,
        keyHeads,
        config.shape().heads() / keyHeads,
        config.shape().headDim(),
        new Heads.Parameters(
            qkvBias, null, queryNorm, null, keyNorm, null, config.normEpsilon(), memory.rotary));
  }

  private AdaptedProjection at(Place place) {
    return Objects.requireNonNull(projections.get(place));
  }

  private void forward(
      List<Place> places, AdaptedMemory.Layer layer, Matrix x, AdaptedMemory.Parts y) {
    for (int i = 0; i < places.size(); i++) {
      Place place = places.get(i);
      at(place).forward(x, layer.low(place), y.parts().get(i));
    }
  }

  private void backward(
      List<Place> places,
      AdaptedMemory memory,
      AdaptedMemory.Layer layer,
      AdaptedMemory.Parts dy,
      Matrix x,
      @Nullable Matrix dx) {
    for (int i = 0; i < places.size(); i++) {
      backward(places.get(i), memory, layer, dy.parts().get(i), x, dx, i > 0);
    }
  }

  private void backward(
      Place place,
      AdaptedMemory memory,
      AdaptedMemory.Layer layer,
      Matrix dy,
      Matrix x,
      @Nullable Matrix dx,
      boolean add) {
    AdaptedProjection projection = at(place);
    projection.backward(dy, x, layer.low(place), memory.dLow.get(projection.rank()), dx, add);
  }

  /**
   * Leaves what it adds to {@code layer.middle()} in the memory's branch.
   *
   * @param stream that the block before left
   * @param branch what is to be added to it, or null
   */
  void forward(
      AdaptedMemory memory,
      AdaptedMemory.Layer layer,
      Heads heads,
      Buffer stream,
      @Nullable Matrix branch,
      int[] starts,
      int[] places) {
    enter(memory, layer, heads, stream, branch, starts, places);
    at(Place.DOWN).forward(layer.activated(), layer.low(Place.DOWN), memory.branch);
  }

  /** All of the forward that a backward needs, from the layer's input. */
  void recompute(
      AdaptedMemory memory, AdaptedMemory.Layer layer, Heads heads, int[] starts, int[] places) {
    forward(memory, layer, heads, layer.input(), null, starts, places);
  }

  private void enter(
      AdaptedMemory memory,
      AdaptedMemory.Layer layer,
      Heads heads,
      Buffer stream,
      @Nullable Matrix branch,
      int[] starts,
      int[] places) {
    int rows = starts.length;
    attentionNorm.forward(
        rows,
        stream,
        branch == null ? null : branch.buffer(),
        null,
        layer.input(),
        layer.attentionNormed().buffer(),
        layer.inputStatistics());
    forward(QKV, layer, layer.attentionNormed(), layer.qkv()); // (N, (H + 2 K) D)
    heads.split(
        layer.qkv().whole(),
        memory.columns,
        places,
        layer.attention().q(),
        layer.attention().k(),
        layer.attention().v());
    memory.attention.forward(layer.attention(), starts, memory.output);
    heads.merge(memory.output.buffer(), memory.columns, layer.merged()); // (N, H D)
    at(Place.O).forward(layer.merged(), layer.low(Place.O), memory.branch); // (N, C)
    mlpNorm.forward(
        rows,
        layer.input(),
        memory.branch.buffer(),
        outBias,
        layer.middle(),
        layer.mlpNormed().buffer(),
        layer.middleStatistics());
    forward(GATE_UP, layer, layer.mlpNormed(), layer.gateUp()); // (N, 2 F)
    swiGlu.forward(layer.gateUp().whole(), layer.activated()); // (N, F)
  }

  /**
   * Gradients hold that of what the block hands on, as stream and as branch; then that of what it
   * took.
   *
   * @param first whether nothing before it learns, so that nobody asks for its input's gradient
   */
  void backward(
      AdaptedMemory memory,
      AdaptedMemory.Layer layer,
      Heads heads,
      boolean first,
      int[] starts,
      int[] places) {
    int rows = starts.length;
    backward(
        Place.DOWN, memory, layer, memory.dBranch, layer.activated(), memory.dActivated, false);
    swiGlu.backward(memory.dActivated, layer.gateUp().whole(), layer.gateUp().whole());
    backward(GATE_UP, memory, layer, layer.gateUp(), layer.mlpNormed(), memory.dNormed);
    mlpNorm.backward(
        rows,
        memory.dNormed.buffer(),
        layer.middle(),
        layer.middleStatistics(),
        true,
        memory.dStream,
        memory.dBranch.buffer(),
        null);
    backward(Place.O, memory, layer, memory.dBranch, layer.merged(), memory.dMerged, false);
    heads.unmerge(memory.dMerged, memory.columns, memory.output.buffer());
    memory.attention.backward(layer.attention(), starts, memory.output, memory.dAttention);
    heads.backward(
        layer.qkv().whole(),
        memory.columns,
        places,
        memory.dAttention.q(),
        memory.dAttention.k(),
        memory.dAttention.v(),
        memory.dQkv.whole());
    backward(
        QKV, memory, layer, memory.dQkv, layer.attentionNormed(), first ? null : memory.dNormed);
    if (!first) {
      attentionNorm.backward(
          rows,
          memory.dNormed.buffer(),
          layer.input(),
          layer.inputStatistics(),
          true,
          memory.dStream,
          memory.dBranch.buffer(),
          null);
    }
  }

  @Override
  public void close() {
    projections.values().forEach(AdaptedProjection::close);
  }
}
