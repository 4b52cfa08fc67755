package dev.slipway.task;

import dev.slipway.data.example.Encoded;
import dev.slipway.data.example.ExampleSet;
import dev.slipway.data.feature.Columns;
import dev.slipway.data.feature.EncodedIds;
import dev.slipway.data.source.DropReason;
import dev.slipway.data.source.Dropped;
import dev.slipway.nn.InputShape;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Names of classes: found in the training split, looked up afterwards. */
final class ClassNames {
  /** No class; a loss leaves it out. */
  static final int NONE = -100;

  /** Whole numbers by value before all other names, which are by their characters. */
  private static final Comparator<String> ORDER =
      Comparator.comparing((String name) -> !isWhole(name))
          .thenComparing(name -> isWhole(name) ? Long.parseLong(name) : 0L)
          .thenComparing(Comparator.naturalOrder());

  private ClassNames() {}

  private static boolean isWhole(String name) {
    return name.matches("-?\\d{1,18}");
  }

  /** How many examples have each class, classes in their order. */
  static SequencedMap<String, Integer> counts(ExampleSet examples, String field, int[] members) {
    TreeMap<String, Integer> counts = new TreeMap<>(ORDER);
    var words = Columns.words(examples, field);
    for (int example : members) {
      String word = words.apply(example);
      if (word != null) {
        counts.merge(word, 1, Integer::sum);
      }
    }
    return counts;
  }

  static Map<String, Integer> places(List<String> classes) {
    Map<String, Integer> places = new HashMap<>();
    for (String name : classes) {
      places.put(name, places.size());
    }
    return places;
  }

  static List<String> names(SequencedMap<String, Integer> counts) {
    return new ArrayList<>(counts.keySet());
  }

  /** The class of every example, {@link #NONE} where there is none. */
  static Encoded encode(String name, String field, List<String> classes, ExampleSet examples) {
    Map<String, Integer> places = places(classes);
    var words = Columns.words(examples, field);
    int[] ids = new int[examples.size()];
    for (int i = 0; i < ids.length; i++) {
      @Nullable String word = words.apply(i);
      ids[i] = word == null ? NONE : places.getOrDefault(word, NONE);
    }
    return new EncodedIds(InputShape.ids(name, classes.size()), ids);
  }

  static Optional<Dropped> problem(
      String field, List<String> classes, ExampleSet examples, int example) {
    String word = Columns.word(examples.value(example, field));
    if (word == null) {
      return Optional.of(new Dropped(DropReason.TARGET_MISSING, field));
    }
    return classes.contains(word)
        ? Optional.empty()
        : Optional.of(new Dropped(DropReason.LABEL_UNKNOWN, word));
  }
}
