package dev.slipway.tensor.kernel.train;

import dev.slipway.tensor.Matmul;
import dev.slipway.tensor.kernel.Buffer;
import dev.slipway.tensor.kernel.Flat;
import dev.slipway.tensor.kernel.Matrix;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A linear map without bias, {@code y = x W^T}, with its gradients by hand. Biases are folded into
 * the kernels that follow.
 */
public final class Projection implements AutoCloseable {
  private final Matrix weight;
  private final @Nullable Matrix gradient;
  private final @Nullable Matrix room;

  /**
   * @param weight (out, in), in the type that products are computed in
   * @param gradient (out, in) in float32
   * @param room at least out x in values in the weight's type, for a product before it is added to
   *     the gradient; unused in float32
   */
  public Projection(Buffer weight, Buffer gradient, Buffer room, int out, int in) {
    this.weight = Matrix.on(weight, out, in);
    this.gradient = Matrix.on(gradient, out, in);
    this.room = weight.half() ? Matrix.on(room, out, in) : null;
  }

  private Projection(Buffer weight, int out, int in) {
    this.weight = Matrix.on(weight, out, in);
    gradient = null;
    room = null;
  }

  /**
   * A map that does not learn.
   *
   * @param weight (out, in)
   */
  public static Projection frozen(Buffer weight, int out, int in) {
    return new Projection(weight, out, in);
  }

  /** {@code y = x W^T}: x (N, in), y (N, out). */
  public void forward(Matrix x, Matrix y) {
    Matmul.mm(y.tensor(), x.tensor(), weight.transposed());
  }

  /** {@code y += s x W^T}. */
  public void addForward(Matrix x, double s, Matrix y) {
    Matmul.addmm(y.tensor(), x.tensor(), weight.transposed(), s);
  }

  /** {@code dx = dy W}. */
  public void backwardInput(Matrix dy, Matrix dx) {
    Matmul.mm(dx.tensor(), dy.tensor(), weight.tensor());
  }

  /** {@code dx += s dy W}. */
  public void addBackwardInput(Matrix dy, double s, Matrix dx) {
    Matmul.addmm(dx.tensor(), dy.tensor(), weight.tensor(), s);
  }

  /** {@code dW += dy^T x}; nothing for a weight that does not learn. */
  public void backwardWeight(Matrix dy, Matrix x) {
    if (gradient != null) {
      backwardWeight(dy, x, 1);
    }
  }

  /** {@code dW += s dy^T x}. */
  public void backwardWeight(Matrix dy, Matrix x, double s) {
    Objects.requireNonNull(gradient, "a frozen weight has no gradient");
    if (room == null) {
      Matmul.addmm(gradient.tensor(), dy.transposed(), x.tensor(), s);
    } else {
      Matmul.mm(room.tensor(), dy.transposed(), x.tensor(), s);
      Flat.accumulate(room.buffer(), gradient.buffer(), (long) weight.rows() * weight.columns());
    }
  }

  @Override
  public void close() {
    weight.close();
    if (gradient != null) {
      gradient.close();
    }
    if (room != null) {
      room.close();
    }
  }
}
