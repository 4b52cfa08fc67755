package dev.slipway.tensor.kernel;

import dev.slipway.tensor.DType;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * A run of float32 or bfloat16 values in native memory, made once and used by kernels and, through
 * {@link #tensor}, by matrix products.
 *
 * @param memory the values, 64-byte aligned when allocated here; must outlive the buffer
 * @param dtype FLOAT32 or BFLOAT16
 */
public record Buffer(MemorySegment memory, DType dtype) {
  private static final long SMALLEST = 16;

  public Buffer {
    if (dtype != DType.FLOAT32 && dtype != DType.BFLOAT16) {
      throw new IllegalArgumentException("kernels take float32 or bfloat16, came " + dtype);
    }
    if (!memory.isNative()) {
      throw new IllegalArgumentException("kernels take native memory, came " + memory);
    }
  }

  /**
   * Zeroed values that live as long as the arena. libtorch allocates them: the JDK counts native
   * memory of its own against a limit that comes from the heap's.
   */
  @SuppressWarnings("restricted") // the arena frees the tensor that the memory is
  public static Buffer allocate(Arena arena, DType dtype, long count) {
    try (Scope scope = Scope.open()) {
      Tensor tensor = scope.keep(Tensor.zeros(dtype, Math.max(SMALLEST, count)));
      return new Buffer(tensor.segment().reinterpret(arena, memory -> tensor.close()), dtype);
    }
  }

  /** The memory of a contiguous tensor, which must outlive the buffer. */
  public static Buffer of(Tensor tensor) {
    return new Buffer(tensor.segment(), tensor.dtype());
  }

  /** Number of values. */
  public long size() {
    return memory.byteSize() / dtype.bytes();
  }

  public Buffer slice(long from, long count) {
    return new Buffer(memory.asSlice(from * dtype.bytes(), count * dtype.bytes()), dtype);
  }

  /**
   * A tensor on the first values, which its owner closes; it outlives the scope that it was made
   * in.
   */
  public Tensor tensor(long... shape) {
    try (Scope scope = Scope.open()) {
      return scope.keep(Tensor.view(memory, dtype, shape));
    }
  }

  /** Values of float32 from {@code from} on. */
  public float[] floats(long from, int count) {
    float[] values = new float[count];
    floats(from, values);
    return values;
  }

  /** As many values of float32 from {@code from} on as the array holds. */
  public void floats(long from, float[] values) {
    if (dtype != DType.FLOAT32) {
      throw new IllegalArgumentException("values are " + dtype + ", expected float32");
    }
    MemorySegment.copy(memory, ValueLayout.JAVA_FLOAT, 4 * from, values, 0, values.length);
  }

  /** As above, of rows {@code stride} apart, by all threads. */
  public void floats(int stride, List<float[]> rows) {
    Rows.run(rows.size(), (row, worker) -> floats((long) row * stride, rows.get(row)));
  }

  /** Whether the values are bfloat16. */
  public boolean half() {
    return dtype == DType.BFLOAT16;
  }

  /** The address, after a check that {@code count} values are there. */
  public long address(long count) {
    if (count > size()) {
      throw new IllegalArgumentException(
          "a kernel needs " + count + " values, the buffer has " + size());
    }
    return memory.address();
  }

  /** As {@link #address(long)}, for a buffer that must hold float32. */
  public long floats(long count) {
    if (dtype != DType.FLOAT32) {
      throw new IllegalArgumentException("a kernel takes float32 here, came " + dtype);
    }
    return address(count);
  }
}
