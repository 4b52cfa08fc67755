package dev.slipway.task;

import dev.slipway.data.example.Encoded;
import dev.slipway.data.example.ExampleSet;
import dev.slipway.data.feature.Columns;
import dev.slipway.data.feature.EncodedIds;
import dev.slipway.data.source.DropReason;
import dev.slipway.data.source.Dropped;
import dev.slipway.nn.InputShape;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Names of classes: found in the training split, looked up afterwards. */
final class ClassNames {
  /** No class; a loss leaves it out. */
  static final int NONE = -100;

  /** Whole numbers by value before all other names, which are by their characters. */
  static final Comparator<String> ORDER =
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

  static IntFunction<Optional<Dropped>> problems(
      String field, List<String> classes, ExampleSet examples) {
    Map<String, Integer> places = places(classes);
    return example -> {
      String word = Columns.word(examples.value(example, field));
      if (word == null) {
        return Optional.of(new Dropped(DropReason.TARGET_MISSING, field));
      }
      return places.containsKey(word)
          ? Optional.empty()
          : Optional.of(new Dropped(DropReason.LABEL_UNKNOWN, word));
    };
  }

  /** The class of each of these examples, all of which have one. */
  static int[] truth(String field, List<String> classes, ExampleSet examples, int[] members) {
    Map<String, Integer> places = places(classes);
    var words = Columns.words(examples, field);
    int[] truth = new int[members.length];
    for (int i = 0; i < members.length; i++) {
      @Nullable String word = words.apply(members[i]);
      Integer place = word == null ? null : places.get(word);
      if (place == null) {
        throw new IllegalArgumentException(examples.id(members[i]) + " has no known class");
      }
      truth[i] = place;
    }
    return truth;
  }

  /** One class with its probability, and the most probable ones. */
  static ObjectNode answerSchema(List<String> classes) {
    SequencedMap<String, ObjectNode> ranked = new LinkedHashMap<>();
    ranked.put("label", Heads.oneOf(classes));
    ranked.put("probability", Heads.probability());
    SequencedMap<String, ObjectNode> properties = new LinkedHashMap<>(ranked);
    properties.put("top", Heads.listOf(Heads.schema(ranked)));
    return Heads.schema(properties);
  }
}
