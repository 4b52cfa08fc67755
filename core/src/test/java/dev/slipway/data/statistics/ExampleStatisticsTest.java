package dev.slipway.data.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.slipway.data.SplitName;
import dev.slipway.data.archive.ArchiveLimits;
import dev.slipway.data.archive.CacheFolder;
import dev.slipway.data.archive.FileTree;
import dev.slipway.data.example.Field;
import dev.slipway.data.example.MemoryExamples;
import dev.slipway.data.example.SplitPart;
import dev.slipway.data.example.SplitRule;
import dev.slipway.data.example.Splits;
import dev.slipway.data.example.Value;
import dev.slipway.data.table.Column;
import dev.slipway.data.table.Table;
import dev.slipway.data.table.TableExamples;
import dev.slipway.data.text.TextFolderExamples;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExampleStatisticsTest {
  private static TableExamples examples(Column... columns) {
    return TableExamples.of(
        new Table("", List.of(columns), new int[columns[0].size()], List.of(), List.of()));
  }

  private static String text(SplittableRandom random, int words) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < words; i++) {
      text.append("word").append(random.nextInt(5000)).append(' ');
    }
    return text.toString().strip();
  }

  @Test
  void duplicatesBetweenSplitsAreNamed() {
    SplittableRandom random = new SplittableRandom(3);
    @Nullable String[] texts = new String[200];
    for (int i = 0; i < texts.length; i++) {
      texts[i] = text(random, 60);
    }
    texts[150] = "  " + texts[10].toUpperCase(Locale.ROOT).replace(" ", "\n"); // the same
    texts[160] = texts[20] + " and three more"; // nearly
    texts[170] = texts[171]; // within a split: no matter
    texts[120] = texts[30];
    int[] train = new int[100];
    int[] validation = new int[40];
    int[] test = new int[60];
    for (int i = 0; i < 200; i++) {
      (i < 100 ? train : i < 140 ? validation : test)[i < 100 ? i : i < 140 ? i - 100 : i - 140] =
          i;
    }
    @Nullable String[] labels = new String[200];
    Arrays.setAll(labels, i -> i == 199 ? "new" : i % 20 == 0 ? "rare" : "usual");
    ExampleStatistics statistics =
        ExampleStatistics.of(
            examples(new Column.Texts("text", texts), new Column.Texts("label", labels)),
            new Splits(train, validation, test, List.of("told before")),
            Optional.of("label"),
            PerceptualHash.NONE);
    assertThat(statistics.duplicates())
        .containsExactly(
            new Duplicate(SplitName.TRAIN, "row-31", SplitName.VALIDATION, "row-121", true, 1),
            new Duplicate(SplitName.TRAIN, "row-11", SplitName.TEST, "row-151", true, 1),
            new Duplicate(
                SplitName.TRAIN,
                "row-21",
                SplitName.TEST,
                "row-161",
                false,
                statistics.duplicates().getLast().similarity()));
    assertThat(statistics.duplicates().getLast().similarity()).isCloseTo(58 / 61.0, within(1e-9));
    assertThat(statistics.warnings())
        .containsExactly(
            "told before",
            "classes of 'label' that no training example has: new",
            "classes of 'label' with a tenth or less of the largest one's 95 training examples: rare (5)",
            "1 of 40 validation examples is also in another split: row-121 = train row-31",
            "1 of 60 test examples is also in another split: row-151 = train row-11",
            "1 of 60 test examples is nearly the same as one in another split: row-161 = train row-21");
    assertThat(statistics.splits())
        .extracting(ExampleStatistics.SplitSize::examples)
        .containsExactly(100L, 40L, 60L);
    assertThat(statistics.classes())
        .contains(new ExampleStatistics.ClassCount("rare", List.of(5L, 2L, 3L)));
  }

  @Test
  void fieldsTellTheirQuantilesAndWhatIsMissing() {
    double[] numbers = {1, 2, 3, 4, Double.NaN};
    double[] empty = new double[5];
    Arrays.fill(empty, Double.NaN);
    ExampleStatistics statistics =
        ExampleStatistics.of(
            examples(
                new Column.Numbers("x", numbers),
                new Column.Numbers("empty", empty),
                new Column.Texts("t", new @Nullable String[] {"a b", null, null, "a", null}),
                new Column.Numbers("y", new double[] {1.5, 2, 3, 4, Double.NaN})),
            new Splits(new int[] {0, 1, 2, 4}, new int[0], new int[] {3}, List.of()),
            Optional.of("y"),
            PerceptualHash.NONE);
    assertThat(statistics.fields().getFirst().quantiles())
        .containsExactly(1.0, 1.15, 1.75, 2.5, 3.25, 3.8499999999999996, 4.0);
    assertThat(statistics.fields().get(2).missing()).isEqualTo(3);
    assertThat(statistics.warnings())
        .containsExactly(
            "the column 'empty' has no value in any training example",
            "the column 't' is missing in 3 of 4 training examples",
            "the target 'y' is missing in 1 example");
  }

  @Test
  void picturesThatLookAlikeHaveLikeHashes() {
    DifferenceHash hash = new DifferenceHash();
    SplittableRandom random = new SplittableRandom(1);
    byte[] small = new byte[18 * 16];
    random.nextBytes(small);
    byte[] large = new byte[36 * 32];
    byte[] brighter = new byte[small.length];
    for (int i = 0; i < small.length; i++) {
      small[i] = (byte) ((small[i] & 0xff) / 2);
      brighter[i] = (byte) (small[i] + 20);
    }
    for (int i = 0; i < large.length; i++) {
      large[i] = small[i / 36 / 2 * 18 + i % 36 / 2];
    }
    long first = hash.of(new Value.Pixels(16, 18, 1, small)).orElseThrow();
    assertThat(hash.of(new Value.Pixels(16, 18, 1, brighter))).hasValue(first);
    assertThat(hash.of(new Value.Pixels(32, 36, 1, large))).hasValue(first);
    random.nextBytes(small);
    long other = hash.of(new Value.Pixels(16, 18, 1, small)).orElseThrow();
    assertThat(Long.bitCount(first ^ other)).isGreaterThan(15);
    assertThat(hash.of(new Value.Content(new byte[] {1, 2, 3}))).isEmpty();
    assertThat(hash.of(Value.Missing.INSTANCE)).isEmpty();
  }

  @Test
  void onlyPicturesThatAreTheSameToTheEyeAreNearDuplicates() {
    // All of them are darker from left to right, so that they share every bit of the hash.
    Value.Pixels even = ramp(1, 0);
    Value.Pixels brighter = ramp(1, 20);
    Value.Pixels steep = ramp(6, 0);
    ExampleStatistics statistics =
        ExampleStatistics.of(
            new MemoryExamples(
                List.of(new Field("picture", Field.Kind.PICTURE)),
                List.of(
                    row("even", even),
                    row("brighter", brighter),
                    row("steep", steep),
                    row("same", even))),
            new Splits(new int[] {0}, new int[] {2}, new int[] {1, 3}, List.of()),
            Optional.empty(),
            new DifferenceHash());
    assertThat(statistics.duplicates()).hasSize(2);
    assertThat(statistics.duplicates().getFirst())
        .isEqualTo(new Duplicate(SplitName.TRAIN, "even", SplitName.TEST, "same", true, 1));
    Duplicate near = statistics.duplicates().getLast();
    assertThat(near.example()).isEqualTo("brighter");
    assertThat(near.exact()).isFalse();
    assertThat(near.similarity()).isBetween(0.98, 1.0);
    assertThat(statistics.warnings())
        .containsExactly(
            "1 of 2 test examples is also in another split: same = train even",
            "1 of 2 test examples is nearly the same as one in another split: brighter = train even");
    assertThat(new DifferenceHash().likeness(even, steep)).isBetween(0.7, 0.9);
    assertThat(new DifferenceHash().likeness(even, Value.Missing.INSTANCE)).isZero();
  }

  @Test
  void textsOfTheSameWordsAreNearlyTheSameAndNotTheSame() {
    String text = "one two three four five six seven eight nine ten";
    ExampleStatistics statistics =
        ExampleStatistics.of(
            examples(
                new Column.Texts(
                    "text", new @Nullable String[] {text, text.replace("five", "five,")})),
            new Splits(new int[] {0}, new int[0], new int[] {1}, List.of()),
            Optional.empty(),
            PerceptualHash.NONE);
    assertThat(statistics.duplicates())
        .containsExactly(
            new Duplicate(SplitName.TRAIN, "row-1", SplitName.TEST, "row-2", false, 1));
  }

  private static Value.Pixels ramp(double power, int more) {
    byte[] grey = new byte[36 * 32];
    for (int i = 0; i < grey.length; i++) {
      grey[i] = (byte) (more + 200 * Math.pow(i % 36 / 35.0, power));
    }
    return new Value.Pixels(32, 36, 1, grey);
  }

  private static MemoryExamples.Row row(String id, Value picture) {
    return new MemoryExamples.Row(id, 1, Map.of("picture", picture));
  }

  @Test
  void bandsFindWhatIsAlike() {
    SplittableRandom random = new SplittableRandom(9);
    int found = 0;
    for (int i = 0; i < 50; i++) {
      String text = text(random, 100);
      long[] a = MinHash.shingles(text);
      long[] b = MinHash.shingles(text + " with a few other words behind it");
      assertThat(MinHash.jaccard(a, b)).isGreaterThan(0.9);
      TreeSet<Long> keys = new TreeSet<>();
      Arrays.stream(MinHash.bands(a)).forEach(keys::add);
      found += Arrays.stream(MinHash.bands(b)).anyMatch(keys::contains) ? 1 : 0;
    }
    assertThat(found).isEqualTo(50);
    assertThat(MinHash.jaccard(MinHash.shingles("a b c d"), MinHash.shingles("x y z"))).isZero();
    assertThat(MinHash.shingles("!?")).isEmpty();
    assertThat(MinHash.shingles("One")).isEqualTo(MinHash.shingles("one!"));
  }

  @Test
  void imdbHasReviewsInBothSplits(@TempDir Path folder) {
    String set = System.getenv("SLIPWAY_DATASETS");
    assumeTrue(set != null, "SLIPWAY_DATASETS is not set");
    FileTree tree =
        FileTree.open(
            Path.of(set, "aclImdb_v1.tar.gz"), new CacheFolder(folder), ArchiveLimits.DEFAULT);
    try (TextFolderExamples imdb =
        TextFolderExamples.open(tree, List.of("**/*.txt"), List.of("**/unsup/**"))) {
      Splits splits =
          Splits.of(imdb, new SplitRule.Hash(), SplitPart.none(), new SplitPart.Given(), 1);
      ExampleStatistics statistics =
          ExampleStatistics.of(imdb, splits, Optional.of("label"), PerceptualHash.NONE);
      assertThat(statistics.duplicates().stream().filter(Duplicate::exact)).hasSizeBetween(50, 500);
      assertThat(statistics.warnings()).anySatisfy(w -> assertThat(w).contains("of 25,000 test"));
    }
  }
}
