package dev.slipway.model.gpt;

import dev.slipway.nn.Norm;
import dev.slipway.nn.Projection;
import dev.slipway.nn.Segment;
import dev.slipway.nn.Weights;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Functional;
import dev.slipway.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The decoder-only transformer with norms before each part (Radford et al. 2019; Touvron et al.
 * 2023; Yang et al. 2025): embedding, L blocks, a last norm, a head.
 *
 * <p>Shapes: B rows, T positions, S positions seen, C hidden size, H heads, K key-value heads, D
 * head width, F inner width, V vocabulary. The residual stream is float32; matrix products are done
 * in the weights' {@code computeType()}.
 */
public final class Gpt {
  private static final class Block {
    final Norm attentionNorm;
    final @Nullable Norm queryNorm;
    final @Nullable Norm keyNorm;
    final Norm mlpNorm;
    final Projection qkv;
    final Projection output;
    final Projection up;
    final Projection down;

    Block(GptConfig config, Weights weights, String layer) {
      attentionNorm = norm(config, weights, layer + "attn_norm");
      queryNorm = config.qkNorm() ? norm(config, weights, layer + "attn.q_norm") : null;
      keyNorm = config.qkNorm() ? norm(config, weights, layer + "attn.k_norm") : null;
      mlpNorm = norm(config, weights, layer + "mlp_norm");
      qkv = dense(config, weights, layer + "attn.q", layer + "attn.k", layer + "attn.v");
      output = dense(config, weights, layer + "attn.o");
      up =
          config.gated()
              ? dense(config, weights, layer + "mlp.gate", layer + "mlp.up")
              : dense(config, weights, layer + "mlp.up");
      down = dense(config, weights, layer + "mlp.down");
    }
  }

  private final GptConfig config;
  private final DType computeType;
  private final boolean mixed;
  private final Tensor embedding;
  private final @Nullable Tensor positions;
  private final List<Block> blocks = new ArrayList<>();
  private final Norm lastNorm;
  private final Projection head;

  public Gpt(GptConfig config, Weights weights) {
    this.config = config;
    computeType = weights.computeType();
    mixed = computeType != DType.FLOAT32;
    embedding = weights.value("embed.weight");
    positions = config.rotary() ? null : weights.value("positions.weight");
    for (int i = 0; i < config.layers(); i++) {
      blocks.add(new Block(config, weights, "layers." + i + "."));
    }
    lastNorm = norm(config, weights, "norm");
    head =
        new Projection.Dense(
            weights.operand(config.tiedHead() ? "embed.weight" : "head.weight"), null);
  }

  private static Norm norm(GptConfig config, Weights weights, String name) {
    Tensor weight = weights.value(name + ".weight");
    return config.rmsNorm()
        ? new Norm.RmsNorm(weight, config.normEpsilon())
        : new Norm.LayerNorm(weight, weights.value(name + ".bias"), config.normEpsilon());
  }

  private static Projection dense(GptConfig config, Weights weights, String... names) {
    return new Projection.Dense(
        weights.operand(withSuffix(names, ".weight")),
        config.biases() ? weights.operand(withSuffix(names, ".bias")) : null);
  }

  private static String[] withSuffix(String[] names, String suffix) {
    String[] result = names.clone();
    for (int i = 0; i < result.length; i++) {
      result[i] += suffix;
    }
    return result;
  }

  public GptConfig config() {
    return config;
  }

  /** The network but for its head, in order: ids (B, T) in, hidden states (B, T, C) out. */
  public List<Segment> segments(GptPass pass) {
    List<Segment> segments = new ArrayList<>();
    segments.add(ids -> embed(ids, pass));
    for (int i = 0; i < blocks.size(); i++) {
      int layer = i;
      segments.add(x -> block(layer, x, pass));
    }
    segments.add(lastNorm::apply);
    return segments;
  }

  /** Hidden states after the last norm, (B, T, C), of ids (B, T). */
  public Tensor hidden(Tensor ids, GptPass pass) {
    Tensor x = embed(ids, pass); // (B, T, C)
    for (int i = 0; i < blocks.size(); i++) {
      x = block(i, x, pass); // (B, T, C)
    }
    return lastNorm.apply(x); // (B, T, C)
  }

  /** Logits in float32, (…, V), of hidden states (…, C). */
  public Tensor logits(Tensor hidden) {
    Tensor logits = head.apply(operand(hidden)); // (…, V)
    return mixed ? logits.to(DType.FLOAT32) : logits;
  }

  private Tensor embed(Tensor ids, GptPass pass) {
    Tensor x = Functional.embedding(ids, embedding); // (B, T, C)
    return positions == null
        ? x
        : x.add(Functional.embedding(Objects.requireNonNull(pass.positions()), positions));
  }

  private Tensor block(int layer, Tensor x, GptPass pass) {
    Block block = blocks.get(layer);
    Tensor normed = operand(block.attentionNorm.apply(x)); // (B, T, C)
    x = x.add(attention(block, normed, pass)); // (B, T, C)
    return x.add(mlp(block, operand(block.mlpNorm.apply(x)))); // (B, T, C)
  }

