package dev.slipway.data.feature;

import dev.slipway.base.binding.Default;
import dev.slipway.base.binding.Doc;
import dev.slipway.base.binding.Range;
import dev.slipway.data.column.CategoryConfig;
import dev.slipway.data.column.MissingCategories;
import dev.slipway.data.column.MissingNumbers;
import dev.slipway.data.column.NumberConfig;
import dev.slipway.data.column.Outliers;
import dev.slipway.data.column.Scaling;
import dev.slipway.data.example.ExampleSet;
import dev.slipway.data.example.Field;
import java.util.List;
import java.util.Optional;

/** One of a network's inputs as a recipe asks for it, before it is fitted. */
public sealed interface FeatureConfig {
  /** Of the network's input. */
  String name();

  /**
   * @param training examples to fit on
   * @throws dev.slipway.base.SlipwayException if a field is missing or of another kind
   */
  Feature fit(ExampleSet examples, int[] training);

  @Doc("Columns of numbers, as one vector")
  record Numbers(
      @Doc("The columns of numbers") List<String> columns,
      @Doc("Columns of categories that join the vector as ones and zeros") @Default("[]")
          List<String> oneHot,
      @Doc("What stands for a missing number") @Default("median") MissingNumbers missing,
      @Doc("What is done with numbers far from the others") @Default("keep") Outliers outliers,
      @Doc("The range that each column is brought to") @Default("standard") Scaling scaling,
      @Doc("The input's name") @Default("numbers") String name)
      implements FeatureConfig {
    public Numbers {
      columns = List.copyOf(columns);
      oneHot = List.copyOf(oneHot);
    }

    /** Columns treated as usual. */
    public static Numbers of(List<String> columns) {
      NumberConfig usual = NumberConfig.usual();
      return new Numbers(
          columns, List.of(), usual.missing(), usual.outliers(), usual.scaling(), "numbers");
    }

    NumberConfig treatment() {
      return new NumberConfig(missing, outliers, scaling);
    }

    CategoryConfig categories() {
      return CategoryConfig.usual();
    }

    @Override
    public Feature fit(ExampleSet examples, int[] training) {
      return NumbersFeature.fit(this, examples, training);
    }
  }

  @Doc("Columns of categories, as one id each for an embedding")
  record Categories(
      @Doc("The columns") List<String> columns,
      @Doc("What stands for a missing category") @Default("own-category") MissingCategories missing,
      @Doc("A category that fewer training rows have counts as unknown")
          @Default("1")
          @Range(min = 1, max = 1_000_000_000)
          int minFrequency,
      @Doc("Of more categories only the most frequent are kept")
          @Default("1000000")
          @Range(min = 1, max = 10_000_000)
          int maxCategories,
      @Doc("The input's name") @Default("categories") String name)
      implements FeatureConfig {
    public Categories {
      columns = List.copyOf(columns);
    }

    /** Columns treated as usual. */
    public static Categories of(List<String> columns) {
      CategoryConfig usual = CategoryConfig.usual();
      return new Categories(
          columns, usual.missing(), usual.minFrequency(), usual.maxCategories(), "categories");
    }

    CategoryConfig treatment() {
      return new CategoryConfig(missing, minFrequency, maxCategories);
    }

    @Override
    public Feature fit(ExampleSet examples, int[] training) {
      return CategoriesFeature.fit(this, examples, training);
    }
  }

  @Doc("A picture, as channels × height × width")
  record Picture(
      @Doc("Height in pixels") @Range(min = 1, max = 4096) int height,
      @Doc("Width in pixels") @Range(min = 1, max = 4096) int width,
      @Doc("1 for grey, 3 for red, green and blue") @Default("3") @Range(min = 1, max = 4)
          int channels,
      @Doc("The field; none takes the only picture there is") @Default("none")
          Optional<String> field,
      @Doc("The input's name") @Default("picture") String name)
      implements FeatureConfig {
    @Override
    public Feature fit(ExampleSet examples, int[] training) {
      return PictureFeature.fit(
          this, field.orElseGet(() -> Fields.only(examples, Field.Kind.PICTURE)));
    }
  }
}
