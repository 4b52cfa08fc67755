package dev.slipway.eval.metric.classification;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Sorts many numbers that lie somewhat evenly, as scores do: into buckets of equal width, and each
 * bucket, which fits into a core's cache, the same way once more (Dobosiewicz 1978, "Sorting by
 * Distributive Partitioning"). What lies unevenly goes to {@link Arrays#parallelSort(double[])}.
 */
final class BucketSort {
  private static final int BUCKETS = 1 << 12;
  private static final int FEW = 24;

  private BucketSort() {}

  /** The numbers in ascending order, in the array given or in another; 0.0 and −0.0 are equal. */
  static double[] sorted(double[] values) {
    int parts = Runtime.getRuntime().availableProcessors();
    double[][] ranges = new double[parts][];
    IntStream.range(0, parts)
        .parallel()
        .forEach(
            i -> ranges[i] = range(values, from(values, i, parts), from(values, i + 1, parts)));
    double least = Double.POSITIVE_INFINITY;
    double most = Double.NEGATIVE_INFINITY;
    for (double[] range : ranges) {
      least = Math.min(least, range[0]);
      most = Math.max(most, range[1]);
    }
    double scale = BUCKETS / (most - least);
    if (!(scale > 0) || !Double.isFinite(scale)) { // NaN, an infinity, or all (nearly) the same
      Arrays.parallelSort(values);
      return values;
    }
    double low = least;
    int[][] ends = new int[parts][];
    IntStream.range(0, parts)
        .parallel()
        .forEach(
            i ->
                ends[i] =
                    counts(values, from(values, i, parts), from(values, i + 1, parts), low, scale));
    int[] begins = new int[BUCKETS + 1];
    int at = 0;
    for (int bucket = 0; bucket < BUCKETS; bucket++) {
      begins[bucket] = at;
      for (int[] part : ends) {
        int count = part[bucket];
        part[bucket] = at;
        at += count;
      }
      if (at - begins[bucket] > values.length / 8) {
        Arrays.parallelSort(values);
        return values;
      }
    }
    begins[BUCKETS] = at;
    double[] sorted = new double[values.length];
    IntStream.range(0, parts)
        .parallel()
        .forEach(
            i -> {
              int[] next = ends[i];
              int to = from(values, i + 1, parts);
              for (int row = from(values, i, parts); row < to; row++) {
                double value = values[row];
                sorted[next[bucket(value, low, scale, BUCKETS)]++] = value;
              }
            });
    IntStream.range(0, BUCKETS / 64)
        .parallel()
        .forEach(
            block -> {
              for (int bucket = block * 64; bucket < (block + 1) * 64; bucket++) {
                // What is in order already is not needed again: it serves as room.
                sortOne(sorted, begins[bucket], begins[bucket + 1], values);
              }
            });
    return sorted;
  }

  private static int from(double[] values, int part, int parts) {
    return (int) ((long) values.length * part / parts);
  }

  /** The least and the largest; NaN and NaN if one of them is not finite. */
  private static double[] range(double[] values, int from, int to) {
    double least = Double.POSITIVE_INFINITY;
    double most = Double.NEGATIVE_INFINITY;
    for (int row = from; row < to; row++) {
      least = Math.min(least, values[row]);
      most = Math.max(most, values[row]);
    }
    return new double[] {least, most};
  }

  private static int[] counts(double[] values, int from, int to, double low, double scale) {
    int[] counts = new int[BUCKETS];
    for (int row = from; row < to; row++) {
      counts[bucket(values[row], low, scale, BUCKETS)]++;
    }
    return counts;
  }

  private static int bucket(double value, double low, double scale, int buckets) {
    return Math.min((int) ((value - low) * scale), buckets - 1);
  }

  private static void sortOne(double[] values, int from, int to, double[] room) {
    int count = to - from;
    if (count <= FEW) {
      insertion(values, from, to);
      return;
    }
    double[] range = range(values, from, to);
    double low = range[0];
    int buckets = Integer.highestOneBit(count / 4);
    double scale = buckets / (range[1] - low);
    if (!(scale > 0) || !Double.isFinite(scale)) {
      Arrays.sort(values, from, to);
      return;
    }
    int[] next = new int[buckets + 1];
    for (int i = from; i < to; i++) {
      next[bucket(values[i], low, scale, buckets) + 1]++;
    }
    int most = 0;
    for (int bucket = 1; bucket <= buckets; bucket++) {
      most = Math.max(most, next[bucket]);
      next[bucket] += next[bucket - 1];
    }
    if (most > FEW) {
      Arrays.sort(values, from, to);
      return;
    }
    for (int i = from; i < to; i++) {
      room[from + next[bucket(values[i], low, scale, buckets)]++] = values[i];
    }
    System.arraycopy(room, from, values, from, count);
    insertion(values, from, to); // none has far to go
  }

  private static void insertion(double[] values, int from, int to) {
    for (int i = from + 1; i < to; i++) {
      double value = values[i];
      int j = i;
      while (j > from && values[j - 1] > value) {
        values[j] = values[j - 1];
        j--;
      }
      values[j] = value;
    }
  }
}
