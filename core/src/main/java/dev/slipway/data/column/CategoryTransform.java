package dev.slipway.data.column;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A fitted column of categories. Ids are for an embedding: 0 is unknown, 1 … n the categories by
 * name, n + 1 a missing value where that is a category of its own. One-hot leaves the unknown out:
 * a row of zeros, as scikit-learn's {@code OneHotEncoder(handle_unknown="ignore")} has it.
 *
 * <p>No training row is unknown unless its category is rare ({@link CategoryConfig#minFrequency}),
 * so that without rare ones the embedding of id 0 stays as it was initialised.
 *
 * @param column its name, for errors
 * @param categories by name, in the order of their code points
 * @param ownMissing whether a missing value is a category of its own
 * @param fill the category that stands for a missing value; null where there is none
 */
public record CategoryTransform(
    String column, List<String> categories, boolean ownMissing, @Nullable String fill) {
  /** Order by code points, as Python sorts; Java's own differs beyond the basic plane. */
  static final Comparator<String> BY_CODE_POINT = CategoryTransform::compare;

  public CategoryTransform {
    categories = List.copyOf(categories);
    for (int i = 1; i < categories.size(); i++) {
      if (compare(categories.get(i - 1), categories.get(i)) >= 0) {
        throw new IllegalArgumentException(
            "the categories of '%s' are not in order at '%s'".formatted(column, categories.get(i)));
      }
    }
  }

  private static int compare(String a, String b) {
    int length = Math.min(a.length(), b.length());
    for (int i = 0; i < length; i++) {
      char x = a.charAt(i);
      char y = b.charAt(i);
      if (x != y) {
        boolean both = Character.isSurrogate(x) == Character.isSurrogate(y);
        return both ? Character.compare(x, y) : Character.isSurrogate(x) ? 1 : -1;
      }
    }
    return Integer.compare(a.length(), b.length());
  }

  /**
   * Fits it.
   *
   * @param values the whole column
   * @param rows those of the training split
   * @throws dev.slipway.base.SlipwayException if none of the rows has a value and none stands for a
   *     missing one
   */
  public static CategoryTransform fit(
      String column, CodedWords values, int[] rows, CategoryConfig config) {
    int[] codes = values.codes();
    int[] seen = new int[values.words().length];
    int missing = 0;
    for (int row : rows) {
      if (codes[row] < 0) {
        missing++;
      } else {
        seen[codes[row]]++;
      }
    }
    Map<String, Integer> counts = new TreeMap<>(BY_CODE_POINT);
    for (int code = 0; code < seen.length; code++) {
      String word = values.words()[code];
      if (word == null) {
        missing += seen[code];
      } else if (seen[code] > 0) {
        counts.merge(word, seen[code], Integer::sum);
      }
    }
    if (counts.isEmpty() && !(config.missing() instanceof MissingCategories.Constant)) {
      throw ColumnProblems.allMissing(column, rows.length);
    }
    String fill =
        switch (config.missing()) {
          case MissingCategories.OwnCategory _, MissingCategories.Drop _ -> null;
          case MissingCategories.MostFrequent _ -> byFrequency(counts).getFirst();
          case MissingCategories.Constant(String constant) -> constant;
        };
    if (fill != null && missing > 0) {
      counts.merge(fill, missing, Integer::sum);
    }
    List<String> kept = new ArrayList<>();
    for (String category : byFrequency(counts)) {
      if (kept.size() < config.maxCategories()
          && counts.getOrDefault(category, 0) >= config.minFrequency()) {
        kept.add(category);
      }
    }
    kept.sort(BY_CODE_POINT);
    return new CategoryTransform(
        column, kept, config.missing() instanceof MissingCategories.OwnCategory, fill);
  }

  private static List<String> byFrequency(Map<String, Integer> counts) {
    return counts.entrySet().stream()
        .sorted(Map.Entry.<String, Integer>comparingByValue().reversed()) // stable: then by name
        .map(Map.Entry::getKey)
        .toList();
  }

  /** How many ids there are, with unknown. */
  public int ids() {
    return 1 + oneHotWidth();
  }

  /** How many numbers a one-hot row has. */
  public int oneHotWidth() {
    return categories.size() + (ownMissing ? 1 : 0);
  }

  /** What each of the {@link #oneHotWidth} numbers is called. */
  public List<String> names() {
    List<String> names = new ArrayList<>();
    categories.forEach(category -> names.add(column + " = " + category));
    if (ownMissing) {
      names.add(column + " (missing)");
    }
    return List.copyOf(names);
  }

  /** Whether a row with this value is taken; only a missing one may not be. */
  public boolean takes(@Nullable String value) {
    return value != null || ownMissing || fill != null;
  }

  /**
   * The id of a value, 0 … {@link #ids} − 1.
   *
   * @throws dev.slipway.base.SlipwayException if it is missing and such rows are dropped
   */
  public int id(@Nullable String value) {
    String found = value == null ? fill : value;
    if (found == null) {
      if (!ownMissing) {
        throw ColumnProblems.missingValue(column);
      }
      return categories.size() + 1;
    }
    return Math.max(0, Collections.binarySearch(categories, found, BY_CODE_POINT) + 1);
  }

  /** Puts the ids of a column's rows there, {@code step} apart; 0 for a row that is not taken. */
  public void ids(CodedWords values, int[] into, int at, int step) {
    int[] ids = values.each(word -> takes(word) ? id(word) : 0);
    int[] codes = values.codes();
    for (int row = 0; row < codes.length; row++) {
      into[at + row * step] = ids[codes[row] < 0 ? ids.length - 1 : codes[row]];
    }
  }

  /** Puts the {@link #oneHotWidth} numbers of a value there. */
  public void oneHot(@Nullable String value, float[] into, int at) {
    for (int i = 0; i < oneHotWidth(); i++) {
      into[at + i] = 0;
    }
    int id = id(value);
    if (id > 0) {
      into[at + id - 1] = 1;
    }
  }
}
