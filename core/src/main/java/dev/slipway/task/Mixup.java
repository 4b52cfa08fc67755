package dev.slipway.task;

import dev.slipway.nn.Input;
import dev.slipway.nn.Inputs;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.SplittableRandom;

/**
 * Learning from mixtures of two examples of a batch (Zhang et al. 2018, "mixup: Beyond Empirical
 * Risk Minimization"): inputs are {@code λ x + (1 - λ) x'}, the loss {@code λ L(y) + (1 - λ)
 * L(y')}, one λ from Beta(α, α) for a batch. Only inputs of floats are mixed.
 *
 * @param share λ; 1 mixes nothing
 * @param partners the row that each row is mixed with
 */
record Mixup(double share, long[] partners) {
  /** A pure function of (α, seed, index, rows). */
  static Mixup draw(double alpha, long seed, long index, int rows) {
    long[] partners = new long[rows];
    Arrays.setAll(partners, row -> row);
    if (alpha <= 0) {
      return new Mixup(1, partners);
    }
    SplittableRandom random = new SplittableRandom(seed * 0x9E3779B97F4A7C15L ^ index);
    random.nextLong(); // neighbours of an index begin alike
    for (int row = rows - 1; row > 0; row--) {
      int other = random.nextInt(row + 1);
      long kept = partners[row];
      partners[row] = partners[other];
      partners[other] = kept;
    }
    return new Mixup(beta(alpha, random), partners);
  }

  /** Jöhnk 1964; its rejections are few for α up to 1 and bearable beyond. */
  private static double beta(double alpha, SplittableRandom random) {
    while (true) {
      double x = Math.pow(random.nextDouble(), 1 / alpha);
      double y = Math.pow(random.nextDouble(), 1 / alpha);
      if (x + y > 0 && x + y <= 1) {
        return x / (x + y);
      }
    }
  }

  Inputs mixed(Inputs inputs) {
    if (share == 1) {
      return inputs;
    }
    SequencedMap<String, Input> mixed = new LinkedHashMap<>();
    inputs
        .byName()
        .forEach(
            (name, input) ->
                mixed.put(
                    name,
                    input.values().dtype() == DType.FLOAT32
                        ? new Input(
                            input.values().mul(share).add(partner(input.values()).mul(1 - share)),
                            input.lengths())
                        : input));
    return new Inputs(mixed);
  }

  Tensor loss(
      Criterion criterion,
      SequencedMap<String, Tensor> outputs,
      SequencedMap<String, Input> targets) {
    Tensor own = criterion.perExample(outputs, targets);
    if (share == 1) {
      return own;
    }
    SequencedMap<String, Input> others = new LinkedHashMap<>();
    targets.forEach(
        (name, input) ->
            others.put(
                name,
                new Input(
                    partner(input.values()),
                    input.lengths() == null ? null : partner(input.lengths()))));
    return own.mul(share).add(criterion.perExample(outputs, others).mul(1 - share));
  }

  private Tensor partner(Tensor values) {
    return values.indexSelect(0, Tensor.of(partners, partners.length));
  }
}
