package dev.slipway.data.example;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * Folds for cross-validation, with the guarantees of scikit-learn's {@code KFold}, {@code
 * StratifiedKFold}, {@code GroupKFold} and {@code TimeSeriesSplit}. A function of the examples, the
 * rule and the seed.
 *
 * @param warnings what a person should know of them, a sentence each
 */
public record Folds(List<Fold> folds, List<String> warnings) {
  /**
   * One of them.
   *
   * @param train indices to learn from, ascending
   * @param held indices to judge by, ascending
   */
  public record Fold(int[] train, int[] held) {}

  public Folds {
    folds = List.copyOf(folds);
    warnings = List.copyOf(warnings);
  }

  /**
   * Cuts these examples into folds. By time each fold is judged by what comes after all that it
   * learns from, so that the first stretch is never judged by; by any other rule every example is
   * judged by once.
   *
   * @param members such as all that aren't in the test split
   * @param count from 2
   * @throws SlipwayException if there are too few examples, groups, times or members of every class
   */
  public static Folds of(ExampleSet set, int[] members, SplitRule rule, int count, long seed) {
    if (count < 2) {
      throw new IllegalArgumentException("at least two folds, and " + count + " came");
    }
    Splits.checkField(set, rule);
    if (members.length < count) {
      throw tooFew(members.length, "examples", count);
    }
    List<String> warnings = new ArrayList<>();
    return switch (rule) {
      case SplitRule.Hash _ -> {
        int[] shuffled = SplitKeys.shuffled(set, members, seed);
        int[] folds = new int[shuffled.length];
        Arrays.setAll(folds, i -> i % count);
        yield of(shuffled, folds, count, warnings);
      }
      case SplitRule.Stratified(String by) -> stratified(set, members, by, count, seed, warnings);
      case SplitRule.Grouped(String by) -> grouped(set, members, by, count, seed, warnings);
      case SplitRule.Time(String by) -> byTime(set, members, by, count, warnings);
    };
  }

  private static SlipwayException tooFew(int there, String what, int count) {
    return new SlipwayException(
        Exit.INPUT,
        "data.folds-too-many",
        String.format(Locale.ROOT, "there are %,d %s, too few for %d folds", there, what, count),
        "ask for fewer folds, or give more data");
  }

  private static Folds of(int[] members, int[] foldOf, int count, List<String> warnings) {
    List<Fold> folds = new ArrayList<>();
    for (int k = 0; k < count; k++) {
      int fold = k;
      int[] held =
          IntStream.range(0, members.length)
              .filter(i -> foldOf[i] == fold)
              .map(i -> members[i])
              .sorted()
              .toArray();
      int[] train =
          IntStream.range(0, members.length)
              .filter(i -> foldOf[i] != fold)
              .map(i -> members[i])
              .sorted()
              .toArray();
      folds.add(new Fold(train, held));
    }
    return new Folds(folds, warnings);
  }

  /** Sizes of folds differ by one at most, and so do those of each class. */
  private static Folds stratified(
      ExampleSet set, int[] members, String by, int count, long seed, List<String> warnings) {
    int[] shuffled = SplitKeys.shuffled(set, members, seed);
    List<String> names = new ArrayList<>();
    int[] classes = SplitKeys.classes(set, shuffled, by, names);
    int[] sizes = new int[names.size()];
    for (int c : classes) {
      sizes[c]++;
    }
    if (Arrays.stream(sizes).max().orElse(0) < count) {
      throw tooFew(Arrays.stream(sizes).max().orElse(0), "examples of the largest class", count);
    }
    List<String> small = new ArrayList<>();
    for (int c = 0; c < sizes.length; c++) {
      if (sizes[c] < count) {
        small.add(names.get(c) + " (" + sizes[c] + ")");
      }
    }
    if (!small.isEmpty()) {
      small.sort(Comparator.naturalOrder());
      warnings.add(
          "classes of '%s' with fewer than %d examples are not in every fold: %s"
              .formatted(
                  by, count, String.join(", ", small.subList(0, Math.min(5, small.size())))));
    }
    // Dealt out class after class without a break, so that a class and the whole are as even as can
    // be, and small classes don't all come into the first fold.
    int[] folds = new int[shuffled.length];
    int dealt = 0;
    List<Integer> byName = new ArrayList<>(IntStream.range(0, names.size()).boxed().toList());
    byName.sort(Comparator.comparing(names::get));
    for (int c : byName) {
      for (int i = 0; i < shuffled.length; i++) {
        if (classes[i] == c) {
          folds[i] = dealt++ % count;
        }
      }
    }
    return of(shuffled, folds, count, warnings);
  }

  /** The largest groups first, each to the fold that has least. */
  private static Folds grouped(
      ExampleSet set, int[] members, String by, int count, long seed, List<String> warnings) {
    List<String> names = new ArrayList<>();
    List<int[]> groups = SplitKeys.groups(set, members, by, names);
    if (groups.size() < count) {
      throw tooFew(groups.size(), "groups of '" + by + "'", count);
    }
    double[] places = names.stream().mapToDouble(name -> SplitKeys.place(name, seed)).toArray();
    List<Integer> order = new ArrayList<>(IntStream.range(0, groups.size()).boxed().toList());
    order.sort(
        Comparator.comparingInt((Integer g) -> -groups.get(g).length)
            .thenComparingDouble(g -> places[g]));
    int[] sizes = new int[count];
    int[] foldOf = new int[set.size()];
    for (int g : order) {
      int least = 0;
      for (int k = 1; k < count; k++) {
        least = sizes[k] < sizes[least] ? k : least;
      }
      sizes[least] += groups.get(g).length;
      for (int member : groups.get(g)) {
        foldOf[member] = least;
      }
    }
    int[] folds = Arrays.stream(members).map(member -> foldOf[member]).toArray();
    return of(members, folds, count, warnings);
  }

  /** The last stretches of equal length; each is judged by after learning from all before it. */
  private static Folds byTime(
      ExampleSet set, int[] members, String by, int count, List<String> warnings) {
    SplitKeys.Timeline line = SplitKeys.timeline(set, members, by);
    int[] ordered = line.ordered();
    if (line.untimed().length > 0) {
      warnings.add(
          String.format(
              Locale.ROOT,
              "%,d examples have no time in '%s' and are in no fold",
              line.untimed().length,
              by));
    }
    int length = ordered.length / (count + 1);
    List<Fold> folds = new ArrayList<>();
    for (int k = 0; k < count; k++) {
      int from = ordered.length - (count - k) * length;
      int to = from + length;
      int before = from;
      while (before > 0 && length > 0 && line.ranks()[before - 1] == line.ranks()[from]) {
        before--; // those of the same moment are no past
      }
      if (length == 0 || before == 0) {
        throw tooFew(
            ordered.length == 0 ? 0 : line.ranks()[ordered.length - 1] + 1,
            "times in '" + by + "'",
            count);
      }
      int[] train = Arrays.copyOf(ordered, before);
      int[] held = Arrays.copyOfRange(ordered, from, to);
      Arrays.sort(train);
      Arrays.sort(held);
      folds.add(new Fold(train, held));
    }
    return new Folds(folds, warnings);
  }
}
