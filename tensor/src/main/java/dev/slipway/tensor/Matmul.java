package dev.slipway.tensor;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.global.torch;

/**
 * Matrix products into tensors that exist already: libtorch's {@code _out} variants, which allocate
 * nothing and record no gradient.
 */
public final class Matmul {
  private static final Scalar ONE = constant();

  private Matmul() {}

  @SuppressWarnings("resource") // lives as long as the process
  private static Scalar constant() {
    Engine.load();
    return new Scalar(1.0).retainReference();
  }

  /** {@code out = a b}: a (N, K), b (K, M), out (N, M), of one type; a and b may be transposed. */
  public static void mm(Tensor out, Tensor a, Tensor b) {
    torch.mm_out(out.handle, a.handle, b.handle);
  }

  /** {@code out += a b}. */
  public static void addmm(Tensor out, Tensor a, Tensor b) {
    torch.addmm_out(out.handle, out.handle, a.handle, b.handle, ONE, ONE);
  }

  /** {@code out = a b} for each of a batch: a (Z, N, K), b (Z, K, M), out (Z, N, M). */
  public static void bmm(Tensor out, Tensor a, Tensor b) {
    torch.bmm_out(out.handle, a.handle, b.handle);
  }

  /** {@code out += a b} for each of a batch. */
  public static void baddbmm(Tensor out, Tensor a, Tensor b) {
    torch.baddbmm_out(out.handle, out.handle, a.handle, b.handle, ONE, ONE);
  }
}
