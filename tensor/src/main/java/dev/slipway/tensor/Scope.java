package dev.slipway.tensor;

import java.util.ArrayList;
import java.util.List;
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
  private final List<Tensor> left = new ArrayList<>();

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

  /**
   * Hands a tensor over to the scope around this one, such as what a layer gives: all that was made
   * on the way to it is freed as soon as nothing needs it any more, a backward pass included.
   */
  public Tensor leave(Tensor tensor) {
    left.add(keep(tensor));
    return tensor;
  }

  @Override
  public void close() {
    pointers.close();
    PointerScope around = PointerScope.getInnerScope();
    if (around != null) {
      for (Tensor tensor : left) {
        around.attach(tensor.handle);
        tensor.handle.releaseReference();
      }
    }
  }
}
