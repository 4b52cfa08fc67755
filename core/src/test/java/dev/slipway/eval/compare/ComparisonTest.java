package dev.slipway.eval.compare;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.eval.metric.Better;
import java.io.IOException;
import java.io.InputStream;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class ComparisonTest {
  private static boolean[] right(int examples, double share, long seed) {
    Random random = new Random(seed);
    boolean[] right = new boolean[examples];
    for (int i = 0; i < examples; i++) {
      right[i] = random.nextDouble() < share;
    }
    return right;
  }

  @Test
  void aClearDifferenceIsToldWithItsProbability() {
    Comparison comparison =
        Comparison.ofCorrectness(right(2_000, 0.80, 1), right(2_000, 0.88, 2), 5);
    assertThat(comparison.isDecided()).isTrue();
    assertThat(comparison.probability()).isGreaterThan(0.99);
    assertThat(comparison.sentence("A", "B"))
        .startsWith("B is better than A with a probability of ")
        .contains("accuracy", "on 2,000 examples", "McNemar's exact p = ")
        .doesNotContain("\n");
    Comparison other = Comparison.ofCorrectness(right(2_000, 0.88, 2), right(2_000, 0.80, 1), 5);
    assertThat(other.sentence("A", "B")).startsWith("A is better than B with a probability of ");
    assertThat(other.difference().estimate()).isEqualTo(-comparison.difference().estimate());
  }

  @Test
  void aSmallDifferenceIsToldAsUndecided() {
    Comparison comparison = Comparison.ofCorrectness(right(100, 0.8, 1), right(100, 0.82, 2), 5);
    assertThat(comparison.isDecided()).isFalse();
    assertThat(comparison.sentence("one", "two"))
        .startsWith("It can't be told from these examples whether two is better than one");
  }

  @Test
  void theSameAnswersAreNoDifference() {
    boolean[] answers = right(50, 0.7, 1);
    Comparison comparison = Comparison.ofCorrectness(answers, answers, 5);
    assertThat(comparison.probability()).isEqualTo(0.5);
    assertThat(requireNonNull(comparison.mcNemar()).exact()).isEqualTo(1);
    assertThat(comparison.sentence("A", "B")).startsWith("B and A do the same");
  }

  @Test
  void ofLossesTheLowerOneIsBetterAndPairingTakesOutHowHardAnExampleIs() {
    Random random = new Random(4);
    double[] first = new double[30_000];
    double[] second = new double[30_000];
    for (int i = 0; i < first.length; i++) {
      double hard = 10 * random.nextDouble();
      first[i] = hard;
      second[i] = hard - 0.01 + 0.1 * random.nextGaussian();
    }
    Comparison comparison = Comparison.ofMeans("loss", Better.LOWER, first, second, 3);
    assertThat(comparison.probability()).isGreaterThan(0.99);
    assertThat(comparison.sentence("A", "B")).startsWith("B is better than A");
    // Of 10,000 drawn rows the width must still be that of 30,000: 2 · 1.96 · 0.1 / √n.
    assertThat(comparison.difference().high() - comparison.difference().low())
        .isCloseTo(2 * 1.96 * 0.1 / Math.sqrt(30_000), within(3e-4));
    assertThat(comparison).isEqualTo(Comparison.ofMeans("loss", Better.LOWER, first, second, 3));
  }

  private static void assertNear(Comparison ours, JsonNode scipy, double step) {
    double low = scipy.at("/interval/0").asDouble();
    double high = scipy.at("/interval/1").asDouble();
    // Of 2,000 draws an end lies within a few hundredths of the width, and on a share's steps.
    double near = 0.06 * (high - low) + step;
    assertThat(ours.difference().low()).isCloseTo(low, within(near));
    assertThat(ours.difference().high()).isCloseTo(high, within(near));
    assertThat(ours.probability()).isCloseTo(scipy.path("ahead").asDouble(), within(0.03));
  }

  @Test
  void comesNearScipysPairedBootstrapAndEqualsStatsmodelsMcNemar() throws IOException {
    try (InputStream in =
        requireNonNull(ComparisonTest.class.getResourceAsStream("/dev/slipway/eval/paired.json"))) {
      for (JsonNode each : Json.parse(new String(in.readAllBytes(), UTF_8), "paired.json")) {
        double[] first = each.path("first").valueStream().mapToDouble(JsonNode::asDouble).toArray();
        double[] second =
            each.path("second").valueStream().mapToDouble(JsonNode::asDouble).toArray();
        assertNear(
            Comparison.ofMeans("loss", Better.LOWER, first, second, 7), each.path("loss"), 0);
        boolean[] was = new boolean[first.length];
        boolean[] now = new boolean[first.length];
        for (int i = 0; i < was.length; i++) {
          was[i] = first[i] < each.path("limit").asDouble();
          now[i] = second[i] < each.path("limit").asDouble();
        }
        Comparison shares = Comparison.ofCorrectness(was, now, 7);
        assertNear(shares, each.path("accuracy"), 1.0 / was.length);
        assertThat(requireNonNull(shares.mcNemar()).exact())
            .isCloseTo(each.path("mcnemar").asDouble(), within(1e-12));
      }
    }
  }

  @Test
  void anyFigureIsComparedFromTheSameDraws() {
    double[] first = new Random(1).doubles(500).toArray();
    Comparison comparison =
        Comparison.of(
            "maximum",
            Better.HIGHER,
            500,
            drawn -> largest(first, drawn),
            drawn -> largest(first, drawn) + 1,
            3);
    assertThat(comparison.difference().low()).isCloseTo(1, within(1e-12));
    assertThat(comparison.probability()).isEqualTo(1);
  }

  private static double largest(double[] values, int[] drawn) {
    double largest = Double.NEGATIVE_INFINITY;
    for (int i : drawn) {
      largest = Math.max(largest, values[i]);
    }
    return largest;
  }

  @Test
  void oneExampleDecidesNothing() {
    Comparison comparison =
        Comparison.ofMeans("loss", Better.LOWER, new double[] {2}, new double[] {1}, 1);
    assertThat(comparison.isDecided()).isFalse();
    assertThat(comparison.sentence("A", "B")).startsWith("It can't be told");
  }

  @Test
  void unequalNumbersAreRefused() {
    assertThatThrownBy(() -> Comparison.ofCorrectness(new boolean[2], new boolean[3], 1))
        .isInstanceOf(SlipwayException.class)
        .hasMessageContaining("2 of answers of the first and 3 of answers of the second");
  }
}
