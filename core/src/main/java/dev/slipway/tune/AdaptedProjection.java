package dev.slipway.tune;

import dev.slipway.nn.Nf4Projection;
import dev.slipway.nn.ParameterSet;
import dev.slipway.nn.ProjectionSlot;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Tensor;
import dev.slipway.tensor.kernel.Buffer;
import dev.slipway.tensor.kernel.Matrix;
import dev.slipway.tensor.kernel.train.Projection;
import org.jspecify.annotations.Nullable;

/**
 * What stands in a slot, by kernels: a frozen matrix, whole or in NF4, and the low-rank matrices
 * beside it where there are any. {@code y = W x + s B A x}.
 */
final class AdaptedProjection implements AutoCloseable {
  /** A (r, in) and B (out, r), which learn. */
  private record LowRank(Projection a, Projection b, double scale) {}

  private final Projection frozen;
  private final @Nullable Nf4Projection quantized;
  private final @Nullable LowRank lowRank;
  private final int rank;
  private final int out;

  /**
   * @param slot that {@link #covers}
   * @param parameters what learns, with its gradients
   * @param room in the type of products, of as many values as the largest matrix that learns
   */
  AdaptedProjection(ProjectionSlot slot, ParameterSet parameters, Buffer room) {
    out = Math.toIntExact(slot.out());
    int in = Math.toIntExact(slot.in());
    dev.slipway.nn.Projection base = slot.projection();
    if (base instanceof LoraProjection lora) {
      base = lora.base();
      rank = Math.toIntExact(lora.a().size(0));
      lowRank =
          new LowRank(
              learning(slot.name() + ".lora_A.weight", lora.a(), parameters, room),
              learning(slot.name() + ".lora_B.weight", lora.b(), parameters, room),
              lora.scale());
    } else {
      rank = 0;
      lowRank = null;
    }
    quantized = base instanceof Nf4Projection nf4 ? nf4 : null;
    frozen =
        Projection.frozen(
            base instanceof dev.slipway.nn.Projection.Dense dense
                ? Buffer.of(dense.weight())
                : ((Nf4Projection) base).made(),
            out,
            in);
  }

  private static Projection learning(
      String name, Tensor value, ParameterSet parameters, Buffer room) {
    Buffer gradient =
        Buffer.of(parameters.flatGradients()).slice(parameters.offset(name), value.numel());
    return new Projection(
        Buffer.of(value),
        gradient,
        room,
        Math.toIntExact(value.size(0)),
        Math.toIntExact(value.size(1)));
  }

  /**
   * Whether kernels know what stands in a slot; none know magnitudes, dropout or small networks.
   */
  static boolean covers(ProjectionSlot slot) {
    return switch (slot.projection()) {
      case LoraProjection lora ->
          lora.magnitude() == null && !lora.dropout().everDrops() && isFrozen(lora.base());
      case dev.slipway.nn.Projection other -> isFrozen(other);
    };
  }

  private static boolean isFrozen(dev.slipway.nn.Projection projection) {
    return switch (projection) {
      case dev.slipway.nn.Projection.Dense(Tensor weight, _) -> !weight.requiresGrad();
      case Nf4Projection _ -> true;
      default -> false;
    };
  }

  /** The bias (out) in float32, or null. */
  static @Nullable Tensor bias(ProjectionSlot slot) {
    Tensor bias =
        Slots.bias(
            slot.projection() instanceof LoraProjection lora ? lora.base() : slot.projection());
    return bias == null ? null : bias.to(DType.FLOAT32);
  }

  /** r; 0 without low-rank matrices. */
  int rank() {
    return rank;
  }

  int out() {
    return out;
  }

  /** What learns here, so that the gradient of what comes before may not be needed. */
  boolean learns() {
    return lowRank != null;
  }

  private void make() {
    if (quantized != null) {
      quantized.make();
    }
  }

  /**
   * @param x (N, in)
   * @param low (N, r), kept for the backward; null without low-rank matrices
   * @param y (N, out)
   */
  void forward(Matrix x, @Nullable Matrix low, Matrix y) {
    make();
    frozen.forward(x, y);
    if (lowRank != null && low != null) {
      lowRank.a.forward(x, low);
      lowRank.b.addForward(low, lowRank.scale, y);
    }
  }

  /**
   * @param dy (N, out)
   * @param x (N, in) of the forward
   * @param low (N, r) of the forward
   * @param dLow (N, r), room
   * @param dx (N, in), or null where nobody asks for it
   * @param add whether dx holds what is to be added to
   */
  void backward(
      Matrix dy,
      Matrix x,
      @Nullable Matrix low,
      @Nullable Matrix dLow,
      @Nullable Matrix dx,
      boolean add) {
    if (dx != null) {
      make();
      if (add) {
        frozen.addBackwardInput(dy, 1, dx);
      } else {
        frozen.backwardInput(dy, dx);
      }
    }
    if (lowRank != null && low != null && dLow != null) {
      lowRank.b.backwardInput(dy, dLow);
      lowRank.b.backwardWeight(dy, low, lowRank.scale);
      lowRank.a.backwardWeight(dLow, x, lowRank.scale);
      if (dx != null) {
        lowRank.a.addBackwardInput(dLow, lowRank.scale, dx);
      }
    }
  }

  @Override
  public void close() {
    frozen.close();
    if (lowRank != null) {
      lowRank.a.close();
      lowRank.b.close();
    }
  }
}
