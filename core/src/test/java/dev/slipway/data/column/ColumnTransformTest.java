package dev.slipway.data.column;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Size;
import org.assertj.core.data.Offset;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Numbers as scikit-learn gives them; the fixtures come from reference/table.py. */
class ColumnTransformTest {
  private static final int[] FOUR = {0, 1, 2, 3};

  private static JsonNode fixture(String name) throws IOException {
    try (InputStream in =
            Objects.requireNonNull(
                ColumnTransformTest.class.getResourceAsStream(name + ".json.gz"));
        InputStream plain = new GZIPInputStream(in)) {
      return Json.parse(new String(plain.readAllBytes(), StandardCharsets.UTF_8), name);
    }
  }

  private static double[] numbers(JsonNode array) {
    double[] numbers = new double[array.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = array.get(i).isNull() ? Double.NaN : array.get(i).asDouble();
    }
    return numbers;
  }

  private static int[] all(int count) {
    return IntStream.range(0, count).toArray();
  }

  @Test
  void numbersAreThoseOfScikitLearn() throws IOException {
    JsonNode fixture = fixture("numbers");
    double[] unseen = numbers(fixture.get("unseen"));
    int cases = 0;
    for (JsonNode one : fixture.get("cases")) {
      double[] column = numbers(fixture.get("columns").get(one.get("column").asString()));
      NumberConfig config =
          new NumberConfig(
              switch (one.get("missing").asString()) {
                case "mean" -> new MissingNumbers.Mean();
                case "median" -> new MissingNumbers.Median();
                case "constant" -> new MissingNumbers.Constant(-7.5);
                default -> new MissingNumbers.OwnCategory();
              },
              switch (one.get("outliers").asString()) {
                case "iqr" -> new Outliers.Iqr(1.5, Outliers.Action.CLIP);
                case "z-score" -> new Outliers.ZScore(2, Outliers.Action.CLIP);
                default -> new Outliers.Keep();
              },
              switch (one.get("scaling").asString()) {
                case "standard" -> new Scaling.Standard();
                case "min-max" -> new Scaling.MinMax(0, 1);
                case "min-max-symmetric" -> new Scaling.MinMax(-1, 1);
                case "robust" -> new Scaling.Robust();
                default -> new Scaling.None();
              });
      NumberTransform fitted = NumberTransform.fit("x", column, all(column.length), config);
      double[] expected = numbers(one.get("train"));
      for (int i = 0; i < column.length; i++) {
        assertThat(fitted.scaled(column[i]))
            .as("%s row %s", one, i)
            .isCloseTo(expected[i], near(expected[i]));
      }
      double[] outside = numbers(one.get("unseen"));
      for (int i = 0; i < unseen.length; i++) {
        assertThat(fitted.scaled(unseen[i]))
            .as("%s unseen %s", one.get("column"), i)
            .isCloseTo(outside[i], near(outside[i]));
      }
      NumberTransform back = Json.parse(Json.write(fitted), "itself", NumberTransform.class);
      assertThat(back).isEqualTo(fitted);
      cases++;
    }
    assertThat(cases).isGreaterThan(300);
  }

  private static Offset<Double> near(double expected) {
    return within(1e-9 * Math.max(1, Math.abs(expected)));
  }

