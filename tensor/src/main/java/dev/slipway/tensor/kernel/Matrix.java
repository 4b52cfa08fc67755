package dev.slipway.tensor.kernel;

import dev.slipway.tensor.DType;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import java.lang.foreign.Arena;

/** A matrix in a buffer, row after row, seen by kernels and by matrix products. */
public final class Matrix implements AutoCloseable {
  private final Buffer buffer;
  private final int rows;
  private final int columns;
  private final Tensor tensor;
  private final Tensor transposed;

  /** Whether rows are those of a wider matrix, which only products can read. */
  private final boolean part;

  private Matrix(Buffer buffer, int rows, int columns) {
    this.buffer = buffer;
    this.rows = rows;
    this.columns = columns;
    try (Scope scope = Scope.open()) {
      tensor = scope.keep(Tensor.view(buffer.memory(), buffer.dtype(), rows, columns));
      transposed = scope.keep(tensor.transpose(0, 1));
    }
    part = false;
  }

  private Matrix(Matrix whole, int from, int count) {
    buffer = whole.buffer;
    rows = whole.rows;
    columns = count;
    try (Scope scope = Scope.open()) {
      tensor = scope.keep(whole.tensor.narrow(1, from, count));
      transposed = scope.keep(tensor.transpose(0, 1));
    }
    part = true;
  }

  /** A matrix on the first values of a buffer. */
  public static Matrix on(Buffer buffer, int rows, int columns) {
    return new Matrix(buffer, rows, columns);
  }

  public static Matrix allocate(Arena arena, DType dtype, int rows, int columns) {
    return new Matrix(Buffer.allocate(arena, dtype, (long) rows * columns), rows, columns);
  }

  public Buffer buffer() {
    return buffer;
  }

  public int rows() {
    return rows;
  }

  public int columns() {
    return columns;
  }

  /** The rows from {@code from} as a matrix of its own, on the same memory. */
  public Matrix rows(int from, int count) {
    return new Matrix(buffer.slice((long) from * columns, (long) count * columns), count, columns);
  }

  /** The columns from {@code from} on, on the same memory: for products alone. */
  public Matrix columns(int from, int count) {
    return new Matrix(this, from, count);
  }

  /** The matrix to products, (rows, columns), on the same memory; closed with this. */
  public Tensor tensor() {
    return tensor;
  }

  /** As {@link #tensor}, (columns, rows). */
  public Tensor transposed() {
    return transposed;
  }

  /** The address, after a check of the shape. */
  public long address(int rows, int columns) {
    if (part) {
      throw new IllegalArgumentException("a kernel takes whole rows here, came columns of some");
    }
    if (rows > this.rows || columns != this.columns) {
      throw new IllegalArgumentException(
          "a kernel takes "
              + rows
              + "x"
              + columns
              + " values here, came "
              + this.rows
              + "x"
              + this.columns);
    }
    return buffer.address((long) rows * columns);
  }

  /** Whether the values are bfloat16. */
  public boolean half() {
    return buffer.half();
  }

  /** Frees the handles; the memory is its arena's. */
  @Override
  public void close() {
    transposed.close();
    tensor.close();
  }
}
