package dev.slipway.tensor.kernel.optim;

import dev.slipway.tensor.kernel.Buffer;
import dev.slipway.tensor.kernel.Flat;
import dev.slipway.tensor.kernel.Team;
import java.util.ArrayList;
import java.util.List;

/**
 * The classical optimizers on flat buffers, one pass each: the same steps as those of {@code
 * torch.optim}, L1 and L2 penalties added to the gradient first.
 */
public final class Descent {
  /** How a gradient becomes a step. */
  public sealed interface Rule {
    /** Float32 values that are remembered for each parameter. */
    int states();

    /**
     * {@code b ← μ b + (1 - dampening) g} (g itself in the first step); {@code θ ← θ - η b}, or
     * {@code θ - η (g + μ b)} by Nesterov. Sutskever et al. 2013, section 2.
     */
    record Sgd(double momentum, double dampening, boolean nesterov) implements Rule {
      @Override
      public int states() {
        return momentum == 0 ? 0 : 1;
      }
    }

    /** Kingma and Ba 2015, algorithm 1; first and second moment. */
    record Adam(double beta1, double beta2, double epsilon) implements Rule {
      @Override
      public int states() {
        return 2;
      }
    }

    /**
     * {@code v ← α v + (1 - α) g²}; {@code θ ← θ - η g / (√v + ε)}, v less the mean's square where
     * centred (Graves 2013, section 2.3), through a momentum where there is one. Tieleman and
     * Hinton 2012, lecture 6.5. States: v, then the mean, then the momentum, as there are.
     */
    record RmsProp(double alpha, double epsilon, double momentum, boolean centered)
        implements Rule {
      @Override
      public int states() {
        return 1 + (centered ? 1 : 0) + (momentum == 0 ? 0 : 1);
      }
    }

    /**
     * {@code s ← s + g²}; {@code θ ← θ - η / (1 + (t - 1) decay) g / (√s + ε)}. Duchi et al. 2011.
     */
    record Adagrad(double decay, double epsilon) implements Rule {
      @Override
      public int states() {
        return 1;
      }
    }
  }

  /**
   * Values that share penalties.
   *
   * @param from index of the first
   * @param to index after the last
   * @param stateFrom index of the first value's states
   * @param l1 times the sign is added to the gradient
   * @param l2 times the value is added to the gradient
   */
  public record Range(long from, long to, long stateFrom, double l1, double l2) {
    public Range {
      if (from < 0 || to < from) {
        throw new IllegalArgumentException("a range goes from " + from + " to " + to);
      }
    }
  }

  /** Values whose gradients stay in the nearest cache between two loops over them. */
  private static final int BLOCK = 1 << 11;

  private final Rule rule;
  private final List<Range> chunks = new ArrayList<>();
  private long end;
  private long stateEnd;

  /** Ranges must not overlap; values in none are left alone. */
  public Descent(Rule rule, List<Range> ranges) {
    this.rule = rule;
    for (Range range : ranges) {
      end = Math.max(end, range.to());
      stateEnd = Math.max(stateEnd, range.stateFrom() + range.to() - range.from());
      for (long at = range.from(); at < range.to(); at += Flat.CHUNK) {
        chunks.add(
            new Range(
                at,
                Math.min(range.to(), at + Flat.CHUNK),
                range.stateFrom() + at - range.from(),
                range.l1(),
                range.l2()));
      }
    }
  }

  /**
   * One step.
   *
   * @param values float32 parameters
   * @param gradients float32
   * @param states float32, as many as the rule has
   * @param step 1 for the first
   * @param gradientScale what gradients are multiplied by first: the clipping factor
   */
  public void step(
      Buffer values,
      Buffer gradients,
      List<Buffer> states,
      double learningRate,
      long step,
      double gradientScale) {
    if (states.size() != rule.states()) {
      throw new IllegalArgumentException(
          rule + " has " + rule.states() + " states, came " + states.size());
    }
    long p = values.floats(end);
    long g = gradients.floats(end);
    long[] state = states.stream().mapToLong(buffer -> buffer.floats(stateEnd)).toArray();
    Team.common()
        .run(
            chunks.size(),
            (slice, worker) -> {
              Range chunk = chunks.get(slice);
              long room = worker.scratch(BLOCK);
              int length = (int) (chunk.to() - chunk.from());
              for (int block = 0; block < length; block += BLOCK) {
                int count = Math.min(BLOCK, length - block);
                long at = 4 * (chunk.from() + block);
                RowDescent.gradient(
                    g + at,
                    p + at,
                    room,
                    count,
                    (float) gradientScale,
                    (float) chunk.l1(),
                    (float) chunk.l2());
                long stateAt = 4 * (chunk.stateFrom() + block);
                apply(p + at, room, state, stateAt, count, learningRate, step);
              }
            });
  }

  private void apply(
      long p, long g, long[] state, long at, int count, double learningRate, long step) {
    switch (rule) {
      case Rule.Sgd(double momentum, double dampening, boolean nesterov) -> {
        if (momentum == 0) {
          RowDescent.plain(p, g, count, (float) learningRate);
        } else {
          RowDescent.momentum(
              p,
              g,
              state[0] + at,
              count,
              (float) momentum,
              (float) (step == 1 ? 1 : 1 - dampening),
              nesterov ? 1f : 0f,
              (float) learningRate);
        }
      }
      case Rule.Adam(double beta1, double beta2, double epsilon) ->
          RowAdamW.step(
              p,
              g,
              state[0] + at,
              state[1] + at,
              count,
              1f,
              (float) beta1,
              (float) beta2,
              (float) epsilon,
              1f,
              (float) (learningRate / (1 - StrictMath.pow(beta1, step))),
              (float) (1 / Math.sqrt(1 - StrictMath.pow(beta2, step))));
      case Rule.RmsProp(double alpha, double epsilon, double momentum, boolean centered) -> {
        if (centered) {
          RowDescent.centred(
              g, state[0] + at, state[1] + at, count, (float) alpha, (float) epsilon);
        } else {
          RowDescent.rmsProp(g, state[0] + at, count, (float) alpha, (float) epsilon);
        }
        if (momentum == 0) {
          RowDescent.plain(p, g, count, (float) learningRate);
        } else {
          RowDescent.momentum(
              p,
              g,
              state[state.length - 1] + at,
              count,
              (float) momentum,
              1f,
              0f,
              (float) learningRate);
        }
      }
      case Rule.Adagrad(double decay, double epsilon) -> {
        RowDescent.adagrad(g, state[0] + at, count, (float) epsilon);
        RowDescent.plain(p, g, count, (float) (learningRate / (1 + (step - 1) * decay)));
      }
    }
  }
}