  @Test
  void categoriesAreThoseOfScikitLearn() throws IOException {
    JsonNode fixture = fixture("categories");
    List<@Nullable String> unseen = strings(fixture.get("unseen"));
    for (JsonNode one : fixture.get("cases")) {
      List<@Nullable String> column =
          strings(fixture.get("columns").get(one.get("column").asString()));
      String missing = one.get("missing").asString();
      boolean holes = column.contains(null);
      CategoryConfig config =
          CategoryConfig.usual()
              .withMissing(
                  switch (missing) {
                    case "most-frequent" -> new MissingCategories.MostFrequent();
                    case "constant" -> new MissingCategories.Constant("none");
                    default ->
                        holes ? new MissingCategories.OwnCategory() : new MissingCategories.Drop();
                  });
      CategoryTransform fitted =
          CategoryTransform.fit(
              "x", CodedWords.of(column.size(), column::get), all(column.size()), config);
      assertThat(fitted.categories()).as("%s", one).isEqualTo(strings(one.get("categories")));
      for (int i = 0; i < column.size(); i++) {
        assertRow(one.get("train").get(i), fitted, column.get(i));
        if (!one.get("trainIds").isNull()) {
          assertThat(fitted.id(column.get(i))).isEqualTo(one.get("trainIds").get(i).asInt());
        }
      }
      for (int i = 0; i < unseen.size(); i++) {
        if (fitted.takes(unseen.get(i))) {
          assertRow(one.get("unseen").get(i), fitted, unseen.get(i));
          if (!one.get("unseenIds").isNull()) {
            assertThat(fitted.id(unseen.get(i))).isEqualTo(one.get("unseenIds").get(i).asInt());
          }
        }
      }
      assertThat(Json.parse(Json.write(fitted), "itself", CategoryTransform.class))
          .isEqualTo(fitted);
    }
  }

  private static void assertRow(
      JsonNode expected, CategoryTransform fitted, @Nullable String value) {
    float[] row = new float[fitted.oneHotWidth() + 2];
    row[0] = 7;
    row[row.length - 1] = 7;
    fitted.oneHot(value, row, 1);
    float[] wanted = new float[row.length];
    wanted[0] = 7;
    wanted[row.length - 1] = 7;
    for (int i = 0; i < expected.size(); i++) {
      wanted[i + 1] = (float) expected.get(i).asDouble();
    }
    assertThat(row).containsExactly(wanted);
  }

  private static List<@Nullable String> strings(JsonNode array) {
    List<@Nullable String> strings = new ArrayList<>();
    array.forEach(node -> strings.add(node.isNull() ? null : node.asString()));
    return strings;
  }

  @Test
  void aColumnAllMissingIsRefusedUnlessAConstantStandsForIt() {
    double[] column = {Double.NaN, Double.NaN, Double.NaN, 5};
    int[] training = {0, 1, 2};
    for (MissingNumbers missing :
        List.of(
            new MissingNumbers.Mean(),
            new MissingNumbers.Median(),
            new MissingNumbers.OwnCategory(),
            new MissingNumbers.Drop())) {
      assertThatThrownBy(
              () ->
                  NumberTransform.fit(
                      "income", column, training, NumberConfig.usual().withMissing(missing)))
          .isInstanceOfSatisfying(
              SlipwayException.class,
              e -> assertThat(e.code()).isEqualTo("data.column-all-missing"))
          .hasMessageContaining("'income' has no value in any of the 3 training rows");
    }
    NumberTransform constant =
        NumberTransform.fit(
            "income",
            column,
            training,
            NumberConfig.usual().withMissing(new MissingNumbers.Constant(2)));
    assertThat(constant.scaled(Double.NaN)).isZero();
    assertThat(constant.scaled(5)).isEqualTo(3);
    assertThatThrownBy(
            () ->
                CategoryTransform.fit(
                    "colour", CodedWords.of(4, row -> null), FOUR, CategoryConfig.usual()))
        .hasMessageContaining("'colour' has no value");
  }

  @Test
  void onlyTrainingRowsCountAndOutliersAndMissingOnesAreMarked() {
    double[] column = {1, 2, 3, 4, 1000, Double.NaN, Double.POSITIVE_INFINITY};
    NumberTransform fitted =
        NumberTransform.fit(
            "x",
            column,
            FOUR,
            new NumberConfig(
                new MissingNumbers.OwnCategory(),
                new Outliers.Iqr(1.5, Outliers.Action.FLAG),
                new Scaling.None()));
    assertThat(fitted.names()).containsExactly("x", "x (outlier)", "x (missing)");
    float[] row = new float[fitted.width()];
    fitted.apply(4, row, 0);
    assertThat(row).containsExactly(4, 0, 0);
    fitted.apply(1000, row, 0);
    assertThat(row).containsExactly(1000, 1, 0);
    for (double none : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
      fitted.apply(none, row, 0);
      assertThat(row).containsExactly(2.5f, 0, 1);
    }
  }

