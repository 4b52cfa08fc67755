package dev.slipway.tokenizer.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.infer.LanguageModel;
import dev.slipway.model.pretrained.ModelFolder;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What a model says that its text was, and what is refused where something of it was changed. */
class TextFingerprintTest {
  @TempDir private Path model;

  @BeforeEach
  void copy() throws IOException, URISyntaxException {
    Path published =
        Path.of(
            Objects.requireNonNull(
                    TextFingerprintTest.class.getResource("/dev/slipway/model/published/gpt2"))
                .toURI());
    try (Stream<Path> files = Files.list(published)) {
      for (Path file : files.toList()) {
        Files.copy(file, model.resolve(file.getFileName().toString()));
      }
    }
  }

  private TextFingerprint now() {
    return new ModelFolder(model).textFingerprint();
  }

  private void change(String file, Consumer<ObjectNode> change) throws IOException {
    ObjectNode json = (ObjectNode) Json.read(model.resolve(file));
    change.accept(json);
    Files.writeString(model.resolve(file), Json.write(json));
  }

  @Test
  void theLayoutOfFilesChangesNothing() throws IOException {
    TextFingerprint before = now();
    change(
        "tokenizer.json",
        json -> {
          json.set("version", json.remove("version")); // another order
          json.putObject("truncation").put("max_length", 7);
          ArrayNode pairs = (ArrayNode) json.path("model").path("merges");
          List<String> texts =
              pairs
                  .valueStream()
                  .map(pair -> pair.path(0).asString() + " " + pair.path(1).asString())
                  .toList();
          pairs.removeAll();
          texts.forEach(pairs::add);
        });
    assertThat(now()).isEqualTo(before);
    assertThat(before.value()).hasSize(64);
    before.write(model);
    assertThat(TextFingerprint.recorded(model)).isEqualTo(before);
    LanguageModel.open(model).close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"vocabulary", "merges", "special tokens", "roles", "rules", "template", "gone"})
  void aModelWhoseTextWasChangedIsRefusedWithWhatDiffers(String what) throws IOException {
    now().write(model);
    String expected = "the " + what;
    switch (what) {
      case "vocabulary" ->
          change(
              "tokenizer.json",
              json -> {
                ObjectNode vocabulary = (ObjectNode) json.path("model").path("vocab");
                vocabulary.put("!", vocabulary.path("#").asInt());
              });
      case "merges" ->
          change(
              "tokenizer.json", json -> ((ArrayNode) json.path("model").path("merges")).remove(3));
      case "special tokens" ->
          change(
              "tokenizer.json",
              json -> ((ObjectNode) json.path("added_tokens").path(0)).put("rstrip", true));
      case "roles" -> {
        expected = "the special tokens";
        change("tokenizer_config.json", json -> json.put("bos_token", "!"));
      }
      case "rules" -> {
        expected = "the tokenizer's rules";
        change("tokenizer.json", json -> json.putObject("normalizer").put("type", "NFC"));
      }
      case "template" -> {
        expected = "the chat template";
        Files.writeString(model.resolve("chat_template.jinja"), "{{ messages }}");
      }
      default -> {
        expected = "the chat template";
        Files.delete(model.resolve("chat_template.jinja"));
      }
    }
    String part = "they differ in " + expected + ";";
    TextFingerprint recorded = Objects.requireNonNull(TextFingerprint.recorded(model));
    assertThatThrownBy(() -> LanguageModel.open(model))
        .isInstanceOfSatisfying(
            SlipwayException.class,
            problem -> {
              assertThat(problem.code()).isEqualTo("tokenizer.fingerprint-mismatch");
              assertThat(problem.line())
                  .contains(part)
                  .contains(recorded.value().substring(0, 12))
                  .contains(now().value().substring(0, 12))
                  .contains(model.toString());
            });
  }

  @Test
  void aModelThatSaysNothingIsOpened() {
    LanguageModel.open(model).close();
  }
}
