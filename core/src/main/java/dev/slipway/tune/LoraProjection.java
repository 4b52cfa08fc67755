package dev.slipway.tune;

import dev.slipway.nn.Projection;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Functional;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A projection with a low-rank one beside it, {@code y = W x + b + s B A x}; with magnitudes
 *
 * <pre>y = g (W x + s B A x) + b      g = m / ‖W + s B A‖ by rows, its denominator a constant</pre>
 *
 * as DoRA has it (Liu et al. 2024, §4.1 and §4.3).
 *
 * @param base what is adapted, frozen
 * @param a (r, in), in the type of products
 * @param b (out, r), in the type of products
 * @param magnitude (out), or null
 * @param scale s
 * @param dropout of what A sees
 */
record LoraProjection(
    Projection base, Tensor a, Tensor b, @Nullable Tensor magnitude, double scale, Dropout dropout)
    implements Projection {
  @Override
  public Tensor apply(Tensor x) {
    Tensor seen = dropout.apply(x); // (…, in)
    Tensor low = Functional.linear(seen, a.to(x.dtype()), null).mul(scale); // (…, r)
    Tensor added = Functional.linear(low, b.to(x.dtype()), null); // (…, out)
    if (magnitude == null) {
      return base.apply(x).add(added); // (…, out)
    }
    Tensor bias = Slots.bias(base);
    Tensor ratio = magnitude.div(norms()).to(x.dtype()); // (out)
    Tensor whole = base.apply(x); // (…, out)
    Tensor plain = bias == null ? whole : whole.sub(bias); // (…, out)
    if (dropout.drops()) {
      // As PEFT has it: the frozen part sees all of x, what learns sees what is left of it.
      Tensor left = base.apply(seen); // (…, out)
      Tensor leftPlain = bias == null ? left : left.sub(bias); // (…, out)
      return whole.add(leftPlain.mul(ratio.add(-1))).add(added.mul(ratio)); // (…, out)
    }
    Tensor directed = plain.add(added).mul(ratio); // (…, out)
    return bias == null ? directed : directed.add(bias);
  }

  /** The same with matrices in another type. */
  LoraProjection with(Tensor otherA, Tensor otherB) {
    return new LoraProjection(base, otherA, otherB, magnitude, scale, dropout);
  }

  /** Norms of the rows of {@code W + s B A} as constants, (out). */
  Tensor norms() {
    try (NoGrad _ = NoGrad.open()) {
      return rows(merged(false));
    }
  }

  /** Norms of a matrix's rows, (out), of (out, in). */
  static Tensor rows(Tensor matrix) {
    return matrix.mul(matrix).sum(1, false).sqrt();
  }

  private Tensor merged(boolean directed) {
    Tensor sum = Slots.weight(base).add(b.matmul(a).to(DType.FLOAT32).mul(scale)); // (out, in)
    return directed && magnitude != null
        ? sum.mul(magnitude.div(rows(sum)).unsqueeze(1)) // (out, in)
        : sum;
  }

  /** The one weight that does what both do, (out, in) in float32. */
  Tensor merged() {
    return merged(true);
  }
}
