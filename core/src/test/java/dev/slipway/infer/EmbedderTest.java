package dev.slipway.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.tensor.DType;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Against sentence-transformers: fixtures by {@code reference/bert.py}. */
class EmbedderTest {
  private static Path fixture(String name) {
    try {
      return Path.of(
          Objects.requireNonNull(
                  EmbedderTest.class.getResource("/dev/slipway/model/pretrained/" + name), name)
              .toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<String> texts(JsonNode expected) {
    List<String> texts = new ArrayList<>();
    expected.get("texts").forEach(text -> texts.add(text.asString()));
    return texts;
  }

  private static void same(Path folder, JsonNode expected) {
    try (Embedder embedder = Embedder.open(folder)) {
      List<float[]> vectors = embedder.embed(texts(expected));
      assertThat(vectors).hasSize(expected.get("embeddings").size());
      for (int i = 0; i < vectors.size(); i++) {
        JsonNode theirs = expected.get("embeddings").get(i);
        assertThat(vectors.get(i)).hasSize(theirs.size());
        for (int j = 0; j < theirs.size(); j++) {
          assertThat((double) vectors.get(i)[j])
              .as("text %d, place %d", i, j)
              .isCloseTo(theirs.get(j).asDouble(), within(1e-5));
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sentence-cls",
        "sentence-max",
        "sentence-mean",
        "sentence-mean_sqrt_len_tokens",
        "sentence-weightedmean",
        "sentence-lasttoken",
        "sentence-several",
        "sentence-prompt"
      })
  void vectorsEqualSentenceTransformers(String name) {
    same(fixture(name), Json.read(fixture(name).resolve("expected.json")));
  }

  /** bfloat16 has 8 bits: vectors point where float32's do. */
  @Test
  void vectorsInBfloat16PointTheSameWay() {
    Path folder = fixture("sentence-mean");
    List<String> texts = texts(Json.read(folder.resolve("expected.json")));
    try (Embedder exact = Embedder.open(folder);
        Embedder rounded = Embedder.open(folder, DType.BFLOAT16)) {
      List<float[]> vectors = exact.embed(texts);
      List<float[]> others = rounded.embed(texts);
      for (int i = 0; i < vectors.size(); i++) {
        double product = 0;
        double one = 0;
        double other = 0;
        for (int j = 0; j < vectors.get(i).length; j++) {
          product += vectors.get(i)[j] * others.get(i)[j];
          one += vectors.get(i)[j] * vectors.get(i)[j];
          other += others.get(i)[j] * others.get(i)[j];
        }
        assertThat(product / Math.sqrt(one * other)).isGreaterThan(0.999);
        assertThat(others.get(i)).isNotEqualTo(vectors.get(i));
      }
    }
  }

  private static Path copy(String name, Path temp) throws IOException {
    Path folder = temp.resolve(name);
    try (Stream<Path> files = Files.walk(fixture(name))) {
      for (Path file : files.sorted().toList()) {
        Files.copy(file, folder.resolve(fixture(name).relativize(file).toString()));
      }
    }
    return folder;
  }

  @ParameterizedTest
  @CsvSource({
    "sentence-cls,pooling_mode_cls_token",
    "sentence-max,pooling_mode_max_tokens",
    "sentence-lasttoken,pooling_mode_lasttoken",
    "sentence-mean,none"
  })
  void olderFilesOfPoolingAreRead(String name, String key, @TempDir Path temp) throws IOException {
    Path folder = copy(name, temp);
    Files.writeString(
        folder.resolve("1_Pooling/config.json"),
        Json.write(Json.object().put("word_embedding_dimension", 8).put(key, true)));
    same(folder, Json.read(folder.resolve("expected.json")));
  }

  @Test
  void withoutModulesTheMeanOverTokensIsTaken(@TempDir Path temp) throws IOException {
    Path folder = copy("sentence-mean", temp);
    Files.delete(folder.resolve("modules.json"));
    same(folder, Json.read(folder.resolve("expected.json")));
  }

  @Test
  void withoutALimitTheModelsPositionsAreIt(@TempDir Path temp) throws IOException {
    Path folder = copy("sentence-several", temp);
    Files.writeString(folder.resolve("tokenizer_config.json"), "{}");
    try (Embedder embedder = Embedder.open(folder)) {
      assertThat(embedder.longest()).isEqualTo(24 - 2);
      assertThat(embedder.embed(List.of("the ship ".repeat(30)))).hasSize(1);
    }
    Files.writeString(
        folder.resolve("sentence_bert_config.json"),
        Json.write(Json.object().put("max_seq_length", 7)));
    try (Embedder embedder = Embedder.open(folder)) {
      assertThat(embedder.longest()).isEqualTo(7);
    }
  }

  @Test
  void aTextHasItsVectorWhateverStandsBesideIt() {
    Path folder = fixture("sentence-mean");
    List<String> texts = texts(Json.read(folder.resolve("expected.json")));
    try (Embedder embedder = Embedder.open(folder)) {
      List<float[]> together = embedder.embed(texts);
      for (int i = 0; i < texts.size(); i++) {
        assertThat(embedder.embed(List.of(texts.get(i))).getFirst())
            .containsExactly(together.get(i), within(1e-6f));
      }
      assertThat(embedder.embed(List.of())).isEmpty();
      assertThat(embedder.longest()).isEqualTo(20);
    }
  }

  @Test
  void modulesThatAreUnknownAreRefused(@TempDir Path temp) throws IOException {
    Path folder = copy("sentence-mean", temp);
    Path modules = folder.resolve("modules.json");
    Files.writeString(modules, Files.readString(modules).replace("pooling.Pooling", "lstm.LSTM"));
    assertThatThrownBy(() -> Embedder.open(folder))
        .isInstanceOf(SlipwayException.class)
        .hasMessageContaining("LSTM")
        .satisfies(
            e -> assertThat(((SlipwayException) e).code()).isEqualTo("model.unsupported-module"));
    Files.writeString(
        folder.resolve("modules.json"),
        "[{\"idx\":0,\"path\":\"../elsewhere\",\"type\":\"models.Transformer\"}]");
    assertThatThrownBy(() -> Embedder.open(folder)).hasMessageContaining("../elsewhere");
  }
}
