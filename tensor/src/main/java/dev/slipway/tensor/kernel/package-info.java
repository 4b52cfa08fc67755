/**
 * What fused kernels on the CPU stand on: memory ({@link dev.slipway.tensor.kernel.Buffer}, {@link
 * dev.slipway.tensor.kernel.Matrix}, {@link dev.slipway.tensor.kernel.Pages}), threads ({@link
 * dev.slipway.tensor.kernel.Team}, {@link dev.slipway.tensor.kernel.Rows}, {@link
 * dev.slipway.tensor.kernel.Partials}), passes over flat buffers, and the loops that more than one
 * of the packages below has ({@link dev.slipway.tensor.kernel.Row} and the others of that name).
 *
 * <p>The kernels themselves lie in {@code train} (a transformer's forward and backward), {@code
 * optim} (optimizers' steps), {@code layer} (parts of autograd's graph) and {@code infer}
 * (answering); none of these knows another.
 *
 * <p>Rows are computed in float32 whatever they are stored in: bfloat16 rows are widened into a
 * worker's scratch, which stays in the first-level cache. Classes named {@code Row…} hold the inner
 * loops, one small static method each, which the launcher keeps from being inlined by the file
 * {@code compile-commands} in this package (without it all works, slower); {@link
 * dev.slipway.tensor.kernel.Lanes} holds what must be inlined into them. These take bare addresses:
 * who calls them has checked the bounds, and nobody outside of {@code tensor} does.
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
