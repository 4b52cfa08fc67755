package dev.slipway.data.feature;

import dev.slipway.data.column.CategoryConfig;
import dev.slipway.data.column.CategoryTransform;
import dev.slipway.data.example.Encoded;
import dev.slipway.data.example.ExampleSet;
import dev.slipway.data.example.Field;
import dev.slipway.data.source.Dropped;
import dev.slipway.nn.InputShape;
import java.util.List;
import java.util.Optional;

/** A user or an item as one id; id 0 is one that training has not met. */
public record IdsFeature(String name, CategoryTransform column) implements Feature {
  static IdsFeature fit(FeatureConfig.Ids config, ExampleSet examples, int[] training) {
    return new IdsFeature(
        config.name(),
        CategoryTransform.fit(
            config.column(),
            Columns.coded(examples, config.column()),
            training,
            CategoryConfig.usual()));
  }

  @Override
  public List<Field> requested() {
    return List.of(new Field(column.column(), Field.Kind.TEXT));
  }

  @Override
  public InputShape shape() {
    return InputShape.ids(name, column.ids());
  }

  @Override
  public Optional<Dropped> problem(ExampleSet examples, int example) {
    return Columns.missing(List.of(column), examples, example);
  }

  @Override
  public Encoded encode(ExampleSet examples, Augmented augmented) {
    int[] ids = new int[examples.size()];
    column.ids(Columns.coded(examples, column.column()), ids, 0, 1);
    return new EncodedIds(shape(), ids);
  }
}
