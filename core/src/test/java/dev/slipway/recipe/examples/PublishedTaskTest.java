package dev.slipway.recipe.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.Fixtures;
import dev.slipway.base.Json;
import dev.slipway.task.Predictor;
import dev.slipway.task.TaskFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Published encoders with heads beside transformers: {@code reference/published_heads.py}. */
class PublishedTaskTest {
  @TempDir private Path temp;

  @BeforeEach
  void unpack() {
    Fixtures.unpack(getClass(), "published-heads.zip", temp);
  }

  /** The probability of a class, wherever it is listed. */
  private static double of(JsonNode answer, String label) {
    for (JsonNode one : answer.path("top")) {
      if (one.path("label").asString().equals(label)) {
        return one.path("probability").asDouble();
      }
    }
    throw new AssertionError(label + " is not in " + answer);
  }

  @ParameterizedTest
  @ValueSource(strings = {"bert-classes", "roberta-two", "roberta-labels"})
  void classesHaveTheirProbabilities(String name) {
    Path folder = temp.resolve(name);
    JsonNode names = Json.read(folder.resolve("config.json")).path("id2label");
    try (Predictor predictor = Predictor.open(folder, Blueprint::open)) {
      for (JsonNode expected : Json.read(folder.resolve("expected.json"))) {
        ObjectNode answer = predictor.read(expected.path("input")).answer(5);
        JsonNode values = expected.path("values");
        for (int i = 0; i < values.size(); i++) {
          String label = names.path(Integer.toString(i)).asString("LABEL_" + i);
          assertThat(of(answer, label)).isCloseTo(values.path(i).asDouble(), within(1e-5));
        }
      }
    }
  }

  @Test
  void oneLabelIsANumber() {
    Path folder = temp.resolve("bert-number");
    try (Predictor predictor = Predictor.open(folder, Blueprint::open)) {
      for (JsonNode expected : Json.read(folder.resolve("expected.json"))) {
        assertThat(predictor.read(expected.path("input")).answer(5).path("value").asDouble())
            .isCloseTo(expected.path("values").path(0).asDouble(), within(1e-5));
      }
    }
  }

  @Test
  void wordsHaveTags() {
    Path folder = temp.resolve("bert-tags");
    try (Predictor predictor = Predictor.open(folder, Blueprint::open)) {
      JsonNode expected = Json.read(folder.resolve("expected.json")).path(0);
      JsonNode tags = predictor.read(expected.path("input")).answer(5).path("tags");
      assertThat(tags.size()).isEqualTo(expected.path("tags").size());
      for (int i = 0; i < tags.size(); i++) {
        assertThat(tags.path(i).path("tag").asString())
            .isEqualTo(expected.path("tags").path(i).asString());
        assertThat(tags.path(i).path("probability").asDouble())
            .isCloseTo(expected.path("values").path(i).asDouble(), within(1e-5));
      }
    }
  }

  @Test
  void questionsHaveTheLikeliestSpan() {
    Path folder = temp.resolve("bert-span");
    try (Predictor predictor = Predictor.open(folder, Blueprint::open)) {
      JsonNode expected = Json.read(folder.resolve("expected.json")).path(0);
      ObjectNode answer = predictor.read(expected.path("input")).answer(1);
      for (String key : new String[] {"answer", "start", "end"}) {
        assertThat(answer.path(key)).isEqualTo(expected.path(key));
      }
    }
  }

  /** What the folder says is enough; one without a head answers no task. */
  @Test
  void anEncoderAloneHasNoTask() throws IOException {
    Path folder = temp.resolve("bert-classes");
    assertThat(TaskFolder.isPublished(folder)).isTrue();
    Path config = folder.resolve("config.json");
    ObjectNode json = (ObjectNode) Json.read(config);
    json.putArray("architectures").add("BertModel");
    Files.writeString(config, Json.write(json));
    assertThat(TaskFolder.isPublished(folder)).isFalse();
  }
}
