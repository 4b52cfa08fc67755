package dev.slipway.tensor.kernel.train;

import dev.slipway.tensor.kernel.Lanes;
import dev.slipway.tensor.kernel.Matrix;
import dev.slipway.tensor.kernel.Row;
import dev.slipway.tensor.kernel.RowActivation;
import dev.slipway.tensor.kernel.Team;

/**
 * {@code y = silu(gate) up}, with gate and up side by side in one row. Shazeer 2020, "GLU Variants
 * Improve Transformer", equation 6.
 */
public final class SwiGlu {
  private final int width;
  private final Team team = Team.common();

  /**
   * @param width values in a row of y; gate and up have as many each
   */
  public SwiGlu(int width) {
    this.width = width;
  }

  /** gateUp (N, 2 width) to y (N, width). */
  public void forward(Matrix gateUp, Matrix y) {
    int rows = gateUp.rows();
    long in = gateUp.address(rows, 2 * width);
    long out = y.address(rows, width);
    boolean half = gateUp.half();
    team.run(
        Team.SLICES,
        (slice, worker) ->
            forward(
                in,
                out,
                half,
                width,
                Team.from(slice, Team.SLICES, rows),
                Team.from(slice + 1, Team.SLICES, rows),
                worker.scratch(3L * (Lanes.padded(width) + 16))));
  }

  private static void forward(
      long in, long out, boolean half, int width, int from, int to, long scratch) {
    int padded = Lanes.padded(width);
    long stride = 4L * (padded + 16);
    long bytes = (half ? 2L : 4L) * width;
    for (int row = from; row < to; row++) {
      long gate = Row.in(in + 2 * row * bytes, half, width, scratch);
      long up = Row.in(in + (2 * row + 1) * bytes, half, width, scratch + stride);
      long y = Row.room(out + row * bytes, half, width, scratch + 2 * stride);
      RowActivation.swiGlu(gate, up, y, padded);
      Row.out(y, out + row * bytes, half, width);
    }
  }

  /** dy (N, width) and gateUp (N, 2 width) of the forward to dGateUp, which may be gateUp. */
  public void backward(Matrix dy, Matrix gateUp, Matrix dGateUp) {
    int rows = gateUp.rows();
    long gradient = dy.address(rows, width);
    long in = gateUp.address(rows, 2 * width);
    long out = dGateUp.address(rows, 2 * width);
    boolean half = gateUp.half();
    team.run(
        Team.SLICES,
        (slice, worker) ->
            backward(
                gradient,
                in,
                out,
                half,
                width,
                Team.from(slice, Team.SLICES, rows),
                Team.from(slice + 1, Team.SLICES, rows),
                worker.scratch(5L * (Lanes.padded(width) + 16))));
  }

  private static void backward(
      long gradient, long in, long out, boolean half, int width, int from, int to, long scratch) {
    int padded = Lanes.padded(width);
    long stride = 4L * (padded + 16);
    long bytes = (half ? 2L : 4L) * width;
    for (int row = from; row < to; row++) {
      long gateAt = 2 * row * bytes;
      long upAt = gateAt + bytes;
      long gate = Row.in(in + gateAt, half, width, scratch);
      long up = Row.in(in + upAt, half, width, scratch + stride);
      long dy = Row.in(gradient + row * bytes, half, width, scratch + 2 * stride);
      long dGate = Row.room(out + gateAt, half, width, scratch + 3 * stride);
      long dUp = Row.room(out + upAt, half, width, scratch + 4 * stride);
      RowActivation.swiGluBackward(dy, gate, up, dGate, dUp, padded);
      Row.out(dGate, out + gateAt, half, width);
      Row.out(dUp, out + upAt, half, width);
    }
  }
}
