package dev.slipway.model.decoder;

import dev.slipway.nn.Norm;
import dev.slipway.nn.Projection;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Functional;
import dev.slipway.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Causal self-attention with queries that share key-value heads (Ainslie et al. 2023), rotary
 * positions, norms of queries and keys, and a sliding window (Beltagy et al. 2020) where the
 * settings have them.
 */
public final class Attention {
  /**
   * @param layer index of the block, for the cache
   * @param scale of the products of queries and keys, {@code 1/√D} as a rule
   * @param rope null where positions are learned
   * @param window how many positions back a position sees, itself included; 0 sees all
   */
  public record Settings(
      DecoderShape shape, int layer, double scale, @Nullable Rope rope, int window) {}

  /** Queries, keys and values of states. */
  public sealed interface Inputs {
    /**
     * Each by its own: (C) to (H D), (K D) and (K D).
     *
     * @param queryNorm over D, before the rotation; null for none
     * @param keyNorm over D, before the rotation; null for none
     */
    record Separate(
        Projection query,
        Projection key,
        Projection value,
        @Nullable Norm queryNorm,
        @Nullable Norm keyNorm)
        implements Inputs {}

    /** Side by side: (C) to (H D + 2 K D). */
    record Joined(Projection all) implements Inputs {}
  }

  private record Heads(Tensor q, Tensor k, Tensor v) {}

  private final Settings settings;
  private final Inputs inputs;
  private final Projection output;

  /**
   * @param output (H D) to (C)
   */
  public Attention(Settings settings, Inputs inputs, Projection output) {
    this.settings = settings;
    this.inputs = inputs;
    this.output = output;
  }

  public Settings settings() {
    return settings;
  }

  public Inputs inputs() {
    return inputs;
  }

  /** (H D) to (C). */
  public Projection output() {
    return output;
  }

  /** States (B, T, C) in the type of products, in and out. */
  public Tensor forward(Tensor x, DecoderPass pass) {
    DecoderShape shape = settings.shape();
    Heads heads = heads(x, pass);
    Tensor q = heads.q.transpose(1, 2); // (B, H, T, D)
    Tensor k = heads.k.transpose(1, 2); // (B, K, T, D)
    Tensor v = heads.v.transpose(1, 2); // (B, K, T, D)
    if (pass.cache() != null) {
      KeyValueCache.KeyValues all = pass.cache().append(settings.layer(), k, v);
      k = all.keys(); // (B, K, S, D)
      v = all.values(); // (B, K, S, D)
    }
    if (settings.window() > 0 && q.size(2) == 1 && k.size(2) > settings.window()) {
      long unseen = k.size(2) - settings.window();
      k = k.narrow(2, unseen, settings.window()); // (B, K, W, D)
      v = v.narrow(2, unseen, settings.window()); // (B, K, W, D)
    }
    double unusual = settings.scale() * Math.sqrt(shape.headDim());
    if (Math.abs(unusual - 1) > 1e-12) {
      q = q.mul(unusual); // what follows divides by √D
    }
    DecoderPass.Mask mask = pass.mask(settings.window());
    Tensor mixture =
        q.dtype() == DType.FLOAT32 ? fused(q, k, v, mask) : products(q, k, v, mask); // (B, H, T, D)
    return output.apply(
        mixture
            .transpose(1, 2)
            .reshape(x.size(0), x.size(1), shape.queryWidth())); // (B, T, H D) to (B, T, C)
  }

  private Heads heads(Tensor x, DecoderPass pass) {
    DecoderShape shape = settings.shape();
    long h = shape.heads();
    long kv = shape.keyValueHeads();
    long d = shape.headDim();
    long b = x.size(0);
    long t = x.size(1);
    switch (inputs) {
      case Inputs.Joined(Projection all) -> {
        List<Tensor> parts = Functional.split(all.apply(x).view(b, t, h + 2 * kv, d), 2, h, kv, kv);
        return rotated(parts.get(0), parts.get(1), parts.get(2), pass);
      }
      case Inputs.Separate(var query, var key, var value, var queryNorm, var keyNorm) -> {
        Tensor q = query.apply(x).view(b, t, h, d); // (B, T, H, D)
        Tensor k = key.apply(x).view(b, t, kv, d); // (B, T, K, D)
        Tensor v = value.apply(x).view(b, t, kv, d); // (B, T, K, D)
        if (queryNorm != null && keyNorm != null) {
          q = queryNorm.apply(q.to(DType.FLOAT32)).to(x.dtype()); // (B, T, H, D)
          k = keyNorm.apply(k.to(DType.FLOAT32)).to(x.dtype()); // (B, T, K, D)
        }
        return rotated(q, k, v, pass);
      }
    }
  }

  private Heads rotated(Tensor q, Tensor k, Tensor v, DecoderPass pass) {
    if (settings.rope() == null) {
      return new Heads(q, k, v);
    }
    Rope.Angles angles = pass.angles(settings.rope());
    return new Heads(angles.rotate(q), angles.rotate(k), v);
  }

  /** By libtorch's own kernel, which in bfloat16 on the CPU is a scalar product: float32 only. */
  private Tensor fused(Tensor q, Tensor k, Tensor v, DecoderPass.Mask mask) {
    DecoderShape shape = settings.shape();
    long group = shape.heads() / shape.keyValueHeads();
    if (group > 1 && q.size(2) == 1 && mask.added() == null) {
      // One position sees all: the queries that share a key head are rows of one product.
      long rows = q.size(0);
      Tensor grouped =
          q.reshape(rows, shape.keyValueHeads(), group, shape.headDim()); // (B, K, H / K, D)
      return Functional.scaledDotProductAttention(grouped, k, v, null, false)
          .reshape(rows, shape.heads(), 1, shape.headDim()); // (B, H, 1, D)
    }
    if (group > 1) {
      k = k.repeatInterleave(group, 1); // (B, H, S, D)
      v = v.repeatInterleave(group, 1); // (B, H, S, D)
    }
    return Functional.scaledDotProductAttention(q, k, v, mask.added(), mask.causal());
  }

  /** {@code softmax(q k^T / √D + mask) v} as batched products. */
  private Tensor products(Tensor q, Tensor k, Tensor v, DecoderPass.Mask mask) {
    DecoderShape shape = settings.shape();
    long rows = q.size(0);
    long columns = q.size(2);
    long keyHeads = shape.keyValueHeads();
    long queries = shape.heads() / keyHeads * columns;
    // The queries that share a key head are rows of one product: keys are not repeated.
    Tensor scores =
        q.mul(1 / Math.sqrt(shape.headDim()))
            .reshape(rows, keyHeads, queries, shape.headDim())
            .matmul(k.transpose(2, 3))
            .view(rows, shape.heads(), columns, k.size(2)); // (B, H, T, S)
    if (mask.added() != null) {
      scores = scores.add(mask.added()); // (B, H, T, S)
    }
    return scores
        .softmax(3)
        .view(rows, keyHeads, queries, k.size(2))
        .matmul(v)
        .view(rows, shape.heads(), columns, shape.headDim()); // (B, H, T, D)
  }
}
