package dev.slipway.data.feature;

import dev.slipway.data.augment.Augmentation;
import dev.slipway.data.augment.TextStep;
import dev.slipway.data.example.Encoded;
import dev.slipway.data.example.ExampleSet;
import dev.slipway.data.example.Field;
import dev.slipway.data.source.Dropped;
import dev.slipway.nn.InputShape;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A text as ids of its words: 0 is padding, 1 an unknown word, 2 and more the most frequent words
 * of the training split.
 *
 * @param words by falling frequency, equal ones by name
 * @param length most words that are read
 * @param keep which part of a longer text is read
 */
public record WordsFeature(
    String name,
    String field,
    Words split,
    List<String> words,
    int length,
    Keep keep,
    Padding padding)
    implements Feature {
  static final int UNKNOWN = 1;
  private static final int FIRST = 2;

  public WordsFeature {
    words = List.copyOf(words);
    // A preprocessor.json of before this setting has none.
    keep = Objects.requireNonNullElse(keep, Keep.BEGINNING);
  }

  static WordsFeature fit(
      FeatureConfig.Words config, String field, ExampleSet examples, int[] training) {
    Words.check(examples, field);
    Map<String, Integer> counts = new HashMap<>();
    for (int example : training) {
      config.split().of(examples, example, field).forEach(w -> counts.merge(w, 1, Integer::sum));
    }
    List<String> words =
        counts.entrySet().stream()
            .filter(entry -> entry.getValue() >= config.minFrequency())
            .sorted(
                Comparator.comparingInt((Map.Entry<String, Integer> entry) -> -entry.getValue())
                    .thenComparing(Map.Entry::getKey))
            .limit(config.size() - FIRST)
            .map(Map.Entry::getKey)
            .toList();
    return new WordsFeature(
        config.name(),
        field,
        config.split(),
        words,
        config.length(),
        config.keep(),
        config.padding());
  }

  @Override
  public List<Field> requested() {
    return List.of(new Field(field, Field.Kind.TEXT));
  }

  @Override
  public InputShape shape() {
    return IdSequences.shape(name, words.size() + FIRST, length, padding);
  }

  @Override
  public boolean takes(Augmentation step) {
    return step instanceof TextStep;
  }

  @Override
  public Optional<Dropped> problem(ExampleSet examples, int example) {
    return Words.missing(examples, example, field);
  }

  @Override
  public Encoded encode(ExampleSet examples, Augmented augmented) {
    return encoder().encode(examples, augmented);
  }

  @Override
  public Encoder encoder() {
    Map<String, Integer> ids = new HashMap<>();
    for (String word : words) {
      ids.put(word, ids.size() + FIRST);
    }
    return (examples, augmented) -> encode(examples, augmented, ids);
  }

  /** The ids of a text's words, at most as many as are read. */
  int[] ids(List<String> text, Map<String, Integer> ids) {
    return keep.of(
        text.stream().mapToInt(word -> ids.getOrDefault(word, UNKNOWN)).toArray(), length);
  }

  private Encoded encode(ExampleSet examples, Augmented augmented, Map<String, Integer> ids) {
    Words.check(examples, field);
    int[][] all = new int[examples.size()][];
    for (int i = 0; i < all.length; i++) {
      all[i] = ids(split.of(examples, i, field), ids);
    }
    Encoded plain = IdSequences.of(shape(), all, length, padding);
    return AugmentedTexts.of(
        plain,
        field,
        examples,
        texts ->
            IdSequences.of(
                shape(),
                texts.stream().map(text -> ids(split.of(text), ids)).toArray(int[][]::new),
                length,
                padding),
        augmented);
  }
}
