package dev.slipway.tensor;

import org.bytedeco.pytorch.AutoGradMode;

/**
 * Turns gradient recording off (or on) for this thread until it is closed, as {@code
 * torch.no_grad()} does.
 */
public final class NoGrad implements AutoCloseable {
  private final AutoGradMode mode;

  private NoGrad(boolean enabled) {
    Engine.load();
    mode = new AutoGradMode(enabled);
  }

  public static NoGrad open() {
    return new NoGrad(false);
  }

  /** Records gradients inside a {@link NoGrad} block, as {@code torch.enable_grad()} does. */
  public static NoGrad enableGrad() {
    return new NoGrad(true);
  }

  @Override
  public void close() {
    mode.deallocate();
  }
}
