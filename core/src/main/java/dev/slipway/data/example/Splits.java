package dev.slipway.data.example;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.data.SplitName;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Which examples are learnt from, chosen by and judged by; each is in one. A function of the
 * examples, the rule and the seed.
 *
 * @param train indices, ascending, as the others
 * @param warnings what a person should know of it, a sentence each
 */
public record Splits(int[] train, int[] validation, int[] test, List<String> warnings) {
  public Splits {
    warnings = List.copyOf(warnings);
  }

  /** The indices of a split. */
  public int[] of(SplitName split) {
    return switch (split) {
      case TRAIN -> train;
      case VALIDATION -> validation;
      case TEST -> test;
    };
  }

  /**
   * Puts every example in a split. What the source gives to a split that is asked for as given goes
   * there; of the rest the test gets its share, of what is left then the validation gets its own.
   *
   * @param rule by which shares are taken
   * @throws SlipwayException if a split that is asked for gets nothing, or nothing is left to learn
   *     from
   */
  public static Splits of(
      ExampleSet set, SplitRule rule, SplitPart validation, SplitPart test, long seed) {
    checkField(set, rule);
    List<String> warnings = new ArrayList<>();
    int[] rest = IntStream.range(0, set.size()).toArray();
    int[] tests = new int[0];
    int[] validations = new int[0];
    if (test instanceof SplitPart.Given) {
      tests = given(set, rest, SplitName.TEST);
      rest = without(rest, tests);
    }
    if (validation instanceof SplitPart.Given) {
      validations = given(set, rest, SplitName.VALIDATION);
      rest = without(rest, validations);
    }
    if (test instanceof SplitPart.Fraction(double share)) {
      warnIfGiven(set, rest, SplitName.TEST, share, warnings);
      tests = taken(set, rest, rule, share, seed, warnings);
      rest = without(rest, tests);
    }
    if (validation instanceof SplitPart.Fraction(double share)) {
      validations = taken(set, rest, rule, share, seed + 1, warnings);
      rest = without(rest, validations);
    }
    requireSome(rest, SplitName.TRAIN, true, set);
    requireSome(validations, SplitName.VALIDATION, isAsked(validation), set);
    requireSome(tests, SplitName.TEST, isAsked(test), set);
    return new Splits(rest, validations, tests, warnings);
  }

  private static boolean isAsked(SplitPart part) {
    return !(part instanceof SplitPart.Fraction(double share)) || share > 0;
  }

  private static void requireSome(int[] members, SplitName split, boolean asked, ExampleSet set) {
    if (asked && members.length == 0) {
      throw new SlipwayException(
          Exit.INPUT,
          "data.split-empty",
          String.format(
              Locale.ROOT,
              "none of the %,d examples is in the %s split",
              set.size(),
              split.label()),
          "give more examples, or change data.split");
    }
  }

  static void checkField(ExampleSet set, SplitRule rule) {
    String field =
        switch (rule) {
          case SplitRule.Hash _ -> "";
          case SplitRule.Stratified(String by) -> by;
          case SplitRule.Grouped(String by) -> by;
          case SplitRule.Time(String by) -> by;
        };
    List<String> names = set.fields().stream().map(Field::name).toList();
    if (!field.isEmpty() && !names.contains(field)) {
      throw new SlipwayException(
          Exit.INPUT,
          "data.split-no-field",
          "the split goes by the field " + field + ", and there are " + names,
          "name one of these");
    }
  }

  private static int[] given(ExampleSet set, int[] members, SplitName split) {
    Optional<SplitName> asked = Optional.of(split);
    return Arrays.stream(members).filter(m -> set.given(m).equals(asked)).toArray();
  }

  private static void warnIfGiven(
      ExampleSet set, int[] members, SplitName split, double share, List<String> warnings) {
    int count = given(set, members, split).length;
    if (count > 0) {
      warnings.add(
          String.format(
              Locale.ROOT,
              "the source gives %,d examples to the %s split, which takes %s%% of all instead: some"
                  + " are learnt from",
              count,
              split.label(),
              Math.round(100 * share)));
    }
  }

  static int[] without(int[] members, int[] taken) {
    int[] sorted = taken.clone();
    Arrays.sort(sorted);
    return Arrays.stream(members).filter(m -> Arrays.binarySearch(sorted, m) < 0).toArray();
  }

  private static int[] taken(
      ExampleSet set,
      int[] members,
      SplitRule rule,
      double share,
      long seed,
      List<String> warnings) {
    if (share == 0 || members.length == 0) {
      return new int[0];
    }
    int[] taken =
        switch (rule) {
          case SplitRule.Hash _ ->
              Arrays.stream(members)
                  .filter(m -> SplitKeys.place(set.id(m), seed) < share)
                  .toArray();
          case SplitRule.Stratified(String by) ->
              stratified(set, members, by, share, seed, warnings);
          case SplitRule.Grouped(String by) -> grouped(set, members, by, share, seed, warnings);
          case SplitRule.Time(String by) -> latest(set, members, by, share, warnings);
        };
    Arrays.sort(taken);
    return taken;
  }