  @Test
  void droppedRowsAreToldAndRefusedWhenTheyCome() {
    NumberTransform number =
        NumberTransform.fit(
            "age",
            new double[] {1, 2, Double.NaN, 4},
            FOUR,
            NumberConfig.usual().withMissing(new MissingNumbers.Drop()));
    assertThat(number.takes(3)).isTrue();
    assertThat(number.takes(Double.NaN)).isFalse();
    assertThatThrownBy(() -> number.scaled(Double.NaN)).hasMessageContaining("'age' has no value");
    CategoryTransform category =
        CategoryTransform.fit(
            "job",
            CodedWords.of(4, row -> row == 2 ? null : "j" + row),
            FOUR,
            CategoryConfig.usual().withMissing(new MissingCategories.Drop()));
    assertThat(category.takes(null)).isFalse();
    assertThatThrownBy(() -> category.id(null)).hasMessageContaining("'job' has no value");
  }

  @Test
  void rareCategoriesAreUnknownAndTheMostFrequentAreKept() {
    String[] column = {"a", "b", "b", "c", "c", "c", "d"};
    CategoryTransform frequent =
        CategoryTransform.fit(
            "x",
            CodedWords.of(7, row -> column[row]),
            all(7),
            CategoryConfig.usual().withMinFrequency(2));
    assertThat(frequent.categories()).containsExactly("b", "c");
    assertThat(frequent.id("a")).isZero();
    assertThat(frequent.id(null)).isEqualTo(3);
    assertThat(frequent.ids()).isEqualTo(4);
    CategoryTransform few =
        CategoryTransform.fit(
            "x",
            CodedWords.of(7, row -> column[row]),
            all(7),
            new CategoryConfig(new MissingCategories.OwnCategory(), 1, 1));
    assertThat(few.categories()).containsExactly("c");
  }

  @Property(tries = 20)
  void quantilesOfManyAreThoseOfSortedOnes(
      @ForAll long seed, @ForAll @DoubleRange(min = 0, max = 1) double q) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] many =
        random
            .doubles(70_000)
            .map(u -> u < 0.1 ? 0 : u < 0.2 ? -0.0 : u < 0.6 ? Math.rint(u * 1e5) : u - 0.8)
            .toArray();
    double[] sorted = many.clone();
    Arrays.sort(sorted);
    assertThat(Quantiles.select(many.clone(), q) + 0.0).isEqualTo(Quantiles.of(sorted, q) + 0.0);
    assertThat(Quantiles.select(many.clone(), 1)).isEqualTo(sorted[sorted.length - 1]);
    assertThat(Quantiles.select(many, 0)).isEqualTo(sorted[0]);
  }

  @Property(tries = 200)
  void whatIsScaledComesBack(@ForAll @Size(min = 1, max = 30) List<Float> column) {
    double[] values = column.stream().mapToDouble(Float::doubleValue).toArray();
    for (Scaling scaling :
        List.of(new Scaling.Standard(), new Scaling.MinMax(-2, 3), new Scaling.Robust())) {
      NumberTransform fitted =
          NumberTransform.fit(
              "x", values, all(values.length), NumberConfig.usual().withScaling(scaling));
      double largest = Arrays.stream(values).map(Math::abs).max().orElse(1);
      for (double value : values) {
        assertThat(fitted.unscaled(fitted.scaled(value)))
            .isCloseTo(value, within(1e-9 * Math.max(1, largest)));
      }
    }
  }
}
