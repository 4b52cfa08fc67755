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
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Columns of a table as one vector: numbers, filled and scaled, then categories as ones and zeros.
 *
 * @param numbers each as fitted on the training split
 * @param oneHot categories, each a one among zeros; an unknown one is zeros alone
 */
public record NumbersFeature(
    String name, List<NumberTransform> numbers, List<CategoryTransform> oneHot) implements Feature {
  private static final int BLOCK = 1024;

  public NumbersFeature {
    numbers = List.copyOf(numbers);
    oneHot = List.copyOf(oneHot);
  }

  static NumbersFeature fit(FeatureConfig.Numbers config, ExampleSet examples, int[] training) {
    config.columns().forEach(column -> Fields.named(examples, column, Field.Kind.NUMBER));
    List<NumberTransform> numbers =
        config.columns().parallelStream()
            .map(
                column ->
                    NumberTransform.fit(
                        column, examples.numbers(column), training, config.treatment()))
            .toList();
    List<CategoryTransform> oneHot = new ArrayList<>();
    for (String column : config.oneHot()) {
      oneHot.add(
          CategoryTransform.fit(
              column, Columns.coded(examples, column), training, config.categories()));
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
    List<double[]> given = new ArrayList<>();
    for (NumberTransform column : numbers) {
      Fields.named(examples, column.column(), Field.Kind.NUMBER);
      given.add(examples.numbers(column.column()));
    }
    // Block by block, so that a row's cache line is written while it is there.
    IntStream.range(0, Math.ceilDiv(examples.size(), BLOCK))
        .parallel()
        .forEach(block -> encode(given, block * BLOCK, width, values));
    int at = numbers.stream().mapToInt(NumberTransform::width).sum();
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

  private void encode(List<double[]> given, int from, int width, float[] values) {
    int at = 0;
    for (int c = 0; c < numbers.size(); c++) {
      NumberTransform column = numbers.get(c);
      double[] own = given.get(c);
      int to = Math.min(own.length, from + BLOCK);
      for (int i = from; i < to; i++) {
        if (column.takes(own[i])) {
          column.apply(own[i], values, i * width + at);
        }
      }
      at += column.width();
    }
  }
}
