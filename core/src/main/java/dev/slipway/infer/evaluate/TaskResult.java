package dev.slipway.infer.evaluate;

import dev.slipway.base.Json;
import dev.slipway.eval.compare.Comparison;
import dev.slipway.eval.metric.ClusterBootstrap;
import dev.slipway.eval.metric.Interval;
import dev.slipway.eval.metric.Proportion;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a model reached on a task.
 *
 * @param task its name
 * @param scores of each item, in their order
 * @param seconds that it took
 */
public record TaskResult(
    String task, EvalTask.Kind kind, List<ItemScore> scores, double seconds, long seed) {
  /**
   * A metric over all items.
   *
   * @param interval of 95 %: Wilson's for shares, else by the bootstrap over items
   * @param stderr the standard error of a mean as lm-evaluation-harness gives it, s / √n with n − 1
   *     in s; NaN where that has none
   */
  public record Figure(Metric metric, Interval interval, double stderr) {}

  public TaskResult {
    scores = List.copyOf(scores);
  }

  public List<Figure> figures() {
    List<Figure> figures = new ArrayList<>();
    List<Metric> metrics = Metric.of(kind);
    for (int m = 0; m < metrics.size(); m++) {
      figures.add(figure(metrics.get(m), m));
    }
    return figures;
  }

  /** The figure that decides: the first one of the kind, bits per byte for texts. */
  public Figure main() {
    return kind == EvalTask.Kind.TEXT ? figures().getLast() : figures().getFirst();
  }

  private Figure figure(Metric metric, int place) {
    double[] figures = column(place, false);
    if (metric.isShare()) {
      long hits = 0;
      for (double figure : figures) {
        hits += figure > 0.5 ? 1 : 0;
      }
      double mean = (double) hits / figures.length;
      double squares = hits * (1 - mean) * (1 - mean) + (figures.length - hits) * mean * mean;
      double stderr =
          figures.length < 2
              ? Double.NaN
              : Math.sqrt(squares / (figures.length - 1)) / Math.sqrt(figures.length);
      return new Figure(
          metric, Objects.requireNonNull(Proportion.wilson(hits, figures.length)), stderr);
    }
    Interval ratio = new ClusterBootstrap(seed).ratio(figures, column(place, true));
    return new Figure(metric, ratio.mapIncreasing(metric::of), Double.NaN);
  }

  private double[] column(int place, boolean weights) {
    return scores.stream()
        .mapToDouble(score -> (weights ? score.weights() : score.figures()).get(place))
        .toArray();
  }

  /**
   * Whether the model of {@code other} is better on the same items, by each metric.
   *
   * @throws IllegalArgumentException where the items are not the same
   */
  public List<Comparison> against(TaskResult other) {
    if (!other.task.equals(task) || other.scores.size() != scores.size()) {
      throw new IllegalArgumentException(
          "results of %s on %d items and of %s on %d are no pair"
              .formatted(task, scores.size(), other.task, other.scores.size()));
    }
    List<Comparison> comparisons = new ArrayList<>();
    List<Metric> metrics = Metric.of(kind);
    for (int m = 0; m < metrics.size(); m++) {
      comparisons.add(compare(metrics.get(m), m, other));
    }
    return comparisons;
  }

  private Comparison compare(Metric metric, int place, TaskResult other) {
    double[] first = column(place, false);
    double[] second = other.column(place, false);
    if (metric.isShare()) {
      Comparison shares = Comparison.ofCorrectness(right(first), right(second), seed);
      return shares.named(metric.label());
    }
    double[] firstWeights = column(place, true);
    double[] secondWeights = other.column(place, true);
    return Comparison.of(
        metric.label(),
        metric.better(),
        first.length,
        drawn -> metric.of(ratio(first, firstWeights, drawn)),
        drawn -> metric.of(ratio(second, secondWeights, drawn)),
        seed);
  }

  private static double ratio(double[] figures, double[] weights, int[] drawn) {
    double figure = 0;
    double weight = 0;
    for (int i : drawn) {
      figure += figures[i];
      weight += weights[i];
    }
    return figure / weight;
  }

  private static boolean[] right(double[] figures) {
    boolean[] right = new boolean[figures.length];
    for (int i = 0; i < right.length; i++) {
      right[i] = figures[i] > 0.5;
    }
    return right;
  }

  /** Name, kind, number of items, seconds and figures. */
  public ObjectNode json() {
    ObjectNode json = Json.object();
    json.put("task", task);
    json.put("kind", kind.name().toLowerCase(Locale.ROOT).replace('_', '-'));
    json.put("n", scores.size()).put("seconds", seconds);
    ObjectNode metrics = json.putObject("metrics");
    for (Figure figure : figures()) {
      ObjectNode one = metrics.putObject(figure.metric.label());
      put(one, "value", figure.interval.estimate());
      put(one, "stderr", figure.stderr);
      put(one, "low", figure.interval.low());
      put(one, "high", figure.interval.high());
    }
    return json;
  }

  /** An item, for files of them. */
  public ObjectNode json(int item) {
    ItemScore score = scores.get(item);
    ObjectNode json = Json.object();
    json.put("task", task).put("item", item);
    ArrayNode likelihoods = json.putArray("loglikelihoods");
    score.loglikelihoods().forEach(likelihoods::add);
    if (kind == EvalTask.Kind.GENERATE) {
      json.put("generated", score.generated());
    }
    if (kind != EvalTask.Kind.TEXT) {
      json.put("expected", score.expected());
    }
    List<Metric> metrics = Metric.of(kind);
    for (int m = 0; m < metrics.size(); m++) {
      if (metrics.get(m).isShare()) {
        json.put(metrics.get(m).label(), score.figures().get(m) > 0.5 ? 1 : 0);
      }
    }
    if (kind == EvalTask.Kind.TEXT) {
      json.put("tokens", score.weights().get(0).longValue());
      json.put("words", score.weights().get(1).longValue());
      json.put("bytes", score.weights().get(2).longValue());
    }
    return json;
  }

  private static void put(ObjectNode node, String name, double value) {
    if (Double.isFinite(value)) {
      node.put(name, value);
    } else {
      node.putNull(name);
    }
  }
}
