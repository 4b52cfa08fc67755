package dev.slipway.tensor;

import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.bytedeco.pytorch.TensorBase;
import org.bytedeco.pytorch.VoidTensorHook;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Products with frozen matrices that exist only while they are used: each is made in a room that
 * many share, before the forward product and once more before the backward one. Autograd keeps the
 * room's address in place of the matrix, so that a graph over any number of them costs one.
 *
 * <p>The room must outlive the graphs, and be used by one thread at a time.
 */
public final class RemadeWeight {
  /** What is to be done before a node of a graph gives its gradient. */
  private static final Map<Long, Runnable> BEFORE = new ConcurrentHashMap<>();

  /** One for all: JavaCPP has room for few callbacks, and libtorch tells which node is at work. */
  private static final BeforeNode HOOK = hook();

  private RemadeWeight() {}

  @SuppressWarnings("resource") // lives as long as the process
  private static BeforeNode hook() {
    Engine.load();
    return new BeforeNode().<BeforeNode>retainReference();
  }

  private static final class BeforeNode extends VoidTensorHook {
    @Override
    public void call(TensorBase gradient) {
      Runnable make = BEFORE.remove(torch.get_current_node().address());
      if (make != null) {
        make.run();
      }
    }
  }

  /**
   * {@code x W^T + b} for a W that {@code make} writes into {@code room}.
   *
   * @param x (…, in)
   * @param room (out, in), at the beginning of memory that others use too
   * @param make writes W to the room's memory; called here, and again in the backward pass
   * @param bias (out), or null
   * @return (…, out)
   */
  public static Tensor linear(Tensor x, Tensor room, Runnable make, @Nullable Tensor bias) {
    make.run();
    long in = room.size(1);
    Tensor rows = x.reshape(x.numel() / in, in); // (N, in)
    Tensor product = Functional.linear(rows, room, bias); // (N, out)
    if (product.requiresGrad()) {
      BEFORE.put(Objects.requireNonNull(product.handle.grad_fn()).address(), make);
      product.handle.register_hook(HOOK);
    }
    long[] shape = x.shape();
    shape[shape.length - 1] = room.size(0);
    return product.view(shape); // (…, out)
  }
}
