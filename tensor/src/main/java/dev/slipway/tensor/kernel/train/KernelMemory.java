package dev.slipway.tensor.kernel.train;

import dev.slipway.tensor.DType;
import dev.slipway.tensor.kernel.Buffer;
import dev.slipway.tensor.kernel.Matrix;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;

/** Memory that kernels work in, made once for batches of one shape and given back as a whole. */
public final class KernelMemory implements AutoCloseable {
  private final Arena arena = Arena.ofShared();
  private final List<AutoCloseable> handles = new ArrayList<>();

  /**
   * Where further memory is taken from; what it is handed to is closed apart, or {@link #keep}t.
   */
  public Arena arena() {
    return arena;
  }

  /** Room for so many float32 values. */
  public Buffer buffer(long floats) {
    return Buffer.allocate(arena, DType.FLOAT32, floats);
  }

  public Matrix matrix(DType dtype, int rows, int columns) {
    return keep(Matrix.allocate(arena, dtype, rows, columns));
  }

  /** The same handle, closed with this memory. */
  public <H extends AutoCloseable> H keep(H handle) {
    handles.add(handle);
    return handle;
  }

  @Override
  public void close() {
    for (AutoCloseable handle : handles) {
      switch (handle) {
        case Matrix matrix -> matrix.close();
        case Attention.State state -> state.close();
        case Attention.Output out -> out.close();
        case LinearCrossEntropy crossEntropy -> crossEntropy.close();
        default -> throw new IllegalStateException("nobody closes " + handle);
      }
    }
    arena.close();
  }
}
