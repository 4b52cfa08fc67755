package dev.slipway.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.infer.Generation.FinishReason;
import dev.slipway.tensor.DType;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A published folder with its tokenizer, as transformers uses it. */
class PublishedModelTest {
  private static final Path FOLDER = folder();
  private static final JsonNode EXPECTED = Json.read(FOLDER.resolve("expected.json"));

  @TempDir private Path temp;

  private static Path folder() {
    try {
      return Path.of(
          Objects.requireNonNull(
                  PublishedModelTest.class.getResource("/dev/slipway/model/published/llama"))
              .toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<Integer> ids(String key) {
    List<Integer> ids = new ArrayList<>();
    EXPECTED.path(key).forEach(id -> ids.add(id.asInt()));
    return ids;
  }

  @ParameterizedTest
  @ValueSource(strings = {"en", "tr"})
  void scoresATextWithItsSpecialTokensAndAllItsBytes(String language) {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.of(language));
    try (LanguageModel model = LanguageModel.open(FOLDER)) {
      Score score = model.score(EXPECTED.path("text").asString());
      assertThat(score.ids()).isEqualTo(ids("ids"));
      List<Double> logprobs = new ArrayList<>();
      EXPECTED.path("logprobs").forEach(value -> logprobs.add(value.asDouble()));
      assertThat(score.logprobs()).hasSameSizeAs(logprobs);
      for (int i = 0; i < logprobs.size(); i++) {
        assertThat(score.logprobs().get(i)).isCloseTo(logprobs.get(i), within(1e-4));
      }
      assertThat(score.nllPerToken())
          .isCloseTo(EXPECTED.path("nll_per_token").asDouble(), within(1e-5));
      assertThat(score.perplexity())
          .isCloseTo(EXPECTED.path("perplexity").asDouble(), within(1e-2));
      assertThat(score.bitsPerByte())
          .isCloseTo(EXPECTED.path("bits_per_byte").asDouble(), within(1e-5));
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void generationEndsOnATokenOfItsGenerationConfig() {
    try (LanguageModel model = LanguageModel.open(FOLDER)) {
      Generation generation =
          model.generate(GenerationRequest.of(EXPECTED.path("prompt").asString(), 20));
      assertThat(generation.promptIds()).isEqualTo(ids("prompt_ids"));
      assertThat(generation.ids()).isEqualTo(ids("answer_ids"));
      assertThat(generation.text()).isEqualTo(EXPECTED.path("answer").asString());
      assertThat(generation.finishReason()).isEqualTo(FinishReason.STOP);
    }
  }

  /** The weights are stored in bfloat16, so that these products work on the file itself. */
  @Test
  void computesInTheTypeThatWeightsAreStoredIn() {
    try (LanguageModel model = LanguageModel.open(FOLDER, DType.BFLOAT16)) {
      assertThat(model.score(EXPECTED.path("text").asString()).nllPerToken())
          .isCloseTo(EXPECTED.path("nll_per_token").asDouble(), within(0.05));
    }
  }

  @Test
  void aTokenizerWithMoreOrdinaryTokensThanTheModelIsRefusedAndMoreSpecialOnesAreNot()
      throws IOException {
    copyFolder();
    addToken("<picture>", true);
    LanguageModel.open(temp).close();
    addToken("picture", false);
    assertThatThrownBy(() -> LanguageModel.open(temp))
        .isInstanceOfSatisfying(
            SlipwayException.class,
            problem -> assertThat(problem.code()).isEqualTo("model.tokenizer-mismatch"));
  }

  private void copyFolder() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      for (Path file : files.toList()) {
        Files.copy(file, temp.resolve(file.getFileName().toString()));
      }
    }
  }

  private void addToken(String content, boolean special) throws IOException {
    Path file = temp.resolve("tokenizer.json");
    ObjectNode tokenizer = (ObjectNode) Json.read(file);
    ObjectNode added = tokenizer.withArray("added_tokens").addObject();
    added.put("id", 274 + tokenizer.path("added_tokens").size() - 1);
    added.put("content", content);
    for (String flag : List.of("single_word", "lstrip", "rstrip", "normalized")) {
      added.put(flag, false);
    }
    added.put("special", special);
    Files.writeString(file, Json.write(tokenizer), StandardCharsets.UTF_8);
  }
}
