package dev.slipway.eval.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.eval.metric.Better;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AnalysisTest {
  @Test
  void aSliceThatIsWorseIsFlaggedAndComesFirst() {
    Random random = new Random(1);
    int n = 2_000;
    double[] right = new double[n];
    int[] kind = new int[n];
    double[] length = new double[n];
    for (int i = 0; i < n; i++) {
      kind[i] = i % 5;
      length[i] = i % 97;
      right[i] = random.nextDouble() < (kind[i] == 3 ? 0.7 : 0.9) ? 1 : 0;
    }
    length[7] = Double.NaN;
    List<Slice> slices =
        Slices.of(
            right,
            Better.HIGHER,
            List.of(
                new SliceBy.Number("length", length),
                new SliceBy.Category("kind", List.of("a", "b", "c", "d", "e"), kind)),
            1);
    assertThat(slices).hasSize(10);
    Slice first = slices.getFirst();
    assertThat(first.part()).isEqualTo("d");
    assertThat(first.flagged()).isTrue();
    assertThat(first.examples()).isEqualTo(400);
    assertThat(first.value()).isCloseTo(0.7, within(0.06));
    assertThat(first.interval()).matches(interval -> interval.contains(first.value()));
    assertThat(first.rest()).isCloseTo(0.9, within(0.03));
    assertThat(slices.stream().filter(Slice::flagged)).hasSize(1);
    assertThat(slices.stream().map(Slice::part)).contains("0 to 23", "missing");
    assertThat(
            slices.stream().filter(s -> s.part().equals("missing")).findFirst().orElseThrow().p())
        .isNaN();
  }

  @Test
  void chanceAloneFlagsFewSlices() {
    int flagged = 0;
    for (int trial = 0; trial < 40; trial++) {
      Random random = new Random(trial);
      double[] error = random.doubles(600).toArray();
      int[] of = random.ints(600, 0, 10).toArray();
      List<String> names = List.of("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");
      List<Slice> slices =
          Slices.of(error, Better.LOWER, List.of(new SliceBy.Category("c", names, of)), 1);
      flagged += slices.stream().anyMatch(Slice::flagged) ? 1 : 0;
    }
    // 5 % of 40 trials are 2; without care for many tests it would be 16.
    assertThat(flagged).isLessThanOrEqualTo(6);
  }

  @Test
  void normalTailsAreThoseOfTheTables() {
    assertThat(Normal.upperTail(0)).isCloseTo(0.5, within(1e-7));
    assertThat(Normal.upperTail(1.959963984540054)).isCloseTo(0.025, within(1e-7));
    assertThat(Normal.upperTail(-1.6448536269514722)).isCloseTo(0.95, within(1e-7));
  }

  @Test
  void worstErrorsComeByLoss() {
    assertThat(WorstErrors.of(new double[] {1, 5, Double.NaN, 5, 0}, 3)).containsExactly(2, 1, 3);
    assertThat(WorstErrors.of(new double[] {1}, 3)).containsExactly(0);
    assertThat(WorstErrors.spread(10, 3)).containsExactly(0, 3, 6);
    assertThat(WorstErrors.logLosses(new int[] {1}, new double[][] {{1, 0}})[0])
        .isCloseTo(34.54, within(0.01));
  }

  @Test
  void fairnessComparesTheRatesOfGroups() {
    // Ten of each group, five truly positive: of the first 4 + 1 are called positive, of the second
    // 2 + 0.
    int[] truth = new int[21];
    int[] told = new int[21];
    int[] group = new int[21];
    for (int i = 0; i < 20; i++) {
      group[i] = i / 10;
      truth[i] = i % 10 < 5 ? 1 : 0;
    }
    for (int positive : new int[] {0, 1, 2, 3, 9, 10, 11}) {
      told[positive] = 1;
    }
    group[20] = -1;
    Fairness fairness =
        Fairness.of("sex", "selected", truth, told, List.of("female", "male", "other"), group);
    assertThat(fairness.groups()).hasSize(2);
    assertThat(fairness.groups().getFirst().selectionRate().estimate()).isEqualTo(0.5);
    assertThat(fairness.selectionRatio()).isCloseTo(0.4, within(1e-12));
    assertThat(fairness.selectionDifference()).isCloseTo(0.3, within(1e-12));
    assertThat(fairness.truePositiveDifference()).isCloseTo(0.4, within(1e-12));
    assertThat(fairness.falsePositiveDifference()).isCloseTo(0.2, within(1e-12));
    assertThat(Fairness.bandNames(25, 40)).containsExactly("up to 25", "26 to 40", "over 40");
    assertThat(Fairness.bands(new double[] {25, 26, 41, Double.NaN}, 25, 40))
        .containsExactly(0, 1, 2, -1);
  }

  @Test
  void theThresholdOfLeastCostComesFromValidationAlone() {
    CostMatrix matrix = new CostMatrix(List.of("good", "bad"), new double[][] {{0, 1}, {5, 0}});
    Random random = new Random(5);
    int[] truth = new int[1_000];
    double[] told = new double[1_000];
    for (int i = 0; i < truth.length; i++) {
      told[i] = random.nextDouble();
      truth[i] = random.nextDouble() < told[i] ? 1 : 0;
    }
    int[] validation = Arrays.copyOf(truth, 500);
    double[] validationTold = Arrays.copyOf(told, 500);
    int[] test = Arrays.copyOfRange(truth, 500, 1_000);
    double[] testTold = Arrays.copyOfRange(told, 500, 1_000);
    CostMatrix.Outcome outcome = matrix.leastCost(validation, validationTold, test, testTold, 1);
    // Calibrated probabilities are cut best at 1 / (1 + 5).
    assertThat(outcome.threshold()).isCloseTo(1 / 6.0, within(0.08));
    assertThat(outcome.testCost()).isLessThan(outcome.usualCost());
    assertThat(outcome.testCost()).isLessThan(outcome.constantCost());
    assertThat(outcome.constantClass()).isEqualTo("bad");
    assertThat(outcome.test()).matches(interval -> interval.contains(outcome.testCost()));
    // Whatever the test examples are, the threshold stays.
    assertThat(
            matrix
                .leastCost(validation, validationTold, new int[] {0, 1}, new double[] {1, 0}, 1)
                .threshold())
        .isEqualTo(outcome.threshold());
  }

  @Test
  void costsAreThoseOfTwoClasses() {
    double[][] negative = {{0, -1}, {1, 0}};
    assertThatThrownBy(() -> new CostMatrix(List.of("a", "b"), negative))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[[0.0, -1.0], [1.0, 0.0]]");
    double[][] three = {{0, 1, 1}, {1, 0, 1}, {50, 50, 0}};
    assertThatThrownBy(() -> new CostMatrix(List.of("a", "b", "c"), three))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected 2 classes");
  }

  @Test
  void foldsHaveAMeanAndASpread() {
    CrossValidation folds =
        new CrossValidation(
            "stratified",
            List.of("auc", "f1"),
            List.of(
                new CrossValidation.Fold("1", 80, 20, new double[] {0.7, 0.5}),
                new CrossValidation.Fold("2", 80, 20, new double[] {0.9, Double.NaN})));
    CrossValidation.Summary auc = folds.summaries().getFirst();
    assertThat(auc.mean()).isCloseTo(0.8, within(1e-12));
    assertThat(auc.deviation()).isCloseTo(Math.sqrt(0.02), within(1e-12));
    assertThat(folds.summaries().getLast().folds()).isEqualTo(1);
    assertThat(folds.summaries().getLast().deviation()).isNaN();
  }
}
