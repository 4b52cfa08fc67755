package dev.slipway.eval.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class LanguageModelMetricsTest {
  @Test
  void figuresAndIntervalsEqualNumPyOnTheSameResamples() throws IOException {
    JsonNode fixture = fixture();
    List<DocumentScore> scores = new ArrayList<>();
    for (JsonNode d : fixture.get("documents")) {
      scores.add(
          new DocumentScore(
              "d" + scores.size(),
              d.get("nats").asDouble(),
              d.get("tokens").asLong(),
              d.get("correct").asLong(),
              d.get("bytes").asLong()));
    }
    LanguageModelMetrics metrics = LanguageModelMetrics.of(scores, fixture.get("seed").asLong());
    assertInterval(metrics.lossPerToken(), fixture.get("lossPerToken"));
    assertInterval(metrics.perplexity(), fixture.get("perplexity"));
    assertInterval(metrics.bitsPerByte(), fixture.get("bitsPerByte"));
    assertInterval(metrics.accuracy(), fixture.get("accuracy"));
    assertThat(metrics.documents()).isEqualTo(37);

    double width = metrics.bitsPerByte().high() - metrics.bitsPerByte().low();
    JsonNode scipy = fixture.get("scipyBitsPerByte");
    assertThat(metrics.bitsPerByte().low())
        .isCloseTo(scipy.get(0).asDouble(), within(0.05 * width));
    assertThat(metrics.bitsPerByte().high())
        .isCloseTo(scipy.get(1).asDouble(), within(0.05 * width));
  }

  @Test
  void byHand() {
    List<DocumentScore> scores =
        List.of(
            new DocumentScore("a", 4 * Math.log(2), 4, 1, 8),
            new DocumentScore("b", 12 * Math.log(2), 4, 3, 8));
    LanguageModelMetrics metrics = LanguageModelMetrics.of(scores, 1);
    assertThat(metrics.bitsPerByte().estimate()).isCloseTo(1.0, within(1e-15));
    assertThat(metrics.perplexity().estimate()).isCloseTo(4.0, within(1e-12));
    assertThat(metrics.accuracy().estimate()).isEqualTo(0.5);
    // Of two documents, both draws fall on the same one in half of all resamples.
    assertThat(metrics.bitsPerByte().low()).isCloseTo(0.5, within(1e-15));
    assertThat(metrics.bitsPerByte().high()).isCloseTo(1.5, within(1e-15));
  }

  @Test
  void aDifferenceOfThemselvesIsNothing() {
    double[] nats = {3, 5, 9};
    Interval none = new ClusterBootstrap(3).difference(nats, nats, new double[] {1, 2, 3});
    assertThat(none).isEqualTo(new Interval(0, 0, 0));
  }

  @Property(tries = 50)
  void theIntervalLiesAmongTheDocuments(
      @ForAll @Size(min = 1, max = 30) List<@DoubleRange(min = 0, max = 9) Double> nats) {
    double[] numerators = nats.stream().mapToDouble(d -> d).toArray();
    double[] ones = nats.stream().mapToDouble(d -> 1).toArray();
    Interval mean = new ClusterBootstrap(5, 200).ratio(numerators, ones);
    double least = nats.stream().mapToDouble(d -> d).min().orElseThrow();
    double most = nats.stream().mapToDouble(d -> d).max().orElseThrow();
    assertThat(mean.low()).isBetween(least - 1e-9, mean.high());
    assertThat(mean.high()).isLessThanOrEqualTo(most + 1e-9);
    assertThat(mean).isEqualTo(new ClusterBootstrap(5, 200).ratio(numerators, ones));
  }

  @Test
  void noTextIsRefusedAndSoAreImpossibleScores() {
    assertThatThrownBy(() -> LanguageModelMetrics.of(List.of(), 1))
        .isInstanceOf(SlipwayException.class)
        .hasMessageContaining("0 held-out documents");
    assertThatThrownBy(() -> new DocumentScore("x", Double.NaN, 1, 0, 1))
        .hasMessageContaining("NaN");
    assertThatThrownBy(() -> new DocumentScore("x", 1, 1, 2, 1)).hasMessageContaining("2 correct");
  }

  private static void assertInterval(Interval interval, JsonNode expected) {
    assertThat(interval.estimate()).isCloseTo(expected.get(0).asDouble(), within(1e-12));
    assertThat(interval.low()).isCloseTo(expected.get(1).asDouble(), within(1e-12));
    assertThat(interval.high()).isCloseTo(expected.get(2).asDouble(), within(1e-12));
  }

  private static JsonNode fixture() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(
            LanguageModelMetricsTest.class.getResourceAsStream("/dev/slipway/eval/metrics.json"))) {
      return Json.MAPPER.readTree(in.readAllBytes());
    }
  }
}
