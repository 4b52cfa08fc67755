package dev.slipway.nn.loss;

import dev.slipway.nn.Input;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Losses;
import dev.slipway.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Losses of an order. */
final class Rankings {
  /** Softmax gives a document of another query nothing. */
  private static final float NOWHERE = -1e30f;

  private Rankings() {}

  static Tensor bpr(Input output) {
    Tensor scores = output.values(); // (B, 1 + N)
    if (scores.dim() != 2 || scores.size(1) < 2) {
      throw new IllegalArgumentException(
          "scores are " + Arrays.toString(scores.shape()) + ", expected (B, 1 + N)");
    }
    long others = scores.size(1) - 1;
    Tensor above = scores.narrow(1, 0, 1).sub(scores.narrow(1, 1, others)); // (B, N)
    return Losses.logSigmoid(above).mean(1, false).neg();
  }

  static Tensor lambdaRank(Input output, Input target) {
    Tensor scores = scores(output, target); // (B)
    int rows = (int) scores.size(0);
    double[] told = scores.detach().toDoubles();
    double[] targets = target.values().toDoubles();
    float[] weights = new float[rows * rows];
    for (int[] query : queries(targets)) {
      weigh(query, told, targets, rows, weights);
    }
    Tensor above = scores.unsqueeze(1).sub(scores.unsqueeze(0)); // (B, B): sᵢ - sⱼ
    return Losses.logSigmoid(above).mul(Tensor.of(weights, rows, rows)).sum(1, false).neg();
  }

  /** |ΔNDCG| of swapping i with a less relevant j, at their present places. */
  private static void weigh(
      int[] query, double[] told, double[] targets, int rows, float[] weights) {
    Integer[] byScore = Arrays.stream(query).boxed().toArray(Integer[]::new);
    Integer[] byRelevance = byScore.clone();
    Arrays.sort(byScore, (a, b) -> Double.compare(told[b], told[a]));
    Arrays.sort(byRelevance, (a, b) -> Double.compare(targets[2 * b], targets[2 * a]));
    double ideal = 0;
    for (int place = 0; place < query.length; place++) {
      ideal += targets[2 * byRelevance[place]] * discount(place);
    }
    for (int a = 0; a < query.length && ideal > 0; a++) {
      for (int b = 0; b < query.length; b++) {
        double more = targets[2 * byScore[a]] - targets[2 * byScore[b]];
        if (more > 0) {
          weights[byScore[a] * rows + byScore[b]] =
              (float) (more * Math.abs(discount(a) - discount(b)) / ideal);
        }
      }
    }
  }

  private static double discount(int place) {
    return Math.log(2) / Math.log(place + 2.0);
  }

  static Tensor listNet(Input output, Input target) {
    Tensor scores = scores(output, target); // (B)
    int rows = (int) scores.size(0);
    double[] targets = target.values().toDoubles();
    float[] wanted = new float[rows];
    float[] apart = new float[rows * rows];
    Arrays.fill(apart, NOWHERE);
    for (int[] query : queries(targets)) {
      double most = Arrays.stream(query).mapToDouble(i -> targets[2 * i]).max().orElseThrow();
      double sum = Arrays.stream(query).mapToDouble(i -> Math.exp(targets[2 * i] - most)).sum();
      for (int i : query) {
        wanted[i] = (float) (Math.exp(targets[2 * i] - most) / sum);
        for (int j : query) {
          apart[i * rows + j] = 0;
        }
      }
    }
    Tensor logs =
        scores
            .unsqueeze(0)
            .add(Tensor.of(apart, rows, rows))
            .logSoftmax(1) // (B, B): of j among i's query
            .gather(1, Tensor.arange(rows, DType.INT64).unsqueeze(1))
            .squeeze(1); // (B)
    return logs.mul(Tensor.of(wanted, rows)).neg();
  }

  private static Tensor scores(Input output, Input target) {
    Tensor values = output.values();
    long[] targets = target.values().shape();
    if (values.numel() != values.size(0) || targets.length != 2 || targets[1] != 2) {
      throw new IllegalArgumentException(
          "outputs are "
              + Arrays.toString(values.shape())
              + " and targets "
              + Arrays.toString(targets)
              + ", expected (B, 1) and (B, 2)");
    }
    return values.reshape(-1);
  }

  /** Rows by the number of their query, which stands behind each relevance. */
  private static List<int[]> queries(double[] targets) {
    Map<Double, List<Integer>> rows = new LinkedHashMap<>();
    for (int row = 0; row < targets.length / 2; row++) {
      rows.computeIfAbsent(targets[2 * row + 1], _ -> new ArrayList<>()).add(row);
    }
    return rows.values().stream()
        .map(list -> list.stream().mapToInt(Integer::intValue).toArray())
        .toList();
  }
}
