package dev.slipway.tensor.kernel.optim;

import dev.slipway.tensor.kernel.Buffer;
import dev.slipway.tensor.kernel.Flat;
import dev.slipway.tensor.kernel.Row;
import dev.slipway.tensor.kernel.Team;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * AdamW on flat buffers in one pass. Loshchilov and Hutter 2019, "Decoupled Weight Decay
 * Regularization", algorithm 2; the same steps as {@code torch.optim.AdamW}.
 */
public final class AdamW {
  /**
   * Values that share settings.
   *
   * @param from index of the first
   * @param to index after the last
   * @param stateFrom index of the first value's moments
   * @param weightDecay decay, times the learning rate, a step
   * @param rateFactor what the learning rate is multiplied by here
   */
  public record Range(long from, long to, long stateFrom, double weightDecay, double rateFactor) {
    public Range {
      if (from < 0 || to < from) {
        throw new IllegalArgumentException("a range goes from " + from + " to " + to);
      }
    }
  }

  private final double beta1;
  private final double beta2;
  private final double epsilon;
  private final List<Range> chunks = new ArrayList<>();
  private long end;
  private long stateEnd;

  /** Ranges must not overlap; values in none are left alone. */
  public AdamW(List<Range> ranges, double beta1, double beta2, double epsilon) {
    this.beta1 = beta1;
    this.beta2 = beta2;
    this.epsilon = epsilon;
    for (Range range : ranges) {
      end = Math.max(end, range.to());
      stateEnd = Math.max(stateEnd, range.stateFrom() + range.to() - range.from());
      for (long at = range.from(); at < range.to(); at += Flat.CHUNK) {
        chunks.add(
            new Range(
                at,
                Math.min(range.to(), at + Flat.CHUNK),
                range.stateFrom() + at - range.from(),
                range.weightDecay(),
                range.rateFactor()));
      }
    }
  }

  /**
   * One step.
   *
   * @param values float32 parameters
   * @param gradients float32
   * @param m first moments, float32
   * @param v second moments, float32
   * @param step 1 for the first
   * @param gradientScale what gradients are multiplied by first: the clipping factor
   * @param shadow bfloat16 copy to refresh in the same pass, or null
   */
  public void step(
      Buffer values,
      Buffer gradients,
      Buffer m,
      Buffer v,
      double learningRate,
      long step,
      double gradientScale,
      @Nullable Buffer shadow) {
    long p = values.floats(end);
    long g = gradients.floats(end);
    long first = m.floats(stateEnd);
    long second = v.floats(stateEnd);
    long half = shadow == null ? 0 : shadow.address(end);
    double rate = learningRate / (1 - StrictMath.pow(beta1, step));
    double root = 1 / Math.sqrt(1 - StrictMath.pow(beta2, step));
    Team.common()
        .run(
            chunks.size(),
            (slice, worker) -> {
              Range chunk = chunks.get(slice);
              long at = chunk.from();
              int count = (int) (chunk.to() - at);
              RowAdamW.step(
                  p + 4 * at,
                  g + 4 * at,
                  first + 4 * chunk.stateFrom(),
                  second + 4 * chunk.stateFrom(),
                  count,
                  (float) gradientScale,
                  (float) beta1,
                  (float) beta2,
                  (float) epsilon,
                  (float) (1 - learningRate * chunk.rateFactor() * chunk.weightDecay()),
                  (float) (rate * chunk.rateFactor()),
                  (float) root);
              if (half != 0) {
                Row.narrow(p + 4 * at, half + 2 * at, count);
              }
            });
  }
}
