package dev.slipway.data.example;

import dev.slipway.base.Hashing;
import dev.slipway.data.Split;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What splits and folds go by: an example's place, class, group and time. */
final class SplitKeys {
  /** A field of more different numbers is cut at its deciles. */
  private static final int CLASSES = 20;

  private SplitKeys() {}

  /** Of [0, 1), by a text and the seed alone. */
  static double place(String text, long seed) {
    byte[] sum = Hashing.digest().digest(text.getBytes(StandardCharsets.UTF_8));
    return Split.place(sum, seed);
  }

  /** These examples in an order by their ids and the seed. */
  static int[] shuffled(ExampleSet set, int[] members, long seed) {
    double[] places = new double[members.length];
    Integer[] order = new Integer[members.length];
    for (int i = 0; i < members.length; i++) {
      places[i] = place(set.id(members[i]), seed);
      order[i] = i;
    }
    Arrays.sort(order, Comparator.comparingDouble((Integer i) -> places[i]));
    return Arrays.stream(order).mapToInt(i -> members[i]).toArray();
  }

  private static boolean isNumber(ExampleSet set, String field) {
    return set.fields().stream()
        .anyMatch(f -> f.name().equals(field) && f.kind() == Field.Kind.NUMBER);
  }

  private static String text(ExampleSet set, int example, String field) {
    return switch (set.value(example, field)) {
      case Value.Text(String text) -> text;
      case Value.Number(double number) -> Double.toString(number);
      case Value.Labels(List<String> labels) -> String.join("\u0000", labels);
      default -> "";
    };
  }

  /**
   * The class of each member, numbered in the order in which they come; the names are {@code
   * names}'s.
   */
  static int[] classes(ExampleSet set, int[] members, String field, List<String> names) {
    double[] cuts = new double[0];
    double[] numbers = new double[0];
    if (isNumber(set, field)) {
      numbers = set.numbers(field);
      double[] all = numbers;
      double[] own =
          Arrays.stream(members)
              .mapToDouble(m -> all[m])
              .filter(Double::isFinite)
              .sorted()
              .toArray();
      if (Arrays.stream(own).distinct().count() > CLASSES) {
        cuts = new double[9];
        for (int i = 0; i < 9; i++) {
          cuts[i] = own[(int) ((long) own.length * (i + 1) / 10)];
        }
      }
    }
    Map<String, Integer> known = new HashMap<>();
    int[] classes = new int[members.length];
    for (int i = 0; i < members.length; i++) {
      String name;
      if (cuts.length > 0) {
        double value = numbers[members[i]];
        name = "decile " + (1 + (int) Arrays.stream(cuts).filter(cut -> value >= cut).count());
      } else {
        name = text(set, members[i], field);
      }
      Integer there = known.putIfAbsent(name, names.size());
      classes[i] = there == null ? names.size() : there;
      if (there == null) {
        names.add(name);
      }
    }
    return classes;
  }

  /** The members of each group, in the order in which the groups come; one without is alone. */
  static List<int[]> groups(ExampleSet set, int[] members, String field, List<String> names) {
    Map<String, List<Integer>> groups = new LinkedHashMap<>();
    for (int member : members) {
      String group = text(set, member, field);
      String name = group.isEmpty() ? "\u0000" + set.id(member) : group;
      groups.computeIfAbsent(name, g -> new ArrayList<>()).add(member);
    }
    names.addAll(groups.keySet());
    return groups.values().stream()
        .map(group -> group.stream().mapToInt(Integer::intValue).toArray())
        .toList();
  }

  /** Members in the order of their times, and the rank of each one's time among them. */
  record Timeline(int[] ordered, int[] ranks, int[] untimed) {}

  static Timeline timeline(ExampleSet set, int[] members, String field) {
    boolean numeric = isNumber(set, field);
    double[] numbers = numeric ? set.numbers(field) : new double[0];
    List<Integer> timed = new ArrayList<>();
    List<Integer> untimed = new ArrayList<>();
    String[] texts = new String[set.size()];
    for (int member : members) {
      boolean there;
      if (numeric) {
        there = !Double.isNaN(numbers[member]);
      } else {
        texts[member] = text(set, member, field);
        there = !texts[member].isEmpty();
      }
      (there ? timed : untimed).add(member);
    }
    Comparator<Integer> byTime =
        numeric
            ? Comparator.comparingDouble(member -> numbers[member])
            : Comparator.comparing(member -> texts[member]);
    timed.sort(byTime.thenComparing(Comparator.naturalOrder()));
    int[] ordered = timed.stream().mapToInt(Integer::intValue).toArray();
    int[] ranks = new int[ordered.length];
    for (int i = 1; i < ordered.length; i++) {
      ranks[i] = ranks[i - 1] + (byTime.compare(ordered[i - 1], ordered[i]) == 0 ? 0 : 1);
    }
    return new Timeline(ordered, ranks, untimed.stream().mapToInt(Integer::intValue).toArray());
  }
}