  /** {@code down(gelu(up(x)))}, or {@code down(silu(gate(x)) * up(x))} (Shazeer 2020). */
  private Tensor mlp(Block block, Tensor x) {
    Tensor inner = block.up.apply(x); // (B, T, F) or (B, T, 2 F)
    if (!config.gated()) {
      return block.down.apply(inner.gelu(true)); // (B, T, C)
    }
    long f = config.intermediateSize();
    List<Tensor> gateAndUp = Functional.split(inner, 2, f, f);
    return block.down.apply(gateAndUp.get(0).silu().mul(gateAndUp.get(1))); // (B, T, C)
  }

  private Tensor attention(Block block, Tensor x, GptPass pass) {
    long rows = x.size(0);
    long columns = x.size(1);
    long heads = config.heads();
    long keyHeads = config.keyValueHeads();
    long width = config.headDim();
    Tensor qkv = block.qkv.apply(x).view(rows, columns, heads + 2 * keyHeads, width);
    Tensor q;
    Tensor k;
    Tensor v;
    if (config.rotary() && block.queryNorm == null) {
      List<Tensor> parts = Functional.split(qkv, 2, heads + keyHeads, keyHeads);
      List<Tensor> turned = Functional.split(rotate(parts.get(0), pass), 2, heads, keyHeads);
      q = turned.get(0); // (B, T, H, D)
      k = turned.get(1); // (B, T, K, D)
      v = parts.get(1); // (B, T, K, D)
    } else {
      List<Tensor> parts = Functional.split(qkv, 2, heads, keyHeads, keyHeads);
      q = parts.get(0); // (B, T, H, D)
      k = parts.get(1); // (B, T, K, D)
      v = parts.get(2); // (B, T, K, D)
      if (block.queryNorm != null && block.keyNorm != null) {
        q = rotate(operand(block.queryNorm.apply(q)), pass);
        k = rotate(operand(block.keyNorm.apply(k)), pass);
      }
    }
    q = q.transpose(1, 2); // (B, H, T, D)
    k = k.transpose(1, 2); // (B, K, T, D)
    v = v.transpose(1, 2); // (B, K, T, D)
    Tensor mixture = mixed ? products(q, k, v, pass) : fused(q, k, v, pass); // (B, H, T, D)
    return block.output.apply(
        mixture.transpose(1, 2).reshape(rows, columns, heads * width)); // (B, T, C)
  }

  /** By libtorch's own kernel, which in bfloat16 on the CPU is a scalar product: float32 only. */
  private Tensor fused(Tensor q, Tensor k, Tensor v, GptPass pass) {
    long group = config.heads() / config.keyValueHeads();
    if (group > 1 && q.size(2) == 1 && pass.mask() == null) {
      // One position sees all: the queries that share a key head are rows of one product.
      long rows = q.size(0);
      long width = config.headDim();
      Tensor grouped = q.reshape(rows, config.keyValueHeads(), group, width); // (B, K, H / K, D)
      return Functional.scaledDotProductAttention(grouped, k, v, null, false)
          .reshape(rows, config.heads(), 1, width); // (B, H, 1, D)
    }
    if (group > 1) {
      k = k.repeatInterleave(group, 1); // (B, H, S, D)
      v = v.repeatInterleave(group, 1); // (B, H, S, D)
    }
    return Functional.scaledDotProductAttention(q, k, v, pass.mask(), pass.causal());
  }

  /** {@code softmax(q k^T / √D + mask) v} as batched products. */
  private Tensor products(Tensor q, Tensor k, Tensor v, GptPass pass) {
    long rows = q.size(0);
    long columns = q.size(2);
    long width = config.headDim();
    long keyHeads = config.keyValueHeads();
    long group = config.heads() / keyHeads;
    q = q.mul(1 / Math.sqrt(width)); // (B, H, T, D)
    Tensor scores;
    if (group == 1) {
      scores = q.matmul(k.transpose(2, 3)); // (B, H, T, S)
    } else {
      // The queries that share a key head are rows of one product: keys are not repeated.
      scores =
          q.reshape(rows, keyHeads, group * columns, width)
              .matmul(k.transpose(2, 3))
              .view(rows, config.heads(), columns, k.size(2)); // (B, H, T, S)
    }
    if (pass.mask() != null) {
      scores = scores.addInPlace(pass.mask(), 1);
    }
    Tensor shares = scores.softmax(3); // (B, H, T, S)
    if (group == 1) {
      return shares.matmul(v); // (B, H, T, D)
    }
    return shares
        .view(rows, keyHeads, group * columns, k.size(2))
        .matmul(v)
        .view(rows, config.heads(), columns, width); // (B, H, T, D)
  }

  /**
   * Rotary positions (Su et al. 2021) in Hugging Face's layout, where dimension i turns with i + D
   * / 2: {@code x cos + rotate_half(x) sin}; the sign of {@code rotate_half} sits in the sine
   * table.
   */
  private Tensor rotate(Tensor x, GptPass pass) {
    Tensor cos = Objects.requireNonNull(pass.cos()); // (T, 1, D)
    Tensor sin = Objects.requireNonNull(pass.sin()); // (T, 1, D)
    Tensor half = Functional.roll(x, config.headDim() / 2, 3); // (B, T, H, D)
    return Functional.addcmul(x.mul(cos), half, sin); // (B, T, H, D)
  }

  private Tensor operand(Tensor x) {
    return mixed ? x.to(computeType) : x;
  }
}
