package dev.slipway.tensor.kernel.train;

import dev.slipway.tensor.kernel.Buffer;
import dev.slipway.tensor.kernel.Lanes;
import dev.slipway.tensor.kernel.Matrix;
import dev.slipway.tensor.kernel.Partials;
import dev.slipway.tensor.kernel.Row;
import dev.slipway.tensor.kernel.RowActivation;
import dev.slipway.tensor.kernel.Team;
import java.lang.foreign.Arena;

/**
 * Bias and GELU by its tanh approximation, {@code y = gelu(u + b)}. Hendrycks and Gimpel 2016,
 * "Gaussian Error Linear Units", §2; computed as {@code x sigmoid(2 √(2/π) (x + 0.044715 x³))},
 * which is the same.
 */
public final class Gelu {
  private final int width;
  private final Buffer bias;
  private final Buffer dBias;
  private final Partials dBiases;
  private final Team team = Team.common();

  /**
   * @param bias (width) float32
   * @param dBias its gradient, added to
   */
  public Gelu(Arena arena, int width, Buffer bias, Buffer dBias) {
    this.width = width;
    this.bias = bias;
    this.dBias = dBias;
    dBiases = new Partials(arena, width);
  }

  /** u (N, width) to y (N, width). */
  public void forward(Matrix u, Matrix y) {
    int rows = u.rows();
    long in = u.address(rows, width);
    long out = y.address(rows, width);
    boolean half = u.half();
    long bias = this.bias.floats(width);
    team.run(
        Team.SLICES,
        (slice, worker) ->
            forward(
                in,
                out,
                half,
                bias,
                width,
                Team.from(slice, Team.SLICES, rows),
                Team.from(slice + 1, Team.SLICES, rows),
                worker.scratch(3L * (Lanes.padded(width) + 16))));
  }

  private static void forward(
      long in, long out, boolean half, long bias, int width, int from, int to, long scratch) {
    int padded = Lanes.padded(width);
    long stride = 4L * (padded + 16);
    long bytes = (half ? 2L : 4L) * width;
    long b = Row.in(bias, false, width, scratch);
    for (int row = from; row < to; row++) {
      long u = Row.in(in + row * bytes, half, width, scratch + stride);
      long y = Row.room(out + row * bytes, half, width, scratch + 2 * stride);
      RowActivation.gelu(u, b, y, padded);
      Row.out(y, out + row * bytes, half, width);
    }
  }

  /** dy (N, width) to the gradient of u, in place; u as it came to the forward. */
  public void backward(Matrix dy, Matrix u) {
    int rows = u.rows();
    long gradient = dy.address(rows, width);
    long in = u.address(rows, width);
    boolean half = u.half();
    long bias = this.bias.floats(width);
    team.run(
        Team.SLICES,
        (slice, worker) ->
            backward(
                gradient,
                in,
                half,
                bias,
                dBiases.begin(slice),
                width,
                Team.from(slice, Team.SLICES, rows),
                Team.from(slice + 1, Team.SLICES, rows),
                worker.scratch(4L * (Lanes.padded(width) + 16))));
    dBiases.addTo(dBias, 0, width);
  }

  private static void backward(
      long gradient,
      long in,
      boolean half,
      long bias,
      long dBias,
      int width,
      int from,
      int to,
      long scratch) {
    int padded = Lanes.padded(width);
    long stride = 4L * (padded + 16);
    long bytes = (half ? 2L : 4L) * width;
    long b = Row.in(bias, false, width, scratch);
    long gate = scratch + 3 * stride;
    for (int row = from; row < to; row++) {
      long u = Row.in(in + row * bytes, half, width, scratch + stride);
      long dy = Row.in(gradient + row * bytes, half, width, scratch + 2 * stride);
      RowActivation.geluGate(u, b, gate, padded);
      RowActivation.geluBackward(dy, u, b, gate, dy, dBias, padded);
      Row.out(dy, gradient + row * bytes, half, width);
    }
  }
}
