package dev.slipway.data.augment;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/**
 * What was decoded for examples, as far as a budget of bytes goes; what came first stays. Safe for
 * several threads at once.
 */
final class ByteCache<T> {
  private final AtomicReferenceArray<T> held;
  private final AtomicLong left;
  private final ToLongFunction<T> size;

  ByteCache(int examples, long budget, ToLongFunction<T> size) {
    held = new AtomicReferenceArray<>(examples);
    left = new AtomicLong(budget);
    this.size = size;
  }

  T get(int example, Supplier<T> decode) {
    T there = held.get(example);
    if (there != null) {
      return there;
    }
    T made = decode.get();
    long bytes = size.applyAsLong(made);
    if (left.addAndGet(-bytes) < 0 || !held.compareAndSet(example, null, made)) {
      left.addAndGet(bytes);
    }
    return made;
  }
}
