package dev.slipway.data.example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.base.SlipwayException;
import dev.slipway.data.SplitName;
import dev.slipway.data.table.Column;
import dev.slipway.data.table.Table;
import dev.slipway.data.table.TableExamples;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SplitsTest {
  private static final SplitPart NONE = SplitPart.none();

  /** Rows with a class of a few, a group and a time. */
  private static TableExamples rows(int rows, int classes, int groups, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    @Nullable String[] label = new String[rows];
    @Nullable String[] group = new String[rows];
    double[] time = new double[rows];
    for (int i = 0; i < rows; i++) {
      double skewed = random.nextDouble();
      label[i] = "class-" + (int) (skewed * skewed * classes);
      group[i] = "group-" + random.nextInt(groups);
      time[i] = random.nextInt(Math.max(2, rows / 2));
    }
    return TableExamples.of(
        new Table(
            "",
            List.of(
                new Column.Texts("label", label),
                new Column.Texts("group", group),
                new Column.Numbers("time", time)),
            new int[rows],
            List.of(),
            List.of()));
  }

  private static String text(ExampleSet set, int example, String field) {
    return set.value(example, field) instanceof Value.Text(String text) ? text : "";
  }

  private static void assertPartition(ExampleSet set, Splits splits) {
    int[] all =
        Stream.of(splits.train(), splits.validation(), splits.test())
            .flatMapToInt(Arrays::stream)
            .sorted()
            .toArray();
    assertThat(all).isEqualTo(IntStream.range(0, set.size()).toArray());
    for (SplitName split : SplitName.values()) {
      assertThat(splits.of(split)).isSorted();
    }
  }

  @Property(tries = 100)
  void hashedSplitsMoveNoneWhenExamplesAreAdded(
      @ForAll @IntRange(min = 100, max = 300) int rows, @ForAll long seed) {
    SplitPart share = new SplitPart.Fraction(0.25);
    Splits few = Splits.of(rows(rows, 3, 9, 1), new SplitRule.Hash(), share, share, seed);
    Splits more = Splits.of(rows(rows + 50, 3, 9, 1), new SplitRule.Hash(), share, share, seed);
    assertPartition(rows(rows, 3, 9, 1), few);
    assertThat(Arrays.stream(more.test()).filter(i -> i < rows).toArray()).isEqualTo(few.test());
    assertThat(Arrays.stream(more.validation()).filter(i -> i < rows).toArray())
        .isEqualTo(few.validation());
  }

  @Property(tries = 200)
  void stratifiedSplitsKeepEachClasssShare(
      @ForAll @IntRange(min = 40, max = 300) int rows,
      @ForAll @IntRange(min = 1, max = 8) int classes,
      @ForAll @DoubleRange(min = 0.05, max = 0.5) double share,
      @ForAll long seed) {
    TableExamples set = rows(rows, classes, 5, seed);
    SplitRule rule = new SplitRule.Stratified("label");
    Splits splits = Splits.of(set, rule, NONE, new SplitPart.Fraction(share), seed);
    assertPartition(set, splits);
    assertThat(Splits.of(set, rule, NONE, new SplitPart.Fraction(share), seed).test())
        .isEqualTo(splits.test());
    for (int c = 0; c < classes; c++) {
      String name = "class-" + c;
      long all = IntStream.range(0, rows).filter(i -> text(set, i, "label").equals(name)).count();
      long taken =
          Arrays.stream(splits.test()).filter(i -> text(set, i, "label").equals(name)).count();
      assertThat((double) taken).as(name).isBetween(share * all - 1, share * all + 1);
      assertThat(all == 0 || taken < all).as("%s is learnt from", name).isTrue();
    }
  }

  @Property(tries = 200)
  void groupsStayTogether(
      @ForAll @IntRange(min = 60, max = 300) int rows,
      @ForAll @IntRange(min = 12, max = 40) int groups,
      @ForAll long seed) {
    TableExamples set = rows(rows, 3, groups, seed);
    SplitPart share = new SplitPart.Fraction(0.3);
    Splits splits = Splits.of(set, new SplitRule.Grouped("group"), share, share, seed);
    assertPartition(set, splits);
    List<TreeSet<String>> seen = new ArrayList<>();
    for (SplitName split : SplitName.values()) {
      TreeSet<String> names = new TreeSet<>();
      Arrays.stream(splits.of(split)).forEach(i -> names.add(text(set, i, "group")));
      seen.forEach(other -> assertThat(other).doesNotContainAnyElementsOf(names));
      seen.add(names);
    }
    assertThat((double) splits.test().length).isBetween(0.15 * rows, 0.45 * rows);
  }

  @Property(tries = 200)
  void theLatestAreJudgedBy(@ForAll @IntRange(min = 40, max = 300) int rows, @ForAll long seed) {
    TableExamples set = rows(rows, 3, 5, seed);
    SplitPart share = new SplitPart.Fraction(0.2);
    Splits splits = Splits.of(set, new SplitRule.Time("time"), share, share, seed);
    assertPartition(set, splits);
    double[] time = set.numbers("time");
    assertThat(latest(splits.train(), time)).isLessThan(earliest(splits.validation(), time));
    assertThat(latest(splits.validation(), time)).isLessThan(earliest(splits.test(), time));
  }

  private static double latest(int[] members, double[] time) {
    return Arrays.stream(members).mapToDouble(i -> time[i]).max().orElseThrow();
  }

  private static double earliest(int[] members, double[] time) {
    return Arrays.stream(members).mapToDouble(i -> time[i]).min().orElseThrow();
  }

  private static TableExamples given(String... splits) {
    return TableExamples.splitBy(
        new Table(
            "",
            List.of(
                new Column.Categories(
                    "part",
                    Arrays.stream(splits)
                        .mapToInt(s -> List.of("train", "val", "test").indexOf(s))
                        .toArray(),
                    List.of("train", "val", "test")),
                new Column.Numbers("x", new double[splits.length])),
            new int[splits.length],
            List.of(),
            List.of()),
        "part");
  }

  @Test
  void whatTheSourceGivesIsTaken() {
    TableExamples set = given("train", "val", "test", "train", "test", "train");
    SplitPart given = new SplitPart.Given();
    Splits splits = Splits.of(set, new SplitRule.Hash(), given, given, 7);
    assertThat(splits.train()).containsExactly(0, 3, 5);
    assertThat(splits.validation()).containsExactly(1);
    assertThat(splits.test()).containsExactly(2, 4);
    assertThat(splits.warnings()).isEmpty();
    Splits pooled = Splits.of(set, new SplitRule.Hash(), NONE, NONE, 7);
    assertThat(pooled.train()).hasSize(6);
    assertThat(pooled.warnings())
        .singleElement()
        .asString()
        .contains("the source gives 2 examples to the test split");
    assertThatThrownBy(
            () -> Splits.of(given("train", "train"), new SplitRule.Hash(), NONE, given, 7))
        .isInstanceOfSatisfying(
            SlipwayException.class, e -> assertThat(e.code()).isEqualTo("data.split-empty"));
  }

  private static TableExamples labelled(@Nullable String... labels) {
    return TableExamples.of(
        new Table(
            "",
            List.of(new Column.Texts("label", labels)),
            new int[labels.length],
            List.of(),
            List.of()));
  }

  @Test
  void aClassWithOneExampleIsLearntFromWithAWarning() {
    TableExamples set = labelled("a", "a", "a", "a", "b", "b", "b", "b", "rare");
    Splits splits =
        Splits.of(set, new SplitRule.Stratified("label"), NONE, new SplitPart.Fraction(0.5), 3);
    assertThat(splits.train()).contains(8);
    assertThat(splits.test()).hasSize(4);
    assertThat(splits.warnings())
        .containsExactly(
            "of 'label' these classes have one example, which is learnt from and never judged by: rare");
    assertThatThrownBy(() -> Splits.of(set, new SplitRule.Grouped("none"), NONE, NONE, 3))
        .hasMessageContaining("the field none, and there are [label]");
  }

  @Property(tries = 150)
  void stratifiedFoldsAreEvenInEachClass(
      @ForAll @IntRange(min = 60, max = 200) int rows,
      @ForAll @IntRange(min = 2, max = 7) int count,
      @ForAll @IntRange(min = 1, max = 5) int classes,
      @ForAll long seed) {
    TableExamples set = rows(rows, classes, 5, seed);
    int[] members = IntStream.range(0, rows).filter(i -> i % 11 != 0).toArray();
    Folds folds = Folds.of(set, members, new SplitRule.Stratified("label"), count, seed);
    assertFolds(folds, members, count, 1);
    for (int c = 0; c < classes; c++) {
      String name = "class-" + c;
      assertThat(
              folds.folds().stream()
                  .mapToLong(
                      f ->
                          Arrays.stream(f.held())
                              .filter(i -> text(set, i, "label").equals(name))
                              .count())
                  .summaryStatistics())
          .satisfies(s -> assertThat(s.getMax() - s.getMin()).isLessThanOrEqualTo(1));
    }
  }

  private static void assertFolds(Folds folds, int[] members, int count, int apart) {
    assertThat(folds.folds()).hasSize(count);
    int[] held =
        folds.folds().stream().flatMapToInt(f -> Arrays.stream(f.held())).sorted().toArray();
    assertThat(held).isEqualTo(members);
    for (Folds.Fold fold : folds.folds()) {
      assertThat(IntStream.concat(Arrays.stream(fold.train()), Arrays.stream(fold.held())).sorted())
          .containsExactly(Arrays.stream(members).boxed().toArray(Integer[]::new));
    }
    var sizes = folds.folds().stream().mapToInt(f -> f.held().length).summaryStatistics();
    assertThat(sizes.getMax() - sizes.getMin()).isLessThanOrEqualTo(apart);
  }

  @Property(tries = 100)
  void groupedFoldsShareNoGroup(
      @ForAll @IntRange(min = 60, max = 200) int rows,
      @ForAll @IntRange(min = 2, max = 6) int count,
      @ForAll long seed) {
    TableExamples set = rows(rows, 2, 30, seed);
    int[] members = IntStream.range(0, rows).toArray();
    Folds folds = Folds.of(set, members, new SplitRule.Grouped("group"), count, seed);
    int largest =
        (int)
            Arrays.stream(members)
                .mapToObj(i -> text(set, i, "group"))
                .collect(Collectors.groupingBy(g -> g, Collectors.counting()))
                .values()
                .stream()
                .mapToLong(Long::longValue)
                .max()
                .orElseThrow();
    assertFolds(folds, members, count, largest);
    for (Folds.Fold fold : folds.folds()) {
      TreeSet<String> held = new TreeSet<>();
      Arrays.stream(fold.held()).forEach(i -> held.add(text(set, i, "group")));
      Arrays.stream(fold.train())
          .forEach(i -> assertThat(held).doesNotContain(text(set, i, "group")));
    }
  }

  @Property(tries = 100)
  void foldsByTimeLearnFromThePastAlone(
      @ForAll @IntRange(min = 60, max = 200) int rows,
      @ForAll @IntRange(min = 2, max = 6) int count,
      @ForAll long seed) {
    TableExamples set = rows(rows, 2, 30, seed);
    int[] members = IntStream.range(0, rows).toArray();
    Folds folds = Folds.of(set, members, new SplitRule.Time("time"), count, seed);
    double[] time = set.numbers("time");
    int before = 0;
    for (Folds.Fold fold : folds.folds()) {
      assertThat(latest(fold.train(), time)).isLessThan(earliest(fold.held(), time));
      assertThat(fold.held()).hasSize(rows / (count + 1));
      assertThat(fold.train().length).isGreaterThanOrEqualTo(before);
      before = fold.train().length;
    }
  }

  @Property(tries = 50)
  void plainFoldsAreEven(
      @ForAll @IntRange(min = 6, max = 200) int rows,
      @ForAll @IntRange(min = 2, max = 6) int count) {
    int[] members = IntStream.range(0, rows).toArray();
    assertFolds(
        Folds.of(rows(rows, 2, 3, 1), members, new SplitRule.Hash(), count, 5), members, count, 1);
  }

  @Test
  void foldsThatCantBeAreRefusedAndSmallClassesNamed() {
    TableExamples set = labelled("a", "a", "a", "a", "b", "b", "b", "b", "rare");
    int[] members = IntStream.range(0, 9).toArray();
    Folds folds = Folds.of(set, members, new SplitRule.Stratified("label"), 4, 3);
    assertThat(folds.warnings())
        .containsExactly(
            "classes of 'label' with fewer than 4 examples are not in every fold: rare (1)");
    for (SplitRule rule :
        List.of(new SplitRule.Stratified("label"), new SplitRule.Grouped("label"))) {
      assertThatThrownBy(() -> Folds.of(set, members, rule, 5, 3))
          .isInstanceOfSatisfying(
              SlipwayException.class, e -> assertThat(e.code()).isEqualTo("data.folds-too-many"));
    }
    assertThatThrownBy(() -> Folds.of(set, new int[] {1, 2}, new SplitRule.Hash(), 3, 3))
        .hasMessageContaining("2 examples, too few for 3 folds");
  }

  @Test
  void numbersAreStratifiedByTheirDeciles() {
    int rows = 1000;
    double[] target = IntStream.range(0, rows).mapToDouble(i -> Math.exp(i / 100.0)).toArray();
    TableExamples set =
        TableExamples.of(
            new Table(
                "",
                List.of(new Column.Numbers("price", target)),
                new int[rows],
                List.of(),
                List.of()));
    Splits splits =
        Splits.of(set, new SplitRule.Stratified("price"), NONE, new SplitPart.Fraction(0.1), 3);
    for (int decile = 0; decile < 10; decile++) {
      int from = decile * 100;
      assertThat(Arrays.stream(splits.test()).filter(i -> i >= from && i < from + 100)).hasSize(10);
    }
    assertThat(splits.test()).hasSize(100);
  }
}
