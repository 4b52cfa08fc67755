package dev.slipway.model.gpt;

import dev.slipway.tensor.kernel.Buffer;
import dev.slipway.tensor.kernel.Matrix;
import dev.slipway.tensor.kernel.train.Gelu;
import dev.slipway.tensor.kernel.train.Heads;
import dev.slipway.tensor.kernel.train.Norm;
import dev.slipway.tensor.kernel.train.Projection;
import dev.slipway.tensor.kernel.train.Rotary;
import dev.slipway.tensor.kernel.train.SwiGlu;
import java.lang.foreign.Arena;
import org.jspecify.annotations.Nullable;

/**
 * One block by kernels: {@code x + attention(norm(x))}, then {@code x + mlp(norm(x))}. The sums are
 * part of the norm that follows, so a block takes what the block before adds and hands on what it
 * adds itself.
 */
final class GptKernelBlock {
  /**
   * What a block or the embedding hands on: {@code stream + branch + bias}.
   *
   * @param branch null for the embedding, whose stream is complete
   */
  record Residual(
      Buffer stream, @Nullable Matrix branch, @Nullable Buffer bias, @Nullable Buffer dBias) {}

  private final Norm attentionNorm;
  private final Projection qkv;
  private final Heads heads;
  private final Projection out;
  private final @Nullable Buffer outBias;
  private final @Nullable Buffer dOutBias;
  private final Norm mlpNorm;
  private final Projection up;
  private final @Nullable Gelu gelu;
  private final SwiGlu swiGlu;
  private final Projection down;
  private final @Nullable Buffer downBias;
  private final @Nullable Buffer dDownBias;

  GptKernelBlock(
      Arena arena,
      GptConfig config,
      GptKernelParameters parameters,
      int index,
      @Nullable Rotary rotary) {
    String layer = "layers." + index + ".";
    int hidden = config.hiddenSize();
    int inner = config.intermediateSize();
    int queries = config.heads() * config.headDim();
    int joint = queries + 2 * config.keyValueHeads() * config.headDim();
    attentionNorm = norm(arena, config, parameters, layer + "attn_norm");
    qkv = parameters.projection(layer + "attn.q.weight", joint, hidden);
    heads =
        new Heads(
            arena,
            config.keyValueHeads(),
            config.heads() / config.keyValueHeads(),
            config.headDim(),
            new Heads.Parameters(
                parameters.valuesIfAny(layer + "attn.q.bias", joint),
                parameters.gradientsIfAny(layer + "attn.q.bias", joint),
                parameters.valuesIfAny(layer + "attn.q_norm.weight", config.headDim()),
                parameters.gradientsIfAny(layer + "attn.q_norm.weight", config.headDim()),
                parameters.valuesIfAny(layer + "attn.k_norm.weight", config.headDim()),
                parameters.gradientsIfAny(layer + "attn.k_norm.weight", config.headDim()),
                config.normEpsilon(),
                rotary));
    out = parameters.projection(layer + "attn.o.weight", hidden, queries);
    outBias = parameters.valuesIfAny(layer + "attn.o.bias", hidden);
    dOutBias = parameters.gradientsIfAny(layer + "attn.o.bias", hidden);
    mlpNorm = norm(arena, config, parameters, layer + "mlp_norm");
    up =
        config.gated()
            ? parameters.projection(layer + "mlp.gate.weight", 2 * inner, hidden)
            : parameters.projection(layer + "mlp.up.weight", inner, hidden);
    gelu =
        config.gated()
            ? null
            : new Gelu(
                arena,
                inner,
                parameters.values(layer + "mlp.up.bias", inner),
                parameters.gradients(layer + "mlp.up.bias", inner));
    swiGlu = new SwiGlu(inner);
    down = parameters.projection(layer + "mlp.down.weight", hidden, inner);
    downBias = parameters.valuesIfAny(layer + "mlp.down.bias", hidden);
    dDownBias = parameters.gradientsIfAny(layer + "mlp.down.bias", hidden);
  }

  static Norm norm(Arena arena, GptConfig config, GptKernelParameters parameters, String name) {
    int width = config.hiddenSize();
    return new Norm(
        arena,
        width,
        config.normEpsilon(),
        parameters.values(name + ".weight", width),
        parameters.gradients(name + ".weight", width),
        parameters.valuesIfAny(name + ".bias", width),
        parameters.gradientsIfAny(name + ".bias", width));
  }

