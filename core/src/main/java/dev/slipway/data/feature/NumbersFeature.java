package dev.slipway.data.feature;

import dev.slipway.data.column.CategoryTransform;
import dev.slipway.data.column.NumberTransform;
import dev.slipway.data.example.Encoded;
import dev.slipway.data.example.ExampleSet;
import dev.slipway.data.example.Field;
import dev.slipway.data.source.DropReason;
import dev.slipway.data.source.Dropped;
import dev.slipway.nn.InputShape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Columns of a table as one vector: numbers, filled and scaled, then categories as ones and zeros.
 *
 * @param numbers each as fitted on the training split
 * @param oneHot categories, each a one among zeros; an unknown one is zeros alone
 */
public record NumbersFeature(
    String name, List<NumberTransform> numbers, List<CategoryTransform> oneHot) implements Feature {
  public NumbersFeature {
    numbers = List.copyOf(numbers);
    oneHot = List.copyOf(oneHot);
  }

  static NumbersFeature fit(FeatureConfig.Numbers config, ExampleSet examples, int[] training) {
    List<NumberTransform> numbers = new ArrayList<>();
    for (String column : config.columns()) {
      Fields.named(examples, column, Field.Kind.NUMBER);
      numbers.add(
          NumberTransform.fit(column, examples.numbers(column), training, config.treatment()));
    }
    List<CategoryTransform> oneHot = new ArrayList<>();
    for (String column : config.oneHot()) {
      oneHot.add(
          CategoryTransform.fit(
              column, Columns.words(examples, column), training, config.categories()));
    }
    return new NumbersFeature(config.name(), numbers, oneHot);
  }

  @Override
  public List<Field> requested() {
    return Stream.concat(
            numbers.stream().map(c -> new Field(c.column(), Field.Kind.NUMBER)),
            oneHot.stream().map(c -> new Field(c.column(), Field.Kind.TEXT)))
        .toList();
  }

  @Override
  public InputShape shape() {
    return InputShape.floats(name, (long) width());
  }

  private int width() {
    return numbers.stream().mapToInt(NumberTransform::width).sum()
        + oneHot.stream().mapToInt(CategoryTransform::oneHotWidth).sum();
  }

  /** What each of the numbers is called. */
  public List<String> names() {
    return Stream.concat(
            numbers.stream().flatMap(column -> column.names().stream()),
            oneHot.stream().flatMap(column -> column.names().stream()))
        .toList();
  }

  @Override
  public Optional<Dropped> problem(ExampleSet examples, int example) {
    for (NumberTransform column : numbers) {
      if (!column.takes(Columns.number(examples.value(example, column.column())))) {
        return Optional.of(new Dropped(DropReason.VALUE_MISSING, column.column()));
      }
    }
    return Columns.missing(oneHot, examples, example);
  }

  @Override
  public Encoded encode(ExampleSet examples, Augmented augmented) {
    int width = width();
    float[] values = new float[Math.multiplyExact(examples.size(), width)];
    int at = 0;
    for (NumberTransform column : numbers) {
      Fields.named(examples, column.column(), Field.Kind.NUMBER);
      double[] given = examples.numbers(column.column());
      for (int i = 0; i < given.length; i++) {
        if (column.takes(given[i])) {
          column.apply(given[i], values, i * width + at);
        }
      }
      at += column.width();
    }
    for (CategoryTransform column : oneHot) {
      var words = Columns.words(examples, column.column());
      for (int i = 0; i < examples.size(); i++) {
        String word = words.apply(i);
        if (column.takes(word)) {
          column.oneHot(word, values, i * width + at);
        }
      }
      at += column.oneHotWidth();
    }
    return new EncodedFloats(shape(), values);
  }
}
