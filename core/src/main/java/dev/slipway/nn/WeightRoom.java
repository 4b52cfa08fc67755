package dev.slipway.nn;

import dev.slipway.tensor.DType;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import dev.slipway.tensor.kernel.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * Memory in which a network's quantized weights are made whole, one after the other: as much as the
 * largest takes. For one thread at a time; to be closed after all graphs over it.
 */
public final class WeightRoom implements AutoCloseable {
  private final DType dtype;
  private long values;
  private long scales;
  private @Nullable Tensor valueMemory;
  private @Nullable Tensor scaleMemory;

  /**
   * @param dtype that weights are made whole in, FLOAT32 or BFLOAT16
   */
  public WeightRoom(DType dtype) {
    this.dtype = dtype;
  }

  public DType dtype() {
    return dtype;
  }

  /** Makes sure that weights of so many values, and scales, have room; before the first is used. */
  void reserve(long values, long scales) {
    if (valueMemory != null && (values > this.values || scales > this.scales)) {
      throw new IllegalStateException("the room is in use, and too small for " + values);
    }
    this.values = Math.max(this.values, values);
    this.scales = Math.max(this.scales, scales);
  }

  private static Tensor allocate(DType dtype, long count) {
    try (Scope scope = Scope.open()) {
      return scope.keep(Tensor.empty(dtype, count));
    }
  }

  /** A matrix at the room's beginning. */
  Tensor matrix(long rows, long columns) {
    return Tensor.view(values().memory(), dtype, rows, columns);
  }

  Buffer values() {
    if (valueMemory == null) {
      valueMemory = allocate(dtype, values);
    }
    return Buffer.of(valueMemory);
  }

  Buffer scales() {
    if (scaleMemory == null) {
      scaleMemory = allocate(DType.FLOAT32, scales);
    }
    return Buffer.of(scaleMemory);
  }

  /** What it takes, once it is used. */
  public long bytes() {
    return values * dtype.bytes() + scales * DType.FLOAT32.bytes();
  }

  @Override
  public void close() {
    if (valueMemory != null) {
      valueMemory.close();
    }
    if (scaleMemory != null) {
      scaleMemory.close();
    }
  }
}
