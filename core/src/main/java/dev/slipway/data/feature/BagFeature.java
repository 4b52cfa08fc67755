package dev.slipway.data.feature;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.data.augment.TextPipeline;
import dev.slipway.data.augment.TextStep;
import dev.slipway.data.example.Encoded;
import dev.slipway.data.example.ExampleSet;
import dev.slipway.data.example.Field;
import dev.slipway.data.source.Dropped;
import dev.slipway.nn.InputShape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A text as one number for each of the most frequent terms of the training split, which are its
 * words and runs of words, whatever their order: (B, terms).
 *
 * @param longest words of the longest term
 * @param terms by falling number of training texts that have them, equal ones by name
 * @param factors what each term counts for
 * @param repeats whether a term counts as often as it comes
 * @param unitLength whether each text is brought to the Euclidean length 1
 */
public record BagFeature(
    String name,
    String field,
    Words split,
    int longest,
    List<String> terms,
    List<Float> factors,
    boolean repeats,
    boolean unitLength)
    implements Feature {
  public BagFeature {
    terms = List.copyOf(terms);
    factors = List.copyOf(factors);
  }

  /**
   * @param target the class of each example, for {@link TermWeights#LOG_COUNT_RATIO}
   */
  static BagFeature fit(
      FeatureConfig.BagOfWords config,
      String field,
      ExampleSet examples,
      int[] training,
      Supplier<IntFunction<@Nullable String>> target) {
    Words.check(examples, field);
    Map<String, int[]> counts = new HashMap<>();
    for (int example : training) {
      counted(config.split().of(examples, example, field), config.ngrams())
          .forEach((term, _) -> counts.computeIfAbsent(term, _ -> new int[1])[0]++);
    }
    List<String> terms =
        counts.entrySet().stream()
            .filter(entry -> entry.getValue()[0] >= config.minFrequency())
            .sorted(
                Comparator.comparingInt((Map.Entry<String, int[]> entry) -> -entry.getValue()[0])
                    .thenComparing(Map.Entry::getKey))
            .limit(config.size())
            .map(Map.Entry::getKey)
            .toList();
    List<Float> factors =
        switch (config.weights()) {
          case BINARY, COUNT -> terms.stream().map(_ -> 1f).toList();
          case TF_IDF ->
              terms.stream()
                  .map(
                      t ->
                          (float)
                              (Math.log(
                                      (1.0 + training.length)
                                          / (1 + Objects.requireNonNull(counts.get(t))[0]))
                                  + 1))
                  .toList();
          case LOG_COUNT_RATIO -> ratios(config, field, examples, training, terms, target.get());
        };
    return new BagFeature(
        config.name(),
        field,
        config.split(),
        config.ngrams(),
        terms,
        factors,
        config.weights() == TermWeights.COUNT || config.weights() == TermWeights.TF_IDF,
        config.unitLength());
  }

  /** {@code ln((p / |p|) / (q / |q|))}, p and q one and the texts of either class with a term. */
  private static List<Float> ratios(
      FeatureConfig.BagOfWords config,
      String field,
      ExampleSet examples,
      int[] training,
      List<String> terms,
      IntFunction<@Nullable String> target) {
    TreeSet<String> classes = new TreeSet<>();
    for (int example : training) {
      String told = target.apply(example);
      if (told != null) {
        classes.add(told);
      }
    }
    if (classes.size() != 2) {
      throw new SlipwayException(
          Exit.USAGE,
          "data.term-weights",
          "weights: log-count-ratio needs a target of two classes, came one of " + classes.size(),
          "write weights: tf-idf in its place");
    }
    Map<String, Integer> places = places(terms);
    double[][] sums = new double[2][terms.size()];
    for (double[] sum : sums) {
      Arrays.fill(sum, 1);
    }
    for (int example : training) {
      String told = target.apply(example);
      if (told != null) {
        double[] sum = sums[told.equals(classes.first()) ? 0 : 1];
        for (String term :
            counted(config.split().of(examples, example, field), config.ngrams()).keySet()) {
          Integer place = places.get(term);
          if (place != null) {
            sum[place]++;
          }
        }
      }
    }
    double[] all = {Arrays.stream(sums[0]).sum(), Arrays.stream(sums[1]).sum()};
    return IntStream.range(0, terms.size())
        .mapToObj(i -> (float) Math.log(sums[1][i] / all[1] / (sums[0][i] / all[0])))
        .toList();
  }

  /** How often each term is in a text. */
  private static Map<String, Integer> counted(List<String> words, int longest) {
    Map<String, Integer> counts = new HashMap<>(4 * words.size());
    StringBuilder term = new StringBuilder();
    for (int from = 0; from < words.size(); from++) {
      term.setLength(0);
      for (int size = 1; size <= longest && from + size <= words.size(); size++) {
        if (size > 1) {
          term.append(' ');
        }
        counts.merge(term.append(words.get(from + size - 1)).toString(), 1, Integer::sum);
      }
    }
    return counts;
  }

  private static Map<String, Integer> places(List<String> terms) {
    Map<String, Integer> places = new HashMap<>(2 * terms.size());
    for (String term : terms) {
      places.put(term, places.size());
    }
    return places;
  }

  @Override
  public List<Field> requested() {
    return List.of(new Field(field, Field.Kind.TEXT));
  }

  @Override
  public InputShape shape() {
    return InputShape.floats(name, (long) terms.size());
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
    Map<String, Integer> places = places(terms);
    return (examples, augmented) -> {
      Words.check(examples, field);
      List<EncodedBags.Bag> bags = new ArrayList<>();
      for (int i = 0; i < examples.size(); i++) {
        bags.add(bag(split.of(examples, i, field), places));
      }
      List<TextStep> steps = augmented.of(TextStep.class);
      return new EncodedBags(
          this, bags, examples, places, steps.isEmpty() ? null : TextPipeline.of(steps));
    };
  }

  /** The terms of a text that are known, by falling frequency in training. */
  EncodedBags.Bag bag(List<String> words, Map<String, Integer> places) {
    Map<String, Integer> counts = counted(words, longest);
    int[] known =
        counts.keySet().stream()
            .mapToInt(term -> places.getOrDefault(term, -1))
            .filter(place -> place >= 0)
            .sorted()
            .toArray();
    float[] values = new float[known.length];
    double squares = 0;
    for (int i = 0; i < known.length; i++) {
      int times = repeats ? counts.getOrDefault(terms.get(known[i]), 0) : 1;
      values[i] = times * factors.get(known[i]);
      squares += (double) values[i] * values[i];
    }
    if (unitLength && squares > 0) {
      float length = (float) Math.sqrt(squares);
      for (int i = 0; i < values.length; i++) {
        values[i] /= length;
      }
    }
    return new EncodedBags.Bag(known, values);
  }
}
