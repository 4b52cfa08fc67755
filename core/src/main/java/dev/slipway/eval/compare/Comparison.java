package dev.slipway.eval.compare;

import dev.slipway.base.Json;
import dev.slipway.eval.metric.Better;
import dev.slipway.eval.metric.Bootstrap;
import dev.slipway.eval.metric.Examples;
import dev.slipway.eval.metric.Interval;
import dev.slipway.eval.metric.Sums;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Is B really better than A? Both are resampled in step (the paired bootstrap of Koehn 2004,
 * "Statistical Significance Tests for Machine Translation Evaluation"), which takes out how hard
 * the examples are; the probability is the share of resamples where B is ahead, ties counted half.
 *
 * @param metric what was compared
 * @param better which way it improves
 * @param examples that both have answered
 * @param first the metric of A
 * @param second the metric of B
 * @param difference B − A with its interval of 95 %
 * @param probability that B is better, given no opinion before; from 0 to 1
 * @param mcNemar of answers that are right or wrong, else null
 */
public record Comparison(
    String metric,
    Better better,
    long examples,
    double first,
    double second,
    Interval difference,
    double probability,
    @Nullable McNemar mcNemar) {

  /** A figure of the drawn examples; called from several threads. */
  @FunctionalInterface
  public interface Figure {
    double of(int[] drawn);
  }

  /** By accuracy: whether each example was answered right, by A and by B. */
  public static Comparison ofCorrectness(boolean[] first, boolean[] second, long seed) {
    McNemar test = McNemar.of(first, second);
    Comparison means = ofMeans("accuracy", Better.HIGHER, numbers(first), numbers(second), seed);
    return new Comparison(
        means.metric,
        means.better,
        means.examples,
        means.first,
        means.second,
        means.difference,
        means.probability,
        test);
  }

  private static double[] numbers(boolean[] right) {
    double[] numbers = new double[right.length];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = right[i] ? 1 : 0;
    }
    return numbers;
  }

  /** The same under another name of its metric. */
  public Comparison named(String name) {
    return new Comparison(name, better, examples, first, second, difference, probability, mcNemar);
  }

  /**
   * By the mean of one number an example, such as its loss or its squared error.
   *
   * @throws dev.slipway.base.SlipwayException {@code eval.lengths-differ}, {@code
   *     eval.no-examples}, {@code eval.not-finite}
   */
  public static Comparison ofMeans(
      String metric, Better better, double[] first, double[] second, long seed) {
    int examples =
        Examples.count("numbers of the first", first.length, "of the second", second.length);
    Examples.some(examples);
    Examples.finite("the number", first);
    Examples.finite("the number", second);
    double[] differences = new double[examples];
    for (int i = 0; i < examples; i++) {
      differences[i] = second[i] - first[i];
    }
    return resample(
        metric,
        better,
        examples,
        Sums.mean(first),
        Sums.mean(second),
        Sums.mean(differences),
        drawn -> {
          double sum = 0;
          for (int i : drawn) {
            sum += differences[i];
          }
          return sum / drawn.length;
        },
        seed);
  }

  /** By any figure of several examples together, such as an area or BLEU. */
  public static Comparison of(
      String metric, Better better, int examples, Figure first, Figure second, long seed) {
    Examples.some(examples);
    int[] all = new int[examples];
    for (int i = 0; i < examples; i++) {
      all[i] = i;
    }
    double a = first.of(all);
    double b = second.of(all);
    return resample(
        metric, better, examples, a, b, b - a, drawn -> second.of(drawn) - first.of(drawn), seed);
  }

  private static Comparison resample(
      String metric,
      Better better,
      int examples,
      double first,
      double second,
      double difference,
      Figure figure,
      long seed) {
    Bootstrap bootstrap = new Bootstrap(seed);
    double[][] found = bootstrap.resampled(examples, drawn -> new double[] {figure.of(drawn)});
    Interval interval = bootstrap.interval(examples, difference, found);
    double shrink = bootstrap.shrink(examples);
    double ahead = 0;
    int counted = 0;
    for (double[] resample : found) {
      double value = difference + shrink * (resample[0] - difference);
      if (!Double.isNaN(value)) {
        ahead += value == 0 ? 0.5 : better.prefers(value, 0) ? 1 : 0;
        counted++;
      }
    }
    return new Comparison(
        metric,
        better,
        examples,
        first,
        second,
        interval == null ? new Interval(difference, difference, difference) : interval,
        counted == 0 ? 0.5 : ahead / counted,
        null);
  }

  /** Whether the interval of the difference leaves out 0 and there were examples to resample. */
  public boolean isDecided() {
    return examples > 1 && (difference.low() > 0 || difference.high() < 0);
  }

  /** The answer for people, such as "B is better than A with a probability of 98.2 %: …". */
  public String sentence(String nameOfFirst, String nameOfSecond) {
    String numbers =
        String.format(
            Locale.ROOT,
            "%s %s against %s, a difference of %s (95 %% interval %s to %s) on %,d examples",
            metric,
            number(second),
            number(first),
            signed(difference.estimate()),
            signed(difference.low()),
            signed(difference.high()),
            examples);
    String test =
        mcNemar == null
            ? ""
            : String.format(Locale.ROOT, "; McNemar's exact p = %s", small(mcNemar.exact()));
    if (examples > 1 && difference.low() == 0 && difference.high() == 0) {
      return nameOfSecond + " and " + nameOfFirst + " do the same: " + numbers + test;
    }
    if (!isDecided()) {
      return "It can't be told from these examples whether "
          + nameOfSecond
          + " is better than "
          + nameOfFirst
          + " (probability "
          + percent(probability)
          + "): "
          + numbers
          + test;
    }
    boolean second = probability >= 0.5;
    return (second ? nameOfSecond : nameOfFirst)
        + " is better than "
        + (second ? nameOfFirst : nameOfSecond)
        + " with a probability of "
        + percent(second ? probability : 1 - probability)
        + ": "
        + numbers
        + test;
  }

  /** A share of 1,000 resamples says no more than that. */
  private static String percent(double share) {
    if (share > 0.999) {
      return "more than 99.9 %";
    }
    if (share < 0.001) {
      return "less than 0.1 %";
    }
    return String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.4g", value);
  }

  private static String signed(double value) {
    return String.format(Locale.ROOT, "%+.3g", value == 0 ? 0.0 : value);
  }

  private static String small(double p) {
    return p < 1e-4 ? String.format(Locale.ROOT, "%.1e", p) : String.format(Locale.ROOT, "%.4f", p);
  }

  public ObjectNode json(String nameOfFirst, String nameOfSecond) {
    ObjectNode json = Json.object();
    json.put("metric", metric).put("examples", examples).put("first", first).put("second", second);
    json.put("difference", difference.estimate());
    json.put("low", difference.low()).put("high", difference.high());
    json.put("probability", probability).put("decided", isDecided());
    json.put("sentence", sentence(nameOfFirst, nameOfSecond));
    if (mcNemar != null) {
      json.putPOJO("mcnemar", mcNemar);
    }
    return json;
  }
}
