package dev.slipway.platform.runs;

import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Two runs side by side.
 *
 * @param recipe the settings that differ
 * @param figures every measured number that either has
 */
public record RunComparison(RunRecord a, RunRecord b, List<Setting> recipe, List<Measure> figures) {

  /** A setting by its path in the recipe; null where a run does not have it. */
  public record Setting(String name, @Nullable String a, @Nullable String b) {}

  /** A measured number by its path; null where a run does not have it. */
  public record Measure(String name, @Nullable Double a, @Nullable Double b) {
    /** From here on a is next to nothing beside b, and a share of it says nothing. */
    private static final double TIMES = 1000;

    /** (b − a) / |a| in percent; null when one is not known, or a is zero or next to it. */
    public @Nullable Double changePercent() {
      return a == null || b == null || a == 0 || Math.abs(b) > TIMES * Math.abs(a)
          ? null
          : 100 * (b - a) / Math.abs(a);
    }
  }

  static RunComparison of(RunRecord a, RunRecord b) {
    List<Setting> recipe =
        names(a.recipe(), b.recipe())
            .filter(name -> !Objects.equals(a.recipe().get(name), b.recipe().get(name)))
            .map(name -> new Setting(name, a.recipe().get(name), b.recipe().get(name)))
            .toList();
    List<Measure> figures =
        names(a.actual(), b.actual())
            .map(name -> new Measure(name, a.actual().get(name), b.actual().get(name)))
            .toList();
    return new RunComparison(a, b, recipe, figures);
  }

  private static Stream<String> names(SortedMap<String, ?> a, SortedMap<String, ?> b) {
    SortedSet<String> names = new TreeSet<>(a.keySet());
    names.addAll(b.keySet());
    return names.stream();
  }
}