  /** Of each class its share, rounded so that the sum is right; one of each is always left. */
  private static int[] stratified(
      ExampleSet set, int[] members, String by, double share, long seed, List<String> warnings) {
    int[] shuffled = SplitKeys.shuffled(set, members, seed);
    List<String> names = new ArrayList<>();
    int[] classes = SplitKeys.classes(set, shuffled, by, names);
    int[] sizes = new int[names.size()];
    for (int c : classes) {
      sizes[c]++;
    }
    int[] quota = new int[names.size()];
    List<Integer> byRemainder = new ArrayList<>();
    int sum = 0;
    for (int c = 0; c < quota.length; c++) {
      quota[c] = (int) Math.floor(share * sizes[c]);
      sum += quota[c];
      if (quota[c] < sizes[c] - 1 && quota[c] < share * sizes[c]) {
        byRemainder.add(c);
      }
    }
    byRemainder.sort(
        Comparator.comparingDouble((Integer c) -> quota[c] - share * sizes[c])
            .thenComparing(names::get));
    for (int i = 0; i < byRemainder.size() && sum < Math.round(share * members.length); i++) {
      quota[byRemainder.get(i)]++;
      sum++;
    }
    List<String> alone = new ArrayList<>();
    for (int c = 0; c < sizes.length; c++) {
      if (sizes[c] == 1) {
        alone.add(names.get(c));
      }
    }
    if (!alone.isEmpty()) {
      alone.sort(Comparator.naturalOrder());
      String warning =
          String.format(
              Locale.ROOT,
              "of '%s' these classes have one example, which is learnt from and never judged by: %s",
              by,
              String.join(", ", alone.subList(0, Math.min(5, alone.size()))));
      if (!warnings.contains(warning)) {
        warnings.add(warning);
      }
    }
    List<Integer> taken = new ArrayList<>();
    for (int i = 0; i < shuffled.length; i++) {
      if (quota[classes[i]]-- > 0) {
        taken.add(shuffled[i]);
      }
    }
    return taken.stream().mapToInt(Integer::intValue).toArray();
  }

  /** Whole groups, in an order by their names and the seed, while that brings the sum nearer. */
  private static int[] grouped(
      ExampleSet set, int[] members, String by, double share, long seed, List<String> warnings) {
    List<String> names = new ArrayList<>();
    List<int[]> groups = SplitKeys.groups(set, members, by, names);
    double[] places = names.stream().mapToDouble(name -> SplitKeys.place(name, seed)).toArray();
    List<Integer> order = new ArrayList<>(IntStream.range(0, groups.size()).boxed().toList());
    order.sort(Comparator.comparingDouble(g -> places[g]));
    double wanted = share * members.length;
    List<Integer> taken = new ArrayList<>();
    for (int g : order) {
      int size = groups.get(g).length;
      if (taken.size() + size - wanted <= wanted - taken.size()) {
        Arrays.stream(groups.get(g)).forEach(taken::add);
      }
    }
    if (Math.abs(taken.size() - wanted) > 0.5 * wanted) {
      warnings.add(
          String.format(
              Locale.ROOT,
              "the groups of '%s' are too large for a share of %s%%: %,d of %,d examples were taken",
              by,
              Math.round(100 * share),
              taken.size(),
              members.length));
    }
    return taken.stream().mapToInt(Integer::intValue).toArray();
  }

  /** The last ones; none of them has the time of one that stays. */
  private static int[] latest(
      ExampleSet set, int[] members, String by, double share, List<String> warnings) {
    SplitKeys.Timeline line = SplitKeys.timeline(set, members, by);
    int[] ordered = line.ordered();
    if (line.untimed().length > 0) {
      String warning =
          String.format(
              Locale.ROOT,
              "%,d examples have no time in '%s' and are learnt from",
              line.untimed().length,
              by);
      if (!warnings.contains(warning)) {
        warnings.add(warning);
      }
    }
    int from = ordered.length - (int) Math.round(share * ordered.length);
    int down = from;
    while (down > 0 && down < ordered.length && line.ranks()[down] == line.ranks()[down - 1]) {
      down--;
    }
    int up = from;
    while (up > 0 && up < ordered.length && line.ranks()[up] == line.ranks()[up - 1]) {
      up++;
    }
    int cut = down > 0 && (from - down <= up - from || up == ordered.length) ? down : up;
    return Arrays.copyOfRange(ordered, cut, ordered.length);
  }
}
