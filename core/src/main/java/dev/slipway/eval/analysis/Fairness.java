package dev.slipway.eval.analysis;

import dev.slipway.eval.metric.Interval;
import dev.slipway.eval.metric.Proportion;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * How a binary decision falls on groups of people: Hardt, Price and Srebro 2016, "Equality of
 * Opportunity in Supervised Learning". Figures of small groups are uncertain: their intervals are
 * part of the answer.
 *
 * @param by what the groups are of, such as {@code sex}
 * @param selected what it means to be selected, such as {@code told to be a bad risk}
 * @param groups of one example or more, as they come
 */
public record Fairness(String by, String selected, List<Group> groups) {
  public Fairness {
    groups = List.copyOf(groups);
  }

  /**
   * One group.
   *
   * @param examples in it
   * @param positives of them truly positive
   * @param selectionRate share called positive: demographic parity compares it
   * @param truePositiveRate share of the positives called positive: equal opportunity compares it;
   *     null if there is none
   * @param falsePositiveRate share of the negatives called positive; null if there is none
   */
  public record Group(
      String name,
      int examples,
      int positives,
      Interval selectionRate,
      @Nullable Interval truePositiveRate,
      @Nullable Interval falsePositiveRate) {}

  /**
   * @param truth 1 for positive, 0 for negative
   * @param predicted likewise, at the threshold that is used
   * @param names of the groups
   * @param of each example, index into {@code names}; −1 leaves the example out
   */
  public static Fairness of(
      String by, String selected, int[] truth, int[] predicted, List<String> names, int[] of) {
    List<Group> groups = new ArrayList<>();
    for (int g = 0; g < names.size(); g++) {
      int[][] counts = new int[2][2];
      for (int i = 0; i < of.length; i++) {
        if (of[i] == g) {
          counts[truth[i]][predicted[i]]++;
        }
      }
      int negatives = counts[0][0] + counts[0][1];
      int positives = counts[1][0] + counts[1][1];
      Interval rate = Proportion.wilson(counts[0][1] + counts[1][1], negatives + positives);
      if (rate != null) {
        groups.add(
            new Group(
                names.get(g),
                negatives + positives,
                positives,
                rate,
                Proportion.wilson(counts[1][1], positives),
                Proportion.wilson(counts[0][1], negatives)));
      }
    }
    return new Fairness(by, selected, groups);
  }

  /** Groups by age and the like: {@code up to 25, 26 to 40, over 40} for edges 25 and 40. */
  public static List<String> bandNames(int... edges) {
    List<String> names = new ArrayList<>();
    names.add(String.format(Locale.ROOT, "up to %d", edges[0]));
    for (int e = 1; e < edges.length; e++) {
      names.add(String.format(Locale.ROOT, "%d to %d", edges[e - 1] + 1, edges[e]));
    }
    names.add(String.format(Locale.ROOT, "over %d", edges[edges.length - 1]));
    return names;
  }

  /** Index of each value's band among {@link #bandNames}; −1 for NaN. */
  public static int[] bands(double[] values, int... edges) {
    int[] of = new int[values.length];
    for (int i = 0; i < of.length; i++) {
      while (of[i] < edges.length && values[i] > edges[of[i]]) {
        of[i]++;
      }
      of[i] = Double.isNaN(values[i]) ? -1 : of[i];
    }
    return of;
  }

  /** Largest minus smallest selection rate: demographic parity difference. */
  public double selectionDifference() {
    return spread(group -> group.selectionRate().estimate());
  }

  /**
   * Smallest over largest selection rate; below 0.8 the four-fifths rule of the US Equal Employment
   * Opportunity Commission (29 CFR 1607.4 D) asks for reasons. NaN if nobody is selected.
   */
  public double selectionRatio() {
    double least = extreme(group -> group.selectionRate().estimate(), false);
    double most = extreme(group -> group.selectionRate().estimate(), true);
    return least / most;
  }

  /** Largest minus smallest true positive rate: equal opportunity difference; NaN if unknown. */
  public double truePositiveDifference() {
    return spread(group -> estimate(group.truePositiveRate()));
  }

  /** Largest minus smallest false positive rate; NaN if unknown. */
  public double falsePositiveDifference() {
    return spread(group -> estimate(group.falsePositiveRate()));
  }

  private static double estimate(@Nullable Interval interval) {
    return interval == null ? Double.NaN : interval.estimate();
  }

  private double spread(ToDoubleFunction<Group> figure) {
    return extreme(figure, true) - extreme(figure, false);
  }

  private double extreme(ToDoubleFunction<Group> figure, boolean most) {
    var values = groups.stream().mapToDouble(figure).filter(value -> !Double.isNaN(value));
    return (most ? values.max() : values.min()).orElse(Double.NaN);
  }
}
