package dev.slipway.data.feature;

import dev.slipway.data.column.CategoryTransform;
import dev.slipway.data.example.Encoded;
import dev.slipway.data.example.ExampleSet;
import dev.slipway.data.example.Field;
import dev.slipway.data.source.Dropped;
import dev.slipway.nn.InputShape;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Columns of categories as one id each, for an embedding a column; id 0 is unknown. */
public record CategoriesFeature(String name, List<CategoryTransform> columns) implements Feature {
  public CategoriesFeature {
    columns = List.copyOf(columns);
  }

  static CategoriesFeature fit(
      FeatureConfig.Categories config, ExampleSet examples, int[] training) {
    List<CategoryTransform> columns =
        config.columns().parallelStream()
            .map(
                column ->
                    CategoryTransform.fit(
                        column, Columns.coded(examples, column), training, config.treatment()))
            .toList();
    return new CategoriesFeature(config.name(), columns);
  }

  @Override
  public List<Field> requested() {
    return columns.stream().map(c -> new Field(c.column(), Field.Kind.TEXT)).toList();
  }

  @Override
  public InputShape shape() {
    return new InputShape(
        name,
        InputShape.Kind.IDS,
        List.of((long) columns.size()),
        columns.stream().map(CategoryTransform::ids).toList());
  }

  @Override
  public Optional<Dropped> problem(ExampleSet examples, int example) {
    return Columns.missing(columns, examples, example);
  }

  @Override
  public Encoded encode(ExampleSet examples, Augmented augmented) {
    int width = columns.size();
    int[] ids = new int[Math.multiplyExact(examples.size(), width)];
    IntStream.range(0, width)
        .parallel()
        .forEach(
            c -> {
              CategoryTransform column = columns.get(c);
              column.ids(Columns.coded(examples, column.column()), ids, c, width);
            });
    return new EncodedIds(shape(), ids);
  }
}
