package dev.slipway.tensor;

import org.bytedeco.javacpp.PointerScope;

/**
 * The lifetime of tensors: everything made on this thread while a scope is open is freed when it
 * closes, except what was {@linkplain #keep kept}. Open one per training step or request; scopes
 * nest.
 *
 * <p>The collector sees only handles, not storage: without a scope, gigabytes leak before it takes
 * notice.
 */
public final class Scope implements AutoCloseable {
  private final PointerScope pointers;

  private Scope() {
    Engine.load();
    pointers = new PointerScope();
  }

  public static Scope open() {
    return new Scope();
  }

  /**
   * Lets a tensor outlive this scope; from then on its owner frees it with {@link Tensor#close}.
   */
  public Tensor keep(Tensor tensor) {
    tensor.handle.retainReference();
    return tensor;
  }

  @Override
  public void close() {
    pointers.close();
  }
}