  /** Takes what came before; leaves its sum in the layer's input. */
  Residual forward(
      GptKernelBatch batch,
      GptKernelBatch.Layer layer,
      Residual before,
      int[] starts,
      int[] places) {
    enter(batch, layer, before, starts, places);
    down.forward(layer.activated(), batch.branch);
    return new Residual(layer.middle(), batch.branch, downBias, dDownBias);
  }

  /** All of the forward that a backward needs, from the layer's input. */
  void recompute(GptKernelBatch batch, GptKernelBatch.Layer layer, int[] starts, int[] places) {
    enter(batch, layer, new Residual(layer.input(), null, null, null), starts, places);
  }

  private void enter(
      GptKernelBatch batch,
      GptKernelBatch.Layer layer,
      Residual before,
      int[] starts,
      int[] places) {
    int rows = starts.length;
    attentionNorm.forward(
        rows,
        before.stream(),
        before.branch() == null ? null : before.branch().buffer(),
        before.bias(),
        layer.input(),
        layer.attentionNormed().buffer(),
        layer.inputStatistics());
    qkv.forward(layer.attentionNormed(), layer.qkv()); // (N, (H + 2 K) D)
    heads.split(
        layer.qkv(),
        batch.columns,
        places,
        layer.attention().q(),
        layer.attention().k(),
        layer.attention().v());
    batch.attention.forward(layer.attention(), starts, batch.output);
    heads.merge(batch.output.buffer(), batch.columns, layer.merged()); // (N, H D)
    out.forward(layer.merged(), batch.branch); // (N, C)
    mlpNorm.forward(
        rows,
        layer.input(),
        batch.branch.buffer(),
        outBias,
        layer.middle(),
        layer.mlpNormed().buffer(),
        layer.middleStatistics());
    up.forward(layer.mlpNormed(), layer.up()); // (N, F) or (N, 2 F)
    if (gelu != null) {
      gelu.forward(layer.up(), layer.activated());
    } else {
      swiGlu.forward(layer.up(), layer.activated());
    }
  }

  /**
   * Gradients hold that of what the block hands on, as stream and as branch; then that of what it
   * took.
   *
   * @param before what the forward took; null buffers where nobody asks for its branch's gradient
   */
  void backward(
      GptKernelBatch batch,
      GptKernelBatch.Layer layer,
      boolean first,
      @Nullable Buffer dBeforeBias,
      int[] starts,
      int[] places) {
    int rows = starts.length;
    GptKernelBatch.Gradients d = batch.gradients();
    down.backwardWeight(d.branch(), layer.activated());
    down.backwardInput(d.branch(), d.activated());
    Matrix dUp;
    if (gelu != null) {
      gelu.backward(d.activated(), layer.up());
      dUp = d.activated();
    } else {
      swiGlu.backward(d.activated(), layer.up(), layer.up());
      dUp = layer.up();
    }
    up.backwardWeight(dUp, layer.mlpNormed());
    up.backwardInput(dUp, d.normed());
    mlpNorm.backward(
        rows,
        d.normed().buffer(),
        layer.middle(),
        layer.middleStatistics(),
        true,
        d.stream(),
        d.branch().buffer(),
        dOutBias);
    out.backwardWeight(d.branch(), layer.merged());
    out.backwardInput(d.branch(), d.merged());
    heads.unmerge(d.merged(), batch.columns, d.output().buffer());
    batch.attention.backward(layer.attention(), starts, d.output(), d.attention());
    heads.backward(
        layer.qkv(),
        batch.columns,
        places,
        d.attention().q(),
        d.attention().k(),
        d.attention().v(),
        d.qkv());
    qkv.backwardWeight(d.qkv(), layer.attentionNormed());
    qkv.backwardInput(d.qkv(), d.normed());
    attentionNorm.backward(
        rows,
        d.normed().buffer(),
        layer.input(),
        layer.inputStatistics(),
        true,
        d.stream(),
        first ? null : d.branch().buffer(),
        dBeforeBias);
  }
}
