package dev.slipway.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.base.Json;
import dev.slipway.data.example.Field;
import dev.slipway.data.example.MemoryExamples;
import dev.slipway.data.feature.FeatureConfig;
import dev.slipway.data.feature.Keep;
import dev.slipway.data.feature.TokensFeature;
import dev.slipway.eval.metric.text.AnswerScore;
import dev.slipway.tokenizer.TokenSequence;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Beside Hugging Face's example and SQuAD's script: {@code reference/span_answering.py}. */
class SpanReaderTest {
  private static Path resource(String name) {
    try {
      return Path.of(Objects.requireNonNull(SpanReaderTest.class.getResource(name), name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private final JsonNode expected = Json.read(resource("spans.json"));

  private SpanReader reader() {
    FeatureConfig.Tokens config =
        new FeatureConfig.Tokens(
            Optional.of("question"),
            Optional.of("context"),
            expected.get("length").asInt(),
            Keep.BEGINNING,
            false,
            Optional.of(expected.get("stride").asInt()),
            resource("/dev/slipway/model/pretrained/sentence-mean").toString(),
            "input_ids");
    MemoryExamples none =
        new MemoryExamples(
            List.of(new Field("question", Field.Kind.TEXT), new Field("context", Field.Kind.TEXT)),
            List.of());
    return new SpanReader((TokensFeature) config.fit(none, new int[0]));
  }

  private static int[] ints(JsonNode list) {
    int[] values = new int[list.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = list.get(i).asInt();
    }
    return values;
  }

  private static float[] floats(JsonNode list) {
    float[] values = new float[list.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) list.get(i).asDouble();
    }
    return values;
  }

  @Test
  void windowsPlacesAndAnswersAreTheirs() {
    SpanReader reader = reader();
    for (JsonNode one : expected.get("cases")) {
      String context = one.get("context").asString();
      List<TokenSequence> windows =
          reader.windows(List.of(one.get("question").asString()), List.of(context)).getFirst();
      assertThat(windows).hasSize(one.get("windows").size());
      int start = one.get("start").isNull() ? -1 : one.get("start").asInt();
      int end = start < 0 ? -1 : start + (int) one.get("answer").asString().codePoints().count();
      List<float[][]> logits = new ArrayList<>();
      for (int i = 0; i < windows.size(); i++) {
        JsonNode window = one.get("windows").get(i);
        assertThat(windows.get(i).ids()).isEqualTo(ints(window.get("ids")));
        assertThat(windows.get(i).types()).isEqualTo(ints(window.get("types")));
        assertThat(SpanReader.place(windows.get(i), start, end))
            .as(context)
            .isEqualTo(ints(window.get("place")));
        logits.add(
            new float[][] {
              floats(window.get("logits").get(0)), floats(window.get("logits").get(1))
            });
      }
      answers(one, "told", "best", context, windows, logits, false);
      answers(one, "told_null", "best_null", context, windows, logits, true);
    }
  }

  private void answers(
      JsonNode one,
      String told,
      String best,
      String context,
      List<TokenSequence> windows,
      List<float[][]> logits,
      boolean unanswerable) {
    List<Answer.Span> spans =
        SpanReader.best(
                context,
                windows,
                logits,
                new SpanReader.Search(
                    expected.get("longest").asInt(),
                    expected.get("candidates").asInt(),
                    unanswerable,
                    0))
            .best();
    assertThat(spans.getFirst().text()).isEqualTo(one.get(told).asString());
    assertThat(spans).hasSize(one.get(best).size());
    for (JsonNode each : one.get(best)) {
      assertThat(spans)
          .anySatisfy(
              span -> {
                assertThat(span.text()).isEqualTo(each.get(0).asString());
                assertThat(span.probability()).isCloseTo(each.get(1).asDouble(), within(1e-9));
                assertThat(context.substring(span.start(), span.end())).isEqualTo(span.text());
              });
    }
  }

  @Test
  void scoresAreThoseOfTheScript() {
    for (JsonNode one : expected.get("scores")) {
      AnswerScore score = AnswerScore.of(List.of(one.get(0).asString()), one.get(1).asString());
      assertThat(score.exact()).as(one.toString()).isEqualTo(one.get(2).asDouble() == 1);
      assertThat(score.f1()).as(one.toString()).isCloseTo(one.get(3).asDouble(), within(1e-6));
    }
  }

  @Test
  void theNearestOfSeveralCountsAndNoAnswerIsAnAnswer() {
    assertThat(AnswerScore.of(List.of("a ship", "new ship"), "the new ship"))
        .isEqualTo(new AnswerScore(true, 1));
    assertThat(AnswerScore.of(List.of(), "")).isEqualTo(new AnswerScore(true, 1));
    assertThat(AnswerScore.of(List.of(), "ship")).isEqualTo(new AnswerScore(false, 0));
    assertThat(AnswerScore.of(List.of("ship"), "")).isEqualTo(new AnswerScore(false, 0));
  }
}
