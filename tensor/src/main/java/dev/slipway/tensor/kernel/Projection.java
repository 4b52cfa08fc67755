package dev.slipway.tensor.kernel;

import dev.slipway.tensor.Matmul;
import org.jspecify.annotations.Nullable;

/**
 * A linear map without bias, {@code y = x W^T}, with its gradients by hand. Biases are folded into
 * the kernels that follow.
 */
public final class Projection implements AutoCloseable {
  private final Matrix weight;
  private final Matrix gradient;
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

  /** {@code y = x W^T}: x (N, in), y (N, out). */
  public void forward(Matrix x, Matrix y) {
    Matmul.mm(y.tensor(), x.tensor(), weight.transposed());
  }

  /** {@code dx = dy W}. */
  public void backwardInput(Matrix dy, Matrix dx) {
    Matmul.mm(dx.tensor(), dy.tensor(), weight.tensor());
  }

  /** {@code dW += dy^T x}. */
  public void backwardWeight(Matrix dy, Matrix x) {
    if (room == null) {
      Matmul.addmm(gradient.tensor(), dy.transposed(), x.tensor());
    } else {
      Matmul.mm(room.tensor(), dy.transposed(), x.tensor());
      Flat.accumulate(room.buffer(), gradient.buffer(), (long) weight.rows() * weight.columns());
    }
  }

  @Override
  public void close() {
    weight.close();
    gradient.close();
    if (room != null) {
      room.close();
    }
  }
}
