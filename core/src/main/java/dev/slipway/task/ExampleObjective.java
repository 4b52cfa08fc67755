package dev.slipway.task;

import dev.slipway.data.augment.Mixup;
import dev.slipway.data.example.ExampleBatch;
import dev.slipway.data.example.ExampleBatches;
import dev.slipway.data.example.PrefetchedBatches;
import dev.slipway.model.Network;
import dev.slipway.model.Pass;
import dev.slipway.nn.Inputs;
import dev.slipway.nn.ParameterSet;
import dev.slipway.nn.loss.Loss;
import dev.slipway.tensor.Autocast;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Device;
import dev.slipway.tensor.Matmul;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * A network that learns a task from examples. Micro-batch {@code index} is batch {@code index} of
 * the training split's {@link ExampleBatches}: an epoch ends with a smaller one.
 */
public final class ExampleObjective implements Objective {
  private static final String BUFFERS = "buffers";
  private static final Criterion UNSMOOTHED = Criterion.of(Network.OUTPUT, Loss.CrossEntropy.PLAIN);
  private static final long AHEAD = 128L << 20;

  private final Network network;
  private final FittedTask task;
  private final PrefetchedBatches training;
  private final @Nullable ExampleBatches validation;
  private final Options options;
  private Pass.Watch watch;
  private SequencedMap<String, Double> lastMetrics = new LinkedHashMap<>();

  /**
   * How it is learnt.
   *
   * @param precision of matrix products while learning: FLOAT32 or BFLOAT16
   * @param mixup mixes the examples of a batch; null mixes nothing
   * @param seed of what mixup draws
   * @param watch is shown each layer's output while learning
   * @param layerNames what people call some of the layers, by what their parameters' names begin
   *     with
   */
  public record Options(
      DType precision,
      @Nullable Mixup mixup,
      long seed,
      Pass.Watch watch,
      Map<String, String> layerNames) {
    public Options {
      layerNames = Map.copyOf(layerNames);
    }

    /** Full precision, nothing mixed, unwatched. */
    public static final Options PLAIN =
        new Options(DType.FLOAT32, null, 0, (layer, output) -> {}, Map.of());
  }

  /**
   * @param network closed with this
   * @param training shuffled
   * @param validation in order, or null when there is none
   * @throws dev.slipway.base.SlipwayException {@code task.output-width} if the network gives other
   *     than what the task needs
   */
  public ExampleObjective(
      Network network,
      FittedTask task,
      ExampleBatches training,
      @Nullable ExampleBatches validation,
      Options options) {
    this.network = network;
    this.task = task;
    this.validation = validation;
    this.options = options;
    this.watch = options.watch();
    check(network, task.task(), training);
    this.training = new PrefetchedBatches(training, 1, AHEAD, Long.MAX_VALUE);
  }

  private static void check(Network network, Task task, ExampleBatches training) {
    try (Scope _ = Scope.open();
        NoGrad _ = NoGrad.open()) {
      ExampleBatch one = training.encoded().batch(new int[] {training.examples(0)[0]}, null);
      Heads.check(task.heads(), network.forward(BatchTensors.inputs(one), Pass.INFERENCE));
    }
  }

  public Network network() {
    return network;
  }

  @Override
  public ParameterSet parameters() {
    return network.parameters();
  }

  @Override
  public SequencedMap<String, Tensor> state() {
    SequencedMap<String, Tensor> state = new LinkedHashMap<>();
    if (network.buffers().numel() > 0) {
      state.put(BUFFERS, network.buffers().flat());
    }
    return state;
  }

  @Override
  public int targetCount(long index) {
    ExampleBatches batches = training.batches();
    return task.criterion().count(batches.encoded().targets(batches.examples(index)));
  }

  @Override
  public double forwardBackward(long index, double scale) {
    ExampleBatch batch = training.batch(index);
    try (Scope _ = Scope.open();
        Matmul.Float32ByOneDnn _ = Matmul.Float32ByOneDnn.open(network.hasLargeProducts())) {
      MixedBatch mixup = MixedBatch.draw(options.mixup(), options.seed(), index, batch.rows());
      Inputs inputs = mixup.mixed(BatchTensors.inputs(batch));
      SequencedMap<String, Tensor> outputs;
      try (Precision _ = new Precision(options.precision())) {
        outputs = network.forward(inputs, new Pass(true, watch));
      }
      Tensor loss =
          mixup.loss(task.criterion(), inputs, outputs, BatchTensors.targets(batch)).sum();
      loss.mul(scale).backward();
      parameters().clearFrozenGradients();
      return loss.item();
    }
  }

  /** Matrix products in another type, where one is wanted. */
  private static final class Precision implements AutoCloseable {
    private final @Nullable Autocast autocast;

    Precision(DType dtype) {
      autocast = dtype == DType.FLOAT32 ? null : Autocast.open(Device.CPU, dtype);
    }

    @Override
    public void close() {
      if (autocast != null) {
        autocast.close();
      }
    }
  }

  @Override
  public String layerName(String layer) {
    return options.layerNames().getOrDefault(layer, layer);
  }

  @Override
  public void watchLayers(Pass.Watch watch) {
    this.watch = watch;
  }

  @Override
  public void parametersChanged() {
    parameters().restoreFrozen();
  }

  @Override
  public boolean hasValidation() {
    return validation != null;
  }

  @Override
  public double validationLoss(int batches) {
    if (validation == null) {
      throw new IllegalStateException("there is no validation split");
    }
    if (task.task() instanceof SequenceToSequence) {
      // Writing every text by beam search would take longer than learning does.
      double[] losses =
          Evaluation.losses(network, List.of(task.criterion(), UNSMOOTHED), validation, batches);
      lastMetrics = new LinkedHashMap<>(Map.of("perplexity", Math.exp(losses[1])));
      return losses[0];
    }
    Evaluation evaluation =
        Evaluation.of(network, task.task(), task.criterion(), validation, batches);
    lastMetrics = evaluation.predictions().headlines();
    return evaluation.loss();
  }

  @Override
  public SequencedMap<String, Double> validationMetrics() {
    return new LinkedHashMap<>(lastMetrics);
  }

  @Override
  public List<String> recordIds(long index) {
    return training.batches().recordIds(index);
  }

  @Override
  public void close() {
    training.close();
    network.close();
  }
}
