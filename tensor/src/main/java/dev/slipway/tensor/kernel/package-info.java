/**
 * Fused kernels for training on the CPU, each a forward and a backward, on native memory with the
 * Vector API; matrix products are libtorch's, written into buffers made once.
 *
 * <p>Rows are computed in float32 whatever they are stored in: bfloat16 rows are widened into a
 * worker's scratch, which stays in the first-level cache. Classes named {@code Row…} hold the inner
 * loops, one small static method each, which the launcher keeps from being inlined by the file
 * {@code compile-commands} in this package (without it all works, slower); {@link
 * dev.slipway.tensor.kernel.Lanes} holds what must be inlined into them.
 *
 * <p>The same inputs give the same bits, whatever the threads' timing and whether a loop is
 * interpreted or compiled: work is cut into slices by its size alone, sums have a written order,
 * and {@code exp} is our own polynomial.
 *
 * <p>Knows nothing of networks, batches or optimizers' schedules.
 */
@NullMarked
package dev.slipway.tensor.kernel;

import org.jspecify.annotations.NullMarked;
