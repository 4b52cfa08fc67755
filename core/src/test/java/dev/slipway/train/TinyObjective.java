package dev.slipway.train;

import dev.slipway.nn.ParameterSet;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.task.Objective;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Functional;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Two linear layers that learn to classify points: an endless row of examples, cut into
 * micro-batches of the sizes given, over and over. Faults can be put in.
 */
final class TinyObjective implements Objective {
  static final int INPUTS = 6;
  static final int CLASSES = 5;

  private final ParameterSet parameters;
  private final int[] sizes;
  private final int[] starts;
  private final int perCycle;

  /** Runs before each micro-batch; may throw, or spoil a parameter. */
  Fault fault = (index, parameters) -> 1;

  /** What is reported as validation loss at each evaluation from 0, in thousandths; null: real. */
  @Nullable IntUnaryOperator validationThousandths;

  private int evaluations;

  private @Nullable Tensor runningMean;

  interface Fault {
    /** What the loss is multiplied with. */
    double before(long index, ParameterSet parameters);
  }

  TinyObjective(long seed, int... sizes) {
    this.sizes = sizes;
    starts = new int[sizes.length];
    int total = 0;
    for (int i = 0; i < sizes.length; i++) {
      starts[i] = total;
      total += sizes[i];
    }
    perCycle = total;
    parameters =
        ParameterSet.allocate(
            List.of(
                ParameterSpec.matrix("hidden.weight", 16, INPUTS, 0.5),
                ParameterSpec.vector("hidden.bias", 16, 0),
                new ParameterSpec(
                    "head.weight",
                    List.of((long) CLASSES, 16L),
                    ParameterSpec.Role.HEAD,
                    new ParameterSpec.Init.Normal(0.3))));
    parameters.initialise(seed);
  }

  /** Takes a running mean of the hidden layer away from it, as a normalisation would. */
  TinyObjective withRunningMean() {
    try (Scope scope = Scope.open()) {
      runningMean = scope.keep(Tensor.zeros(DType.FLOAT32, 16));
    }
    return this;
  }

  @Override
  public SequencedMap<String, Tensor> state() {
    SequencedMap<String, Tensor> state = new LinkedHashMap<>();
    if (runningMean != null) {
      state.put("running_mean", runningMean);
    }
    return state;
  }

  @Override
  public ParameterSet parameters() {
    return parameters;
  }

  @Override
  public int targetCount(long index) {
    return sizes[(int) (index % sizes.length)];
  }

  private long firstExample(long index) {
    return index / sizes.length * perCycle + starts[(int) (index % sizes.length)];
  }

  @Override
  public double forwardBackward(long index, double scale) {
    double factor = fault.before(index, parameters);
    Tensor loss = loss(firstExample(index), targetCount(index)).mul(factor);
    loss.mul(scale).backward();
    return loss.item();
  }

  private Tensor loss(long first, int count) {
    float[] inputs = new float[count * INPUTS];
    long[] classes = new long[count];
    for (int i = 0; i < count; i++) {
      double sum = 0;
      for (int j = 0; j < INPUTS; j++) {
        double value = Math.sin((first + i + 1) * (j + 1.3));
        inputs[i * INPUTS + j] = (float) value;
        sum += value;
      }
      classes[i] = (int) Math.floorMod((long) Math.floor(sum * 2), (long) CLASSES);
    }
    Tensor x = Tensor.of(inputs, count, INPUTS);
    Tensor hidden =
        Functional.linear(x, parameters.value("hidden.weight"), parameters.value("hidden.bias"))
            .tanh();
    if (runningMean != null) {
      runningMean.mulInPlace(0.9).addInPlace(hidden.detach().mean(0, false), 0.1);
      hidden = hidden.sub(runningMean.copy());
    }
    Tensor logits = Functional.linear(hidden, parameters.value("head.weight"), null);
    return Functional.crossEntropySum(logits, Tensor.of(classes, count), -100);
  }

  @Override
  public void parametersChanged() {}

  @Override
  public double validationLoss(int batches) {
    if (validationThousandths != null) {
      return validationThousandths.applyAsInt(evaluations++) / 1000.0;
    }
    try (NoGrad _ = NoGrad.open()) {
      return loss(1_000_000, 20 * batches).item() / (20 * batches);
    }
  }

  @Override
  public List<String> recordIds(long index) {
    long first = firstExample(index);
    return IntStream.range(0, targetCount(index)).mapToObj(i -> "point-" + (first + i)).toList();
  }

  @Override
  public void close() {
    parameters.close();
    if (runningMean != null) {
      runningMean.close();
    }
  }
}
