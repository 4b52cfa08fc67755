/**
 * Tensors on libtorch: the one seam between Slipway and native code.
 *
 * <p>Knows nothing of models, files or training. No type of the native bindings appears in a public
 * signature, so that the modules above can't depend on them. Names are PyTorch's in Java's case.
 *
 * <p>libtorch's state (grad mode, autocast, threads) belongs to a thread: work with tensors on
 * platform threads, one owner a device. Every tensor made inside a {@link dev.slipway.tensor.Scope}
 * is freed with it unless it is kept.
 */
@NullMarked
package dev.slipway.tensor;

import org.jspecify.annotations.NullMarked;
