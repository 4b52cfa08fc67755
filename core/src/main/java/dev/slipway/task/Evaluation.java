package dev.slipway.task;

import dev.slipway.data.example.ExampleBatch;
import dev.slipway.data.example.ExampleBatches;
import dev.slipway.data.example.PrefetchedBatches;
import dev.slipway.model.Network;
import dev.slipway.model.Pass;
import dev.slipway.nn.Inputs;
import dev.slipway.tensor.Matmul;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.DoubleConsumer;

/**
 * A network's answers to examples whose truth is known.
 *
 * @param loss mean per target, in the criterion's unit
 * @param losses of each row of the predictions: of an example the sum over its targets, of a user
 *     or query the mean over its examples
 * @param answers of each example, in the order of the batches
 * @param predictions answers beside the truth
 */
public record Evaluation(
    double loss, double[] losses, List<Answer> answers, Predictions predictions) {
  private static final long AHEAD = 64L << 20;

  public Evaluation {
    answers = List.copyOf(answers);
  }

  /**
   * Goes through the first {@code most} batches of an epoch, or all of them when that is fewer.
   *
   * @param batches in order
   */
  public static Evaluation of(
      Network network, Task task, Criterion criterion, ExampleBatches batches, long most) {
    return of(network, task, criterion, batches, most, _ -> {});
  }

  /**
   * As above.
   *
   * @param progress is told after each batch what share of them is done
   */
  public static Evaluation of(
      Network network,
      Task task,
      Criterion criterion,
      ExampleBatches batches,
      long most,
      DoubleConsumer progress) {
    long count = Math.min(most, batches.batchesPerEpoch());
    double sum = 0;
    long targets = 0;
    double[] losses = new double[batches.size()];
    int[] members = new int[batches.size()];
    List<Answer> answers = new ArrayList<>();
    try (NoGrad _ = NoGrad.open();
        Matmul.Float32ByOneDnn _ = Matmul.Float32ByOneDnn.open(network.hasLargeProducts());
        PrefetchedBatches ahead = new PrefetchedBatches(batches, 1, AHEAD, count)) {
      for (long index = 0; index < count; index++) {
        try (Scope _ = Scope.open()) {
          ExampleBatch batch = ahead.batch(index);
          Inputs inputs = BatchTensors.inputs(batch);
          SequencedMap<String, Tensor> outputs = network.forward(inputs, Pass.INFERENCE);
          double[] some =
              criterion.perExample(inputs, outputs, BatchTensors.targets(batch)).toDoubles();
          System.arraycopy(some, 0, losses, answers.size(), some.length);
          System.arraycopy(batch.examples(), 0, members, answers.size(), some.length);
          sum += Arrays.stream(some).sum();
          targets += criterion.count(batch);
          answers.addAll(
              switch (task) {
                case DirectTask direct -> direct.read(outputs, inputs);
                case SequenceToSequence _, Recommendation _, SpanAnswering _, Contrastive _ ->
                    task.predict(network, inputs, batches.encoded().examples(), batch.examples());
              });
        }
        progress.accept((index + 1.0) / count);
      }
    }
    int rows = answers.size();
    Predictions predictions =
        task.predictions(batches.encoded().examples(), Arrays.copyOf(members, rows), answers);
    return new Evaluation(
        sum / Math.max(1, targets),
        switch (predictions) {
          case Predictions.Recommended some -> means(losses, some.rows());
          case Predictions.Rankings some -> means(losses, some.rows());
          default -> Arrays.copyOf(losses, rows);
        },
        answers,
        predictions);
  }

  private static double[] means(double[] losses, int[][] groups) {
    return Arrays.stream(groups)
        .mapToDouble(group -> Arrays.stream(group).mapToDouble(i -> losses[i]).average().orElse(0))
        .toArray();
  }

  /**
   * Means over the first {@code most} batches of an epoch with what is right at hand: nothing is
   * answered, so that a text costs one pass.
   *
   * @param batches in order
   * @return one for each criterion
   */
  static double[] losses(
      Network network, List<Criterion> criteria, ExampleBatches batches, long most) {
    long count = Math.min(most, batches.batchesPerEpoch());
    double[] sums = new double[criteria.size()];
    long[] targets = new long[criteria.size()];
    try (NoGrad _ = NoGrad.open();
        Matmul.Float32ByOneDnn _ = Matmul.Float32ByOneDnn.open(network.hasLargeProducts());
        PrefetchedBatches ahead = new PrefetchedBatches(batches, 1, AHEAD, count)) {
      for (long index = 0; index < count; index++) {
        try (Scope _ = Scope.open()) {
          ExampleBatch batch = ahead.batch(index);
          Inputs inputs = BatchTensors.inputs(batch);
          SequencedMap<String, Tensor> outputs = network.forward(inputs, Pass.INFERENCE);
          for (int i = 0; i < sums.length; i++) {
            Criterion criterion = criteria.get(i);
            sums[i] +=
                criterion.perExample(inputs, outputs, BatchTensors.targets(batch)).sum().item();
            targets[i] += criterion.count(batch);
          }
        }
      }
    }
    for (int i = 0; i < sums.length; i++) {
      sums[i] /= Math.max(1, targets[i]);
    }
    return sums;
  }
}
