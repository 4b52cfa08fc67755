package dev.slipway.eval.analysis;

import dev.slipway.eval.metric.Better;
import dev.slipway.eval.metric.Bootstrap;
import dev.slipway.eval.metric.Interval;
import dev.slipway.eval.metric.Proportion;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Where a model does worse than elsewhere. Each slice is compared with all other examples by a
 * one-sided test of two means with pooled variance (for shares the test of two proportions), and
 * flagged if it stands the procedure of Benjamini and Hochberg 1995, "Controlling the False
 * Discovery Rate", at 5 % over all slices: among those flagged about one in twenty is chance.
 */
public final class Slices {
  /** With fewer examples the test's normal approximation doesn't hold. */
  public static final int FEW = 20;

  public static final double FALSE_DISCOVERY_RATE = 0.05;

  private static final int PARTS = 4;
  private static final int MOST_CATEGORIES = 30;

  private Slices() {}

  /**
   * @param figure one number an example: 1 where the model is right and 0 where it isn't, or its
   *     absolute error, or its loss
   * @param better which way the figure improves
   * @param by each with a value for every example; of more than 30 categories the 29 largest and
   *     "others" are told
   * @param seed of the intervals where the figure isn't 0 or 1
   * @return flagged ones first by rising p, then the others as they come
   */
  public static List<Slice> of(double[] figure, Better better, List<SliceBy> by, long seed) {
    boolean shares = Arrays.stream(figure).allMatch(v -> v == 0 || v == 1);
    double total = Arrays.stream(figure).sum();
    double squares = Arrays.stream(figure).map(v -> v * v).sum();
    List<Slice> slices = new ArrayList<>();
    for (SliceBy each : by) {
      if (each.size() != figure.length) {
        throw new IllegalArgumentException(
            each.name() + " has " + each.size() + " values, expected " + figure.length);
      }
      for (Part part : parts(each)) {
        int n = part.rows.length;
        int others = figure.length - n;
        double[] values = Arrays.stream(part.rows).mapToDouble(row -> figure[row]).toArray();
        double sum = Arrays.stream(values).sum();
        double rest = others == 0 ? Double.NaN : (total - sum) / others;
        double p =
            n < FEW || others < FEW
                ? Double.NaN
                : pValue(sum / n, n, rest, others, total, squares, figure.length, better);
        slices.add(
            new Slice(
                each.name(),
                part.name,
                n,
                sum / n,
                interval(values, sum, shares, seed),
                rest,
                p,
                false));
      }
    }
    return flag(slices);
  }

  private static double pValue(
      double mean,
      int n,
      double rest,
      int others,
      double total,
      double squares,
      int all,
      Better better) {
    double overall = total / all;
    double variance = Math.max(0, squares / all - overall * overall);
    double worse = better == Better.HIGHER ? rest - mean : mean - rest;
    if (variance == 0) {
      return 1;
    }
    return Normal.upperTail(worse / Math.sqrt(variance * (1.0 / n + 1.0 / others)));
  }

  private static @Nullable Interval interval(
      double[] values, double sum, boolean shares, long seed) {
    return shares
        ? Proportion.wilson(Math.round(sum), values.length)
        : new Bootstrap(seed).mean(values);
  }

  private static List<Slice> flag(List<Slice> slices) {
    int[] tested =
        IntStream.range(0, slices.size())
            .filter(i -> !Double.isNaN(slices.get(i).p()))
            .boxed()
            .sorted(Comparator.comparingDouble(i -> slices.get(i).p()))
            .mapToInt(i -> i)
            .toArray();
    int flagged = 0;
    for (int rank = 1; rank <= tested.length; rank++) {
      if (slices.get(tested[rank - 1]).p() <= FALSE_DISCOVERY_RATE * rank / tested.length) {
        flagged = rank;
      }
    }
    List<Slice> sorted = new ArrayList<>();
    boolean[] taken = new boolean[slices.size()];
    for (int rank = 0; rank < flagged; rank++) {
      Slice s = slices.get(tested[rank]);
      taken[tested[rank]] = true;
      sorted.add(
          new Slice(
              s.by(), s.part(), s.examples(), s.value(), s.interval(), s.rest(), s.p(), true));
    }
    for (int i = 0; i < taken.length; i++) {
      if (!taken[i]) {
        sorted.add(slices.get(i));
      }
    }
    return List.copyOf(sorted);
  }

  private record Part(String name, int[] rows) {}

  private static List<Part> parts(SliceBy by) {
    List<Part> parts =
        switch (by) {
          case SliceBy.Category category -> categories(category);
          case SliceBy.Number number -> quarters(number);
        };
    return parts.stream().filter(part -> part.rows.length > 0).toList();
  }

  private static List<Part> categories(SliceBy.Category category) {
    List<Part> parts = new ArrayList<>();
    int[] of = category.of();
    for (int c = 0; c < category.names().size(); c++) {
      parts.add(new Part(category.names().get(c), rows(of, c)));
    }
    if (parts.size() > MOST_CATEGORIES) {
      List<Part> largest =
          parts.stream().sorted(Comparator.comparingInt((Part part) -> -part.rows.length)).toList();
      int[] others =
          largest.subList(MOST_CATEGORIES - 1, largest.size()).stream()
              .flatMapToInt(part -> Arrays.stream(part.rows))
              .sorted()
              .toArray();
      parts = new ArrayList<>(largest.subList(0, MOST_CATEGORIES - 1));
      parts.add(new Part("others", others));
    }
    parts.add(new Part("missing", rows(of, -1)));
    return parts;
  }

  private static int[] rows(int[] of, int value) {
    return IntStream.range(0, of.length).filter(i -> of[i] == value).toArray();
  }

  /** Equal numbers stay together, so that parts may be of unequal size or fewer. */
  private static List<Part> quarters(SliceBy.Number number) {
    double[] values = number.values();
    double[] sorted = Arrays.stream(values).filter(Double::isFinite).sorted().toArray();
    List<Part> parts = new ArrayList<>();
    int from = 0;
    for (int part = 1; part <= PARTS && from < sorted.length; part++) {
      int to = Math.max(from + 1, (int) ((long) part * sorted.length / PARTS));
      while (to < sorted.length && sorted[to] == sorted[to - 1]) {
        to++;
      }
      double low = sorted[from];
      double high = sorted[to - 1];
      parts.add(
          new Part(
              low == high ? number(low) : number(low) + " to " + number(high),
              IntStream.range(0, values.length)
                  .filter(i -> values[i] >= low && values[i] <= high)
                  .toArray()));
      from = to;
    }
    parts.add(
        new Part(
            "missing",
            IntStream.range(0, values.length).filter(i -> !Double.isFinite(values[i])).toArray()));
    return parts;
  }

  private static String number(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? String.format(Locale.ROOT, "%,d", (long) value)
        : String.format(Locale.ROOT, "%.4g", value);
  }
}
