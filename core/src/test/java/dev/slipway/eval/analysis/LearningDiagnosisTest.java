package dev.slipway.eval.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.eval.analysis.LearningDiagnosis.Finding;
import dev.slipway.eval.analysis.LearningDiagnosis.Kind;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LearningDiagnosisTest {
  private static final double CHANCE = Math.log(2);
  private static final long[] EVEN = {5_000, 5_000};

  private static double[] epochs(int count, IntToDoubleFunction loss) {
    return IntStream.range(0, count).mapToDouble(loss).toArray();
  }

  private static List<Kind> kinds(double[] training, double[] validation) {
    return kinds(curves(training, validation, 10_000, 50_000, EVEN, 0.9, 0.9));
  }

  private static List<Kind> kinds(LearningCurves curves) {
    return LearningDiagnosis.of(curves).stream().map(Finding::kind).toList();
  }

  private static LearningCurves curves(
      double[] training,
      double[] validation,
      long examples,
      long parameters,
      long[] counts,
      double accuracy,
      double balanced) {
    return new LearningCurves(
        training, validation, CHANCE, examples, parameters, counts, accuracy, balanced);
  }

  @Test
  void bothFallingAndLevelIsHealthy() {
    double[] training = epochs(20, e -> 0.15 + 0.5 * Math.exp(-e / 2.0));
    double[] validation = epochs(20, e -> 0.2 + 0.5 * Math.exp(-e / 2.0));
    assertThat(kinds(training, validation)).containsExactly(Kind.HEALTHY);
  }

  @Test
  void validationRisingWhileTrainingFallsIsOverfitting() {
    double[] training = epochs(10, e -> 0.6 / (1 + e));
    double[] validation = epochs(10, e -> 0.35 + 0.01 * (e - 3) * (e - 3));
    assertThat(kinds(training, validation)).containsExactly(Kind.OVERFITTING);
    Finding finding =
        LearningDiagnosis.of(curves(training, validation, 10_000, 50_000, EVEN, 0.9, 0.9))
            .getFirst();
    assertThat(finding.finding()).contains("from epoch 4 to 10", "from 0.350 to 0.710");
    assertThat(finding.tryNext()).contains("Stop at epoch 4");
  }

  @Test
  void fewExamplesForManyParametersIsSaidBesideOverfitting() {
    double[] training = epochs(10, e -> 0.6 / (1 + e));
    double[] validation = epochs(10, e -> 0.45 + 0.01 * (e - 2) * (e - 2));
    assertThat(kinds(curves(training, validation, 150, 90_000, new long[] {70, 80}, 0.8, 0.8)))
        .containsExactly(Kind.OVERFITTING, Kind.TOO_LITTLE_DATA);
  }

  @Test
  void levelHalfwayToChanceIsUnderfitting() {
    double[] training = epochs(12, e -> 0.5 + 0.15 * Math.exp(-e));
    double[] validation = epochs(12, e -> 0.505 + 0.15 * Math.exp(-e));
    assertThat(kinds(training, validation)).containsExactly(Kind.UNDERFITTING);
  }

  @Test
  void neverBelowChanceIsNotLearning() {
    double[] level = epochs(5, e -> 0.6931);
    assertThat(kinds(level, level)).containsExactly(Kind.NOT_LEARNING);
  }

  @Test
  void stillFallingAtTheEndIsNotConverged() {
    double[] training = epochs(8, e -> 0.65 - 0.05 * e);
    double[] validation = epochs(8, e -> 0.66 - 0.05 * e);
    assertThat(kinds(training, validation)).containsExactly(Kind.NOT_CONVERGED);
  }

  @Test
  void jumpsAndLossesThatAreNoNumbersAreUnstable() {
    double[] jump = {0.6, 0.4, 0.3, 0.9, 0.3, 0.2};
    assertThat(kinds(jump, jump)).contains(Kind.UNSTABLE);
    double[] broken = {0.6, Double.NaN};
    List<Finding> found =
        LearningDiagnosis.of(curves(broken, new double[0], 10, 10, EVEN, 0.5, 0.5));
    assertThat(found.getFirst().kind()).isEqualTo(Kind.UNSTABLE);
    assertThat(found.getFirst().finding()).contains("epoch 2 is not a number");
  }

  @Test
  void rareClassesThatAreMissedAreSaid() {
    double[] training = epochs(20, e -> 0.15 + 0.5 * Math.exp(-e / 2.0));
    long[] uneven = {9_500, 500};
    assertThat(kinds(curves(training, training, 10_000, 50_000, uneven, 0.95, 0.55)))
        .containsExactly(Kind.IMBALANCE);
    assertThat(kinds(curves(training, training, 10_000, 50_000, uneven, 0.95, 0.94)))
        .containsExactly(Kind.HEALTHY);
  }

  @Test
  void withoutEpochsOrValidationNothingIsKnown() {
    double[] none = {};
    assertThat(kinds(none, none)).containsExactly(Kind.UNKNOWN);
    assertThat(kinds(epochs(5, e -> 0.5 / (1 + e)), none)).containsExactly(Kind.UNKNOWN);
  }

  @Test
  void chanceIsTheEntropyOfTheClasses() {
    assertThat(LearningCurves.chanceLogLoss(EVEN)).isEqualTo(CHANCE);
    assertThat(LearningCurves.chanceLogLoss(new long[] {7, 0})).isZero();
  }
}
