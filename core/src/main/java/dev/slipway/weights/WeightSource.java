package dev.slipway.weights;

import dev.slipway.tensor.Tensor;
import java.util.List;
import java.util.Set;

/** Named tensors on disk, in one file or in several. */
public interface WeightSource extends AutoCloseable {
  /** Names in the order of their bytes. */
  Set<String> names();

  /** Sizes of a tensor, outermost first. */
  List<Long> shape(String tensor);

  /** A tensor as a view of the mapped file: never write to it, nor use it after {@link #close}. */
  Tensor tensor(String tensor);

  @Override
  void close();
}
