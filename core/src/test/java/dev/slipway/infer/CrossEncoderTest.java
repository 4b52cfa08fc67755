package dev.slipway.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * Against sentence-transformers: fixtures by {@code reference/cross_encoder.py} and {@code
 * causal_reranker.py}.
 */
class CrossEncoderTest {
  private static Path fixture(String name) {
    try {
      return Path.of(
          Objects.requireNonNull(
                  CrossEncoderTest.class.getResource("/dev/slipway/model/pretrained/" + name), name)
              .toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<String> texts(JsonNode pairs, int side) {
    List<String> texts = new ArrayList<>();
    pairs.forEach(pair -> texts.add(pair.get(side).stringValue()));
    return texts;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cross-bert",
        "cross-roberta",
        "cross-xlm-roberta",
        "cross-old",
        "reranker-yes-no",
        "reranker-one-token",
        "reranker-one-label"
      })
  void scoresAreThoseOfSentenceTransformers(String name) {
    JsonNode expected = Json.read(fixture(name).resolve("expected.json"));
    List<String> first = texts(expected.get("pairs"), 0);
    List<String> second = texts(expected.get("pairs"), 1);
    assertThat(CrossEncoder.is(fixture(name))).isTrue();
    try (CrossEncoder encoder = CrossEncoder.open(fixture(name))) {
      List<Double> scores = encoder.scores(first, second).scores();
      assertThat(scores).hasSizeGreaterThan(9);
      for (int i = 0; i < scores.size(); i++) {
        assertThat(scores.get(i))
            .as(first.get(i) + " / " + second.get(i))
            .isCloseTo(expected.get("scores").get(i).doubleValue(), within(1e-5));
      }
    }
  }

  @Test
  void aPairHasTheSameScoreWhateverStandsBesideIt() {
    JsonNode pairs = Json.read(fixture("cross-bert").resolve("expected.json")).get("pairs");
    List<String> documents = texts(pairs, 1).subList(0, 7);
    List<String> backwards = new ArrayList<>(documents);
    Collections.reverse(backwards);
    try (CrossEncoder encoder = CrossEncoder.open(fixture("cross-bert"))) {
      CrossEncoder.Scores together = encoder.scores(List.of("where is the ship"), documents);
      List<Double> reversed =
          new ArrayList<>(encoder.scores(List.of("where is the ship"), backwards).scores());
      Collections.reverse(reversed);
      assertThat(reversed).isEqualTo(together.scores());
      int tokens = 0;
      for (int i = 0; i < documents.size(); i++) {
        CrossEncoder.Scores alone =
            encoder.scores(List.of("where is the ship"), documents.subList(i, i + 1));
        assertThat(alone.scores().getFirst()).isCloseTo(together.scores().get(i), within(1e-6));
        tokens += alone.tokens();
      }
      assertThat(together.tokens()).isEqualTo(tokens);
      assertThat(encoder.longest()).isEqualTo(20);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"sentence-mean", "sentence-several"})
  void whatGivesVectorsIsNone(String name) {
    assertThat(CrossEncoder.is(fixture(name))).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "activation_fn, torch.nn.modules.activation.Softplus, Softplus",
    "default_prompt_name, query, prompt",
  })
  void whatSlipwayDoesNotHaveIsRefused(String key, String value, String told, @TempDir Path folder)
      throws IOException {
    try (Stream<Path> files = Files.list(fixture("cross-bert"))) {
      for (Path file : files.toList()) {
        Files.copy(file, folder.resolve(String.valueOf(file.getFileName())));
      }
    }
    Files.writeString(
        folder.resolve("config_sentence_transformers.json"),
        Json.write(Json.object().put(key, value)));
    assertThatThrownBy(() -> CrossEncoder.open(folder))
        .isInstanceOf(SlipwayException.class)
        .hasMessageContaining(told);
    // Code that comes with a model is never executed: the default stands in its place.
    Files.writeString(
        folder.resolve("config_sentence_transformers.json"),
        Json.write(Json.object().put("activation_fn", "own.code.Activation")));
    try (CrossEncoder encoder = CrossEncoder.open(folder)) {
      JsonNode expected = Json.read(folder.resolve("expected.json"));
      assertThat(
              encoder
                  .scores(
                      texts(expected.get("pairs"), 0).subList(0, 1),
                      texts(expected.get("pairs"), 1).subList(0, 1))
                  .scores()
                  .getFirst())
          .isCloseTo(expected.get("scores").get(0).doubleValue(), within(1e-5));
    }
  }

  private static Path copy(String name, Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(fixture(name))) {
      for (Path file : files.toList()) {
        Path target = folder.resolve(fixture(name).relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target);
        }
      }
    }
    return folder;
  }

  @Test
  void aTemplateThatPassesOverTheDocumentIsRefused(@TempDir Path folder) throws IOException {
    copy("reranker-yes-no", folder);
    Files.writeString(
        folder.resolve("chat_template.jinja"),
        "{{ messages[0].content }}{{ messages[1].content }}");
    assertThatThrownBy(() -> CrossEncoder.open(folder))
        .isInstanceOf(SlipwayException.class)
        .hasMessageContaining("leaves out the query or the document");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "100000", "\"yes\"", "null"})
  void aTokenThatTheModelLacksIsRefused(String id, @TempDir Path folder) throws IOException {
    copy("reranker-yes-no", folder);
    Files.writeString(
        folder.resolve("1_LogitScore/config.json"), "{\"true_token_id\": " + id + "}");
    assertThatThrownBy(() -> CrossEncoder.open(folder))
        .isInstanceOf(SlipwayException.class)
        .hasMessageContaining("true_token_id");
  }

  @Test
  void aDecoderThatDoesNotSaySoIsNone(@TempDir Path folder) throws IOException {
    Files.delete(copy("reranker-yes-no", folder).resolve("modules.json"));
    assertThat(CrossEncoder.is(folder)).isFalse();
  }
}
