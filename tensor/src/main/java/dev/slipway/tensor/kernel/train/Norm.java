package dev.slipway.tensor.kernel.train;

import dev.slipway.tensor.kernel.Buffer;
import dev.slipway.tensor.kernel.Lanes;
import dev.slipway.tensor.kernel.Partials;
import dev.slipway.tensor.kernel.Row;
import dev.slipway.tensor.kernel.RowNorm;
import dev.slipway.tensor.kernel.Team;
import java.lang.foreign.Arena;
import org.jspecify.annotations.Nullable;

/**
 * LayerNorm or RMSNorm of rows, with the residual sum before it: {@code s = x + branch + bias; y =
 * norm(s)}. Ba et al. 2016, "Layer Normalization"; Zhang and Sennrich 2019, "Root Mean Square Layer
 * Normalization".
 *
 * <p>LayerNorm: {@code y = (s - mean) / sqrt(var + ε) w + b}. RMSNorm: {@code y = s / sqrt(mean(s²)
 * + ε) w}.
 */
public final class Norm {
  private final int width;
  private final float epsilon;
  private final Buffer weight;
  private final @Nullable Buffer dWeight;
  private final @Nullable Buffer bias;
  private final @Nullable Buffer dBias;
  private final Partials dWeights;
  private final Partials dBiases;
  private final Partials dBranchBiases;
  private final Team team = Team.common();

  /**
   * @param width values in a row
   * @param weight (width) float32
   * @param dWeight its gradient, added to; null where it does not learn
   * @param bias (width) float32; null makes it RMSNorm
   * @param dBias its gradient, added to
   */
  public Norm(
      Arena arena,
      int width,
      double epsilon,
      Buffer weight,
      @Nullable Buffer dWeight,
      @Nullable Buffer bias,
      @Nullable Buffer dBias) {
    this.width = width;
    this.epsilon = (float) epsilon;
    this.weight = weight;
    this.dWeight = dWeight;
    this.bias = bias;
    this.dBias = dBias;
    dWeights = new Partials(arena, width);
    dBiases = new Partials(arena, width);
    dBranchBiases = new Partials(arena, width);
  }

  /**
   * @param x (N, width) float32
   * @param branch (N, width) what is added to it, or null
   * @param branchBias (width) float32 added with the branch, or null
   * @param sum (N, width) float32: where {@code s} goes; may be x
   * @param y (N, width) the norm, in its own type
   * @param statistics (N, 2) float32: mean and 1 / deviation, for the backward
   */
  public void forward(
      int rows,
      Buffer x,
      @Nullable Buffer branch,
      @Nullable Buffer branchBias,
      Buffer sum,
      Buffer y,
      Buffer statistics) {
    long count = (long) rows * width;
    Forward pass =
        new Forward(
            x.floats(count),
            branch == null ? 0 : branch.address(count),
            branch != null && branch.half(),
            branchBias == null ? 0 : branchBias.floats(width),
            sum.floats(count),
            y.address(count),
            y.half(),
            statistics.floats(2L * rows),
            weight.floats(width),
            bias == null ? 0 : bias.floats(width),
            width,
            epsilon);
    team.run(
        Team.SLICES,
        (slice, worker) ->
            pass.rows(
                Team.from(slice, Team.SLICES, rows),
                Team.from(slice + 1, Team.SLICES, rows),
                worker.scratch(8L * (Lanes.padded(width) + 16))));
  }

  private record Forward(
      long x,
      long branch,
      boolean branchHalf,
      long branchBias,
      long sum,
      long y,
      boolean half,
      long statistics,
      long weight,
      long bias,
      int width,
      float epsilon) {
    void rows(int from, int to, long scratch) {
      int padded = Lanes.padded(width);
      long stride = 4L * (padded + 16);
      long w = Row.in(weight, false, width, scratch + stride);
      long b = bias == 0 ? 0 : Row.in(bias, false, width, scratch + 2 * stride);
      long extra = branchBias == 0 ? 0 : Row.in(branchBias, false, width, scratch + 3 * stride);
      int surplus = padded - width;
      for (int row = from; row < to; row++) {
        long at = (long) row * width;
        long in = Row.in(x + 4 * at, false, width, scratch + 4 * stride);
        long s = in;
        if (branch != 0) {
          long added =
              Row.in(branch + (branchHalf ? 2 : 4) * at, branchHalf, width, scratch + 5 * stride);
          s = Row.room(sum + 4 * at, false, width, scratch + 6 * stride);
          if (extra == 0) {
            Row.add(in, added, s, padded);
          } else {
            Row.add(in, added, extra, s, padded);
          }
          Row.out(s, sum + 4 * at, false, width);
        } else if (sum != x) {
          Row.out(in, sum + 4 * at, false, width);
        }
        float mean = b == 0 ? 0 : RowNorm.sum(s, padded, scratch) / width;
        float squares = RowNorm.squares(s, mean, padded, scratch) - surplus * mean * mean;
        float rstd = (float) (1 / Math.sqrt(squares / width + epsilon));
        Lanes.set(statistics, 2L * row, mean);
        Lanes.set(statistics, 2L * row + 1, rstd);
        long target = y + (half ? 2 : 4) * at;
        long out = Row.room(target, half, width, scratch + 7 * stride);
        if (b == 0) {
          RowNorm.rms(s, rstd, w, out, padded);
        } else {
          RowNorm.layer(s, mean, rstd, w, b, out, padded);
        }
        Row.out(out, target, half, width);
      }
    }
  }

