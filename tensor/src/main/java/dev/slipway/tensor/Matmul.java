package dev.slipway.tensor;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.global.torch;

/**
 * Matrix products into tensors that exist already: libtorch's {@code _out} variants, which allocate
 * nothing and record no gradient.
 */
public final class Matmul {
  /**
   * ‖error‖ ÷ ‖product‖ at 512³ with standard normal factors: 2e-7 by MKL, 4e-7 by oneDNN in
   * float32, 3e-3 in bfloat16. The largest single error is 1e-4, 5e-5 by MKL.
   */
  private static final double LARGEST_ERROR = 1e-6;

  /** How many {@link Float32ByOneDnn} are open, one inside of another or on several threads. */
  private static int open;

  private static final Scalar ONE = constant();

  private Matmul() {}

  @SuppressWarnings("resource") // lives as long as the process
  private static Scalar constant() {
    Engine.load();
    return new Scalar(1.0).retainReference();
  }

  /**
   * Lets oneDNN carry out this process's float32 products until it is closed, where that has been
   * seen to give float32's precision; else changes nothing. MKL does not use all of an AMD
   * processor.
   *
   * <p>oneDNN is reached by allowing it bfloat16 inside; processors without matrix units for
   * bfloat16 compute in float32 all the same, which is measured once on a 512³ product.
   */
  public static final class Float32ByOneDnn implements AutoCloseable {
    /** Width from which on it is faster: it prepares each product, which small ones don't earn. */
    private static final int WIDE = 256;

    private final int opened;
    private final boolean pauses;

    private Float32ByOneDnn(boolean opens, boolean pauses) {
      opened = opens && Precise.AVAILABLE ? 1 : 0;
      synchronized (Matmul.class) {
        open += opened;
        this.pauses = pauses && open > 0;
        if (opened == 1 && open == 1) {
          route(true);
        } else if (this.pauses) {
          route(false);
        }
      }
    }

    /**
     * Whether products of a network are large enough for what oneDNN does before each.
     *
     * @param width of its hidden states
     */
    public static boolean pays(DType computeType, long width) {
      return computeType == DType.FLOAT32 && width >= WIDE;
    }

    public static Float32ByOneDnn open() {
      return open(true);
    }

    /**
     * @param pays whether products are large enough; else nothing changes
     */
    public static Float32ByOneDnn open(boolean pays) {
      Engine.load();
      return new Float32ByOneDnn(pays, false);
    }

    /**
     * Back to MKL until this is closed, for many small products, such as those of attention, each
     * of which costs oneDNN more to begin than to carry out.
     */
    public static Float32ByOneDnn paused() {
      return new Float32ByOneDnn(false, true);
    }

    private static void route(boolean oneDnn) {
      torch
          .globalContext()
          .setFloat32Precision(
              torch.Float32Backend.MKLDNN,
              torch.Float32Op.MATMUL,
              oneDnn ? torch.Float32Precision.BF16 : torch.Float32Precision.NONE);
    }

    @Override
    public void close() {
      synchronized (Matmul.class) {
        open -= opened;
        if (opened == 1 && open == 0) {
          route(false);
        } else if (pauses && open > 0) {
          route(true);
        }
      }
    }

    private static final class Precise {
      static final boolean AVAILABLE = measure();

      private static boolean measure() {
        try (Scope _ = Scope.open();
            NoGrad _ = NoGrad.open()) {
          Tensor a = Tensor.empty(DType.FLOAT32, 512, 512);
          Tensor b = Tensor.empty(DType.FLOAT32, 512, 512);
          a.normalInPlace(0, 1, Generator.seeded(1));
          b.normalInPlace(0, 1, Generator.seeded(2));
          Tensor exact = a.to(DType.FLOAT64).matmul(b.to(DType.FLOAT64));
          Tensor product = Tensor.empty(DType.FLOAT32, 512, 512);
          route(true);
          try {
            mm(product, a, b);
          } finally {
            route(false);
          }
          double error = product.to(DType.FLOAT64).sub(exact).norm().item();
          return error / exact.norm().item() <= LARGEST_ERROR;
        }
      }
    }
  }

  /** {@code out = a b}: a (N, K), b (K, M), out (N, M), of one type; a and b may be transposed. */
  public static void mm(Tensor out, Tensor a, Tensor b) {
    torch.mm_out(out.handle, a.handle, b.handle);
  }

  /** {@code out = s a b}. */
  public static void mm(Tensor out, Tensor a, Tensor b, double s) {
    if (s == 1) {
      mm(out, a, b);
      return;
    }
    try (Scalar zero = new Scalar(0.0);
        Scalar scale = new Scalar(s)) {
      torch.addmm_out(out.handle, out.handle, a.handle, b.handle, zero, scale);
    }
  }

  /** {@code out += s a b}. */
  public static void addmm(Tensor out, Tensor a, Tensor b, double s) {
    try (Scalar scale = new Scalar(s)) {
      torch.addmm_out(out.handle, out.handle, a.handle, b.handle, ONE, scale);
    }
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
