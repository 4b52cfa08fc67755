package dev.slipway.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class SamplerTest {
  /** Fixture by {@code reference/sampler.py}. */
  @Test
  void distributionsEqualTransformers() throws IOException {
    JsonNode fixture;
    try (InputStream in =
        Objects.requireNonNull(
            SamplerTest.class.getResourceAsStream("/dev/slipway/infer/sampler.json"))) {
      fixture =
          Json.parse(new String(in.readAllBytes(), StandardCharsets.UTF_8), "sampler.json")
              .get("cases");
    }
    assertThat(fixture.size()).isGreaterThan(10);
    for (JsonNode example : fixture) {
      JsonNode settings = example.get("settings");
      Sampler sampler =
          new Sampler(
              new Sampling(
                  settings.path("temperature").asDouble(1),
                  settings.path("top_k").asInt(0),
                  settings.path("top_p").asDouble(1),
                  settings.path("min_p").asDouble(0),
                  settings.path("repetition_penalty").asDouble(1),
                  0,
                  0,
                  Map.of(),
                  0));
      example.get("seen").forEach(id -> sampler.saw(id.asInt()));
      float[] logits = new float[example.get("logits").size()];
      for (int i = 0; i < logits.length; i++) {
        logits[i] = (float) example.get("logits").get(i).asDouble();
      }
      double[] came = sampler.distribution(logits);
      for (int i = 0; i < came.length; i++) {
        assertThat(came[i])
            .as("%s, token %s", settings, i)
            .isCloseTo(example.get("probabilities").get(i).asDouble(), within(1e-6));
      }
    }
  }

  @Test
  void temperatureZeroTakesTheLowestOfTheLikeliest() {
    assertThat(new Sampler(Sampling.GREEDY).next(new float[] {1, 3, 3, 2})).isEqualTo(1);
  }

  @Test
  void drawsFollowTheDistributionAndTheSeed() {
    Sampling sampling = Sampling.GREEDY.withTemperature(1).withSeed(5);
    float[] logits = {0, (float) Math.log(2), (float) Math.log(5)};
    Sampler sampler = new Sampler(sampling);
    int[] counts = new int[3];
    IntStream.range(0, 8000).forEach(_ -> counts[sampler.next(logits)]++);
    assertThat(counts[0]).isBetween(850, 1150);
    assertThat(counts[2]).isBetween(4800, 5200);
    Sampler first = new Sampler(sampling);
    Sampler same = new Sampler(sampling);
    Sampler other = new Sampler(sampling.withSeed(6));
    int[] draws = IntStream.range(0, 50).map(_ -> first.next(logits)).toArray();
    assertThat(IntStream.range(0, 50).map(_ -> same.next(logits)).toArray()).isEqualTo(draws);
    assertThat(IntStream.range(0, 50).map(_ -> other.next(logits)).toArray()).isNotEqualTo(draws);
  }

  /** OpenAI's API reference: μ[j] − c[j] α_frequency − (c[j] > 0) α_presence, after the biases. */
  @Test
  void whatWasChosenIsPenalisedAndBiasesAreAdded() {
    float[] logits = {2, 1.5f, 1, 0};
    Sampler sampler =
        new Sampler(
            Sampling.GREEDY
                .withFrequencyPenalty(0.25)
                .withPresencePenalty(0.5)
                .withBias(Map.of(3, 0.8, 2, -100.0, 9, 5.0)));
    sampler.saw(0); // in the prompt, which doesn't count
    int[] chosen = IntStream.range(0, 6).map(_ -> sampler.next(logits)).toArray();
    // 0: 2, 1.25, 1, 0.75, 0.5; 1: 1.5, 0.75, 0.5; 3: 0.8, 0.05
    assertThat(chosen).containsExactly(0, 1, 0, 0, 3, 0);
    double[] left = sampler.distribution(logits);
    double[] scores = {0.5, 0.75, -99, 0.05};
    double sum = IntStream.range(0, 4).mapToDouble(i -> Math.exp(scores[i])).sum();
    for (int i = 0; i < 4; i++) {
      assertThat(left[i]).isCloseTo(Math.exp(scores[i]) / sum, within(1e-12));
    }
  }

  @Test
  void fewOfManyAreKeptAsByASort() {
    SplittableRandom random = new SplittableRandom(8);
    float[] logits = new float[5000];
    for (int i = 0; i < logits.length; i++) {
      logits[i] = (float) Math.rint(random.nextGaussian() * 40) / 10; // many are equal
    }
    for (int k : new int[] {1, 2, 40, 256, 257, 4999}) {
      float[] sorted = logits.clone();
      Arrays.sort(sorted);
      float least = sorted[sorted.length - k];
      double[] kept =
          new Sampler(Sampling.GREEDY.withTemperature(1).withTopK(k)).distribution(logits);
      for (int i = 0; i < kept.length; i++) {
        assertThat(kept[i] > 0).as("%s of %s", i, k).isEqualTo(logits[i] >= least);
      }
    }
    double[] all = new Sampler(Sampling.GREEDY.withTemperature(1)).distribution(logits);
    double[] most =
        new Sampler(Sampling.GREEDY.withTemperature(1).withTopP(0.9)).distribution(logits);
    double share =
        IntStream.range(0, all.length).filter(i -> most[i] > 0).mapToDouble(i -> all[i]).sum();
    double smallest =
        IntStream.range(0, all.length)
            .filter(i -> most[i] > 0)
            .mapToDouble(i -> all[i])
            .min()
            .orElseThrow();
    assertThat(share).isGreaterThanOrEqualTo(0.9);
    assertThat(share - smallest).isLessThan(0.9);
  }

  @Test
  void settingsOutOfRangeAreRefused() {
    assertThatThrownBy(() -> Sampling.GREEDY.withTopP(0))
        .isInstanceOf(SlipwayException.class)
        .hasMessageContaining("top-p is 0.0, expected more than 0, to 1");
    assertThatThrownBy(() -> Sampling.GREEDY.withTemperature(Double.NaN))
        .isInstanceOf(SlipwayException.class);
    assertThatThrownBy(() -> Sampling.GREEDY.withTopK(-1)).isInstanceOf(SlipwayException.class);
  }

  @Test
  void idsThatTheTokenizerLacksAreNeverChosen() {
    float[] logits = {1, 3, 9, 8};
    assertThat(new Sampler(Sampling.GREEDY, 2).next(logits)).isEqualTo(1);
    Sampler drawing = new Sampler(Sampling.GREEDY.withTemperature(2).withSeed(3), 2);
    for (int i = 0; i < 100; i++) {
      assertThat(drawing.next(logits)).isLessThan(2);
    }
    assertThat(drawing.ahead().next(logits)).isLessThan(2);
    assertThat(TokenLogprob.of(0, logits, 2, 4).top())
        .extracting(TokenLogprob.Candidate::id)
        .containsExactly(1, 0);
  }
}