  /**
   * Adds the gradient through the norm to {@code dx}, which holds the gradient that skips it.
   *
   * @param dy (N, width)
   * @param sum (N, width) float32: {@code s} of the forward
   * @param statistics (N, 2) of the forward
   * @param skips whether dx holds a gradient to add to; else it is overwritten
   * @param dx (N, width) float32: gradient of s, which is that of x and of the branch
   * @param dBranch (N, width) a copy of dx in its own type, or null
   * @param dBranchBias (width) float32 to which the sum of dx over rows is added, or null
   */
  public void backward(
      int rows,
      Buffer dy,
      Buffer sum,
      Buffer statistics,
      boolean skips,
      Buffer dx,
      @Nullable Buffer dBranch,
      @Nullable Buffer dBranchBias) {
    long count = (long) rows * width;
    Backward pass =
        new Backward(
            dy.address(count),
            dy.half(),
            sum.floats(count),
            statistics.floats(2L * rows),
            skips,
            dx.floats(count),
            dBranch == null ? 0 : dBranch.address(count),
            dBranch != null && dBranch.half(),
            dBranchBias != null,
            weight.floats(width),
            bias != null,
            width);
    team.run(
        Team.SLICES,
        (slice, worker) ->
            pass.rows(
                Team.from(slice, Team.SLICES, rows),
                Team.from(slice + 1, Team.SLICES, rows),
                dWeights.begin(slice),
                dBiases.begin(slice),
                dBranchBiases.begin(slice),
                worker.scratch(8L * (Lanes.padded(width) + 16))));
    dWeights.addTo(dWeight, 0, width);
    dBiases.addTo(dBias, 0, width);
    dBranchBiases.addTo(dBranchBias, 0, width);
  }

  private record Backward(
      long dy,
      boolean half,
      long sum,
      long statistics,
      boolean skips,
      long dx,
      long dBranch,
      boolean branchHalf,
      boolean branchBias,
      long weight,
      boolean layer,
      int width) {
    void rows(int from, int to, long dWeight, long dBias, long dBranchBias, long scratch) {
      int padded = Lanes.padded(width);
      long stride = 4L * (padded + 16);
      long w = Row.in(weight, false, width, scratch + stride);
      for (int row = from; row < to; row++) {
        long at = (long) row * width;
        long gradient = Row.in(dy + (half ? 2 : 4) * at, half, width, scratch + 2 * stride);
        long s = Row.in(sum + 4 * at, false, width, scratch + 3 * stride);
        float mean = Lanes.get(statistics, 2L * row);
        float rstd = Lanes.get(statistics, 2L * row + 1);
        float a = 0;
        float b;
        if (layer) {
          RowNorm.layerSums(gradient, s, mean, rstd, w, dWeight, dBias, padded, scratch);
          a = Lanes.get(scratch, 0) / width;
          b = Lanes.get(scratch, 1) / width;
        } else {
          b = RowNorm.rmsSum(gradient, s, rstd, w, dWeight, padded, scratch) / width;
        }
        long room = scratch + 4 * stride;
        RowNorm.backward(gradient, s, mean, rstd, w, a, b, room, padded);
        long target = dx + 4 * at;
        if (skips) {
          Row.add(room, Row.in(target, false, width, scratch + 5 * stride), room, padded);
        }
        Row.copyExact(room, target, width);
        if (branchBias) {
          Row.accumulate(room, dBranchBias, padded);
        }
        if (dBranch != 0) {
          long branch = dBranch + (branchHalf ? 2 : 4) * at;
          if (branchHalf) {
            Row.narrow(room, branch, width);
          } else {
            Row.copyExact(room, branch, width);
          }
        }
      }
    }
  }
}
