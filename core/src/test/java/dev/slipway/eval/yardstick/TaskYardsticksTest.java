package dev.slipway.eval.yardstick;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import de.bwaldvogel.liblinear.Feature;
import dev.slipway.eval.yardstick.Features.Column;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TaskYardsticksTest {
  private static final int[] ALL = {0, 1, 2};

  @Test
  void textsAreToldApartByTheirWords() {
    Random random = new Random(1);
    List<String> texts = new ArrayList<>();
    int[] labels = new int[300];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = random.nextInt(2);
      String word = labels[i] == 1 ? "good" : "bad";
      texts.add("the film nr" + random.nextInt(1_000) + " was " + word + " in part " + i % 7);
    }
    var result =
        TaskYardsticks.classification(
            new Features.Texts(texts.subList(0, 200)),
            Arrays.copyOf(labels, 200),
            2,
            new Features.Texts(texts.subList(200, 300)));
    assertThat(result.leftOut()).isEmpty();
    assertThat(result.predictions().stream().map(Predictions::name))
        .containsExactly("majority class", "logistic regression on TF-IDF");
    assertThat(result.predictions().getLast().classes())
        .isEqualTo(Arrays.copyOfRange(labels, 200, 300));
    assertThat(result.predictions().getLast().saw()).contains("all 200 training examples");
  }

  @Test
  void columnsWithMissingValuesAndUnknownCategoriesAreLearntFrom() {
    Random random = new Random(2);
    int rows = 600;
    double[] numbers = new double[rows];
    int[] codes = new int[rows];
    int[] labels = new int[rows];
    double[] targets = new double[rows];
    for (int i = 0; i < rows; i++) {
      numbers[i] = random.nextGaussian();
      codes[i] = random.nextInt(4);
      // An interaction that a linear model can't see.
      labels[i] = numbers[i] > 0 == codes[i] > 1 ? 1 : 0;
      targets[i] = 10 + 3 * numbers[i] + codes[i];
      numbers[i] = i % 50 == 0 ? Double.NaN : numbers[i];
      codes[i] = i % 70 == 0 ? -1 : codes[i];
    }
    Features.Columns training = columns(numbers, codes, 0, 500);
    codes[599] = 17;
    Features.Columns test = columns(numbers, codes, 500, 600);
    var classes = TaskYardsticks.classification(training, Arrays.copyOf(labels, 500), 2, test);
    assertThat(classes.predictions().stream().map(Predictions::name))
        .containsExactly(
            "majority class", "logistic regression on the columns", "gradient boosting");
    assertThat(right(classes.predictions().get(2), labels)).isGreaterThan(90);
    assertThat(right(classes.predictions().get(1), labels)).isLessThan(70);
    for (Predictions found : classes.predictions()) {
      for (double[] output : found.outputs()) {
        assertThat(output[0] + output[1]).isCloseTo(1, within(1e-6));
      }
    }

    var values = TaskYardsticks.regression(training, Arrays.copyOf(targets, 500), test);
    assertThat(values.predictions().stream().map(Predictions::name))
        .containsExactly("mean", "median", "ridge regression on the columns", "gradient boosting");
    double before = Double.POSITIVE_INFINITY;
    for (int p : new int[] {0, 2}) {
      double error = 0;
      double[] told = values.predictions().get(p).numbers();
      for (int i = 1; i < 99; i++) {
        error += Math.abs(told[i] - targets[500 + i]) / 98;
      }
      assertThat(error).isLessThan(before);
      before = error;
    }
    assertThat(before).isLessThan(0.3);
  }

  private static Features.Columns columns(double[] numbers, int[] codes, int from, int to) {
    return new Features.Columns(
        List.of(
            new Column.Numbers("x", Arrays.copyOfRange(numbers, from, to)),
            new Column.Categories("c", Arrays.copyOfRange(codes, from, to))));
  }

  private static int right(Predictions found, int[] labels) {
    int[] classes = found.classes();
    return (int) IntStream.range(0, 100).filter(i -> classes[i] == labels[500 + i]).count();
  }

  @Test
  void oneClassLeavesTheMajorityAlone() {
    Features.Texts texts = new Features.Texts(List.of("a word", "more words"));
    var result = TaskYardsticks.classification(texts, new int[] {1, 1}, 3, texts);
    assertThat(result.predictions()).hasSize(1);
    assertThat(result.predictions().getFirst().outputs()[0]).containsExactly(0, 1, 0);
    assertThat(result.leftOut()).hasSize(1);
    var equal = TaskYardsticks.regression(texts, new double[] {4, 4}, texts);
    assertThat(equal.predictions()).hasSize(2);
    assertThat(equal.predictions().getFirst().numbers()).containsExactly(4, 4);
  }

  @Test
  void labelsAreLearntOneByOne() {
    Random random = new Random(3);
    List<String> texts = new ArrayList<>();
    boolean[][] labels = new boolean[240][3];
    for (int i = 0; i < labels.length; i++) {
      labels[i][0] = random.nextBoolean();
      labels[i][1] = random.nextBoolean();
      texts.add((labels[i][0] ? "red " : "grey ") + (labels[i][1] ? "round" : "square"));
    }
    var result =
        TaskYardsticks.multiLabel(
            new Features.Texts(texts.subList(0, 200)),
            Arrays.copyOf(labels, 200),
            new Features.Texts(texts.subList(200, 240)));
    double[][] outputs = result.predictions().getLast().outputs();
    for (int i = 0; i < 40; i++) {
      assertThat(outputs[i][0] > 0.5).isEqualTo(labels[200 + i][0]);
      assertThat(outputs[i][1] > 0.5).isEqualTo(labels[200 + i][1]);
      assertThat(outputs[i][2]).isZero();
    }
  }

  @Test
  void picturesAreShrunkBeforeTheyAreMany() {
    float[][] pictures = new float[120][64 * 64 * 3];
    int[] labels = new int[120];
    Random random = new Random(4);
    for (int i = 0; i < 120; i++) {
      labels[i] = i % 3;
      for (int p = 0; p < pictures[i].length; p++) {
        pictures[i][p] = random.nextInt(100) + (p % 3 == labels[i] ? 100 : 0);
      }
    }
    Features.Pictures training =
        new Features.Pictures(64, 64, 3, Arrays.copyOfRange(pictures, 0, 90));
    Features.Pictures test =
        new Features.Pictures(64, 64, 3, Arrays.copyOfRange(pictures, 90, 120));
    var result = TaskYardsticks.classification(training, Arrays.copyOf(labels, 90), 3, test);
    assertThat(result.predictions().getLast().classes())
        .isEqualTo(Arrays.copyOfRange(labels, 90, 120));
    assertThat(result.predictions().getLast().saw()).contains("shrunk to 16 × 16");
  }

  @Test
  void tfIdfIsThatOfScikitLearn() {
    // TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True) gives these for the first document.
    Features.Texts texts =
        new Features.Texts(List.of("The cat, the CAT sat.", "A dog sat on the cat", "on and on"));
    SparseRows rows = TfIdf.fit(texts, ALL);
    Feature[] row = rows.row(texts, 0);
    double[] values = Arrays.stream(row).mapToDouble(Feature::getValue).sorted().toArray();
    double rare = 1 + Math.log(4.0 / 2);
    double common = 1 + Math.log(4.0 / 3);
    double twice = 1 + Math.log(2);
    // the, cat and "the cat" twice; sat once; "cat the" and "cat sat" occur in this one alone.
    double[] expected = {common * twice, common * twice, common * twice, common, rare, rare};
    double norm = Math.sqrt(Arrays.stream(expected).map(v -> v * v).sum());
    double[] scaled = Arrays.stream(expected).map(v -> v / norm).sorted().toArray();
    assertThat(values).containsExactly(scaled, within(1e-12));
    assertThat(
            IntStream.range(1, row.length).allMatch(i -> row[i].getIndex() > row[i - 1].getIndex()))
        .isTrue();
  }

  @Test
  void biasesTellGenerousUsersFromStrictOnes() {
    int[] users = new int[200];
    int[] items = new int[200];
    double[] ratings = new double[200];
    for (int i = 0; i < 200; i++) {
      users[i] = i / 20;
      items[i] = i % 20;
      ratings[i] = 3 + (users[i] < 5 ? 1 : -1) + (items[i] < 10 ? 0.5 : -0.5);
    }
    var result =
        RatingYardsticks.biases(users, items, ratings, new int[] {0, 9, -1}, new int[] {0, 19, -1});
    assertThat(result.predictions().getFirst().numbers()).containsExactly(3, 3, 3);
    double[] told = result.predictions().getLast().numbers();
    assertThat(told[0]).isCloseTo(4.5, within(0.6));
    assertThat(told[1]).isCloseTo(1.5, within(0.6));
    assertThat(told[2]).isEqualTo(3);
    assertThat(RatingYardsticks.popularity(new int[] {2, 0, 2}, 4)).containsExactly(1, 0, 2, 0);
  }

  @Test
  void aTranslationMemoryWritesTheNearestTarget() {
    var written =
        TextYardsticks.sequenceToSequence(
            List.of("a dog runs", "two men sit", "a cat sleeps"),
            List.of("ein Hund rennt", "zwei Männer sitzen", "eine Katze schläft"),
            List.of("a cat runs and sleeps", "men sit", "nothing known"));
    assertThat(written.getFirst().texts()).contains("men sit");
    assertThat(written.getLast().texts())
        .containsExactly("eine Katze schläft", "zwei Männer sitzen", "ein Hund rennt");
  }
}
