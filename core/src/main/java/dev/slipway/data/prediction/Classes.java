package dev.slipway.data.prediction;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.base.binding.Nearest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The names of classes in their order, whole numbers by size and all else by name. */
final class Classes {
  private static final Set<String> POSITIVE =
      Set.of("1", "true", "yes", "positive", "pos", "t", "y");

  private final List<String> names;
  private final Map<String, Integer> indices = new HashMap<>();

  private Classes(List<String> names) {
    this.names = names;
    for (int i = 0; i < names.size(); i++) {
      indices.put(names.get(i), i);
    }
  }

  List<String> names() {
    return names;
  }

  static Classes inGivenOrder(List<String> names) {
    return new Classes(List.copyOf(names));
  }

  static Classes of(List<? extends Collection<String>> labels) {
    TreeSet<String> found = new TreeSet<>();
    labels.forEach(found::addAll);
    List<String> names = new ArrayList<>(found);
    if (names.stream().allMatch(name -> name.matches("-?[0-9]{1,18}"))) {
      names.sort(Comparator.comparingLong(Long::parseLong));
    }
    return new Classes(List.copyOf(names));
  }

  /**
   * Negative, then positive.
   *
   * @param scored the class that a column of scores is named after, or null
   */
  static Classes ofTwo(
      List<List<String>> labels, @Nullable String positive, @Nullable String scored) {
    List<String> found = new ArrayList<>(of(labels).names);
    String chosen = positive != null ? positive : scored;
    if (chosen == null) {
      chosen =
          found.stream()
              .filter(name -> POSITIVE.contains(name.toLowerCase(Locale.ROOT)))
              .findFirst()
              .orElse(null);
    }
    if (found.size() > 2 || (found.size() == 2 && chosen != null && !found.contains(chosen))) {
      throw new SlipwayException(
          Exit.INPUT,
          "eval.not-two-classes",
          "there are "
              + found.size()
              + " classes, "
              + some(found)
              + (chosen == null ? "" : ", and '" + chosen + "' is to be the positive one")
              + ", expected two classes with it",
          found.size() > 2
              ? "ask for --task multi-class"
              : "name the positive one with --positive");
    }
    if (found.size() < 2) {
      String only = found.getFirst();
      String other = only.equals("1") ? "0" : only.equals("0") ? "1" : "not " + only;
      if (chosen == null || chosen.equals(only)) {
        boolean negative = chosen == null && Set.of("0", "false", "no").contains(only);
        return new Classes(negative ? List.of(only, other) : List.of(other, only));
      }
      return new Classes(List.of(only, chosen));
    }
    String yes = chosen == null ? found.get(1) : chosen;
    String no = found.get(0).equals(yes) ? found.get(1) : found.get(0);
    return new Classes(List.of(no, yes));
  }

  private static String some(List<String> names) {
    return String.join(", ", names.subList(0, Math.min(5, names.size())))
        + (names.size() > 5 ? ", …" : "");
  }

  int[] indices(String column, List<String> labels) {
    int[] found = new int[labels.size()];
    for (int row = 0; row < found.length; row++) {
      found[row] = index(column, labels.get(row), row);
    }
    return found;
  }

  int index(String column, String label, int row) {
    Integer index = indices.get(label);
    if (index == null) {
      throw new SlipwayException(
          Exit.INPUT,
          "eval.unknown-class",
          "row "
              + (row + 1)
              + " has class '"
              + label
              + "' in column '"
              + column
              + "', but the classes with a score are "
              + some(names),
          Nearest.of(label, names)
              .map(nearest -> "write " + nearest + " if you meant that")
              .orElse("give a column of scores for every class"));
    }
    return index;
  }
}
