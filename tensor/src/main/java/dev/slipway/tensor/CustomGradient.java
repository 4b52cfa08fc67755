package dev.slipway.tensor;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.TensorBase;
import org.bytedeco.pytorch.TensorTensorHook;
import org.bytedeco.pytorch.VoidTensorHook;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * A function with a backward of its own as a part of autograd's graph: what {@code
 * torch.autograd.Function} is in Python.
 *
 * <p>libtorch calls back through hooks, of which a process has only a few at a time: ask {@link
 * #available} first. A scope must be open; it and the graph end together, on one thread.
 */
public final class CustomGradient {
  /** JavaCPP's room for callbacks of one type. */
  private static final int MOST = 8;

  /** Those whose scope is open. */
  private static final AtomicInteger OPEN = new AtomicInteger();

  /** Gradients of a function. */
  @FunctionalInterface
  public interface Backward {
    /**
     * Adds to the gradients of whatever weights the function has.
     *
     * @param gradient of the output, in its shape
     * @return the gradient of the input, in its shape; null when the input needs none
     */
    @Nullable Tensor backward(Tensor gradient);
  }

  private CustomGradient() {}

  /** Whether one more function can be joined to a graph now. */
  public static boolean available() {
    return OPEN.get() < MOST;
  }

  /** Whether gradients are recorded on this thread. */
  public static boolean recording() {
    Engine.load();
    return GradMode.is_enabled();
  }

  /**
   * The output as a function of the input, for a graph that is being recorded.
   *
   * @param input that the output was computed from; it may need no gradient
   * @param output computed without a graph
   * @param backward called once, in the backward pass
   */
  public static Tensor join(Tensor input, Tensor output, Backward backward) {
    if (!input.requiresGrad()) {
      Tensor leaf = output.detach().setRequiresGrad(true);
      leaf.handle.register_hook(new OnOutput(backward));
      return leaf;
    }
    Tensor alias = new Tensor(input.handle.view(input.shape()));
    // The output hangs on the input by a value that it doesn't take: one element, never chosen.
    Tensor never = new Tensor(alias.handle.flatten(0, -1)).narrow(0, 0, 1).view();
    Tensor no = Tensor.zeros(DType.FLOAT32).ne(0);
    Tensor joined = new Tensor(torch.where(no.handle, never.handle, output.handle));
    joined.handle.retain_grad();
    alias.handle.register_hook(new OnInput(joined, backward));
    return joined;
  }

  /** A leaf's gradient to add to, zeros where there is none yet. */
  public static Tensor gradient(Tensor leaf) {
    Tensor gradient = leaf.grad();
    if (gradient == null) {
      gradient = Tensor.zeros(leaf.dtype(), leaf.shape());
      leaf.setGrad(gradient);
    }
    return gradient;
  }

  /** Counts itself as open until it is freed. */
  private static final class OnOutput extends VoidTensorHook {
    private final Backward backward;

    OnOutput(Backward backward) {
      this.backward = backward;
      OPEN.incrementAndGet();
    }

    @Override
    public void call(TensorBase gradient) {
      Tensor unused = backward.backward(new Tensor(new org.bytedeco.pytorch.Tensor(gradient)));
    }

    /** What a scope calls as it closes. */
    @Override
    public boolean releaseReference() {
      OPEN.decrementAndGet();
      return super.releaseReference();
    }
  }

  private static final class OnInput extends TensorTensorHook {
    private final Tensor joined;
    private final Backward backward;

    OnInput(Tensor joined, Backward backward) {
      this.joined = joined;
      this.backward = backward;
      OPEN.incrementAndGet();
    }

    @Override
    public TensorBase call(TensorBase gradient) {
      Tensor own = Objects.requireNonNull(joined.grad(), "the gradient of the output");
      return Objects.requireNonNull(backward.backward(own), "the gradient of the input").handle;
    }

    /** What a scope calls as it closes. */
    @Override
    public boolean releaseReference() {
      OPEN.decrementAndGet();
      return super.releaseReference();
    }
  }
}
