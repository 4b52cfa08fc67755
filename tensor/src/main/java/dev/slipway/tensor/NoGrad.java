package dev.slipway.tensor;

import org.bytedeco.pytorch.AutoGradMode;

/** Turns gradient recording off for this thread until it is closed, as {@code torch.no_grad()}. */
public final class NoGrad implements AutoCloseable {
  private final AutoGradMode mode;

  private NoGrad() {
    Engine.load();
    mode = new AutoGradMode(false);
  }

  public static NoGrad open() {
    return new NoGrad();
  }

  @Override
  public void close() {
    mode.deallocate();
  }
}
