package dev.slipway.task;

import dev.slipway.data.augment.Mixup;
import dev.slipway.data.example.Draw;
import dev.slipway.nn.Input;
import dev.slipway.nn.Inputs;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * Learning from mixtures of two examples of a batch (Zhang et al. 2018, "mixup: Beyond Empirical
 * Risk Minimization"): inputs are {@code λ x + (1 - λ) x'}, the loss {@code λ L(y) + (1 - λ)
 * L(y')}, one λ from Beta(α, α) for a batch. Only inputs of floats are mixed.
 *
 * @param share λ; 1 mixes nothing
 * @param partners the row that each row is mixed with
 */
record MixedBatch(double share, int[] partners) {
  /** A pure function of (α, seed, index, rows). */
  static MixedBatch draw(@Nullable Mixup mixup, long seed, long index, int rows) {
    if (mixup == null) {
      return new MixedBatch(1, new int[0]);
    }
    Mixup.Mix mix = mixup.draw(rows, new Draw(seed, index, 0).random(0));
    return new MixedBatch(mix.kept(), mix.partners());
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
      Inputs inputs,
      SequencedMap<String, Tensor> outputs,
      SequencedMap<String, Input> targets) {
    Tensor own = criterion.perExample(inputs, outputs, targets);
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
    return own.mul(share).add(criterion.perExample(inputs, outputs, others).mul(1 - share));
  }

  private Tensor partner(Tensor values) {
    return values.indexSelect(0, Tensor.of(partners, partners.length).to(DType.INT64));
  }
}
