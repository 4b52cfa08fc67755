package dev.slipway.model.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.base.SlipwayException;
import dev.slipway.weights.gguf.GgufWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a GGUF file says of its tokens has to be about tokens that it has. */
class MalformedVocabularyTest {
  private static final String KEY = "tokenizer.ggml.";
  private static final int TOKENS = 27;

  @TempDir Path folder;

  /** A vocabulary of a word's end and the letters, with what a case adds. */
  private Path file(Consumer<GgufWriter> more) {
    List<String> tokens = new ArrayList<>(List.of("</s>"));
    for (char letter = 'a'; letter <= 'z'; letter++) {
      tokens.add(String.valueOf(letter));
    }
    GgufWriter writer = new GgufWriter().put("general.architecture", "gpt2");
    writer.put(KEY + "model", "gpt2").put(KEY + "pre", "gpt-2");
    writer.putTexts(KEY + "tokens", tokens).putTexts(KEY + "merges", List.of());
    more.accept(writer);
    Path file = folder.resolve("vocabulary.gguf");
    writer.write(file, _ -> {});
    return file;
  }

  private void refused(Consumer<GgufWriter> more, String code, String... parts) {
    Path file = file(more);
    assertThatThrownBy(() -> GgufModel.tokenizer(file))
        .isInstanceOfSatisfying(
            SlipwayException.class,
            e -> {
              assertThat(e.code()).isEqualTo(code);
              assertThat(e.line()).contains(parts).contains("vocabulary.gguf");
            });
  }

  @ParameterizedTest
  @ValueSource(strings = {"bos", "eos", "eot", "eom", "unknown", "seperator", "cls"})
  void refusesIdsOfNoToken(String role) {
    String key = KEY + role + "_token_id";
    for (int id : new int[] {TOKENS, 1_000_000}) {
      refused(writer -> writer.put(key, id), "tokenizer.malformed", key + " is " + id, "0 to 26");
    }
    refused(writer -> writer.put(key, -2), "model.bad-config", key);
    refused(writer -> writer.put(key, "x"), "model.bad-config", key + " \"x\"", "a whole number");
  }

  @Test
  void takesWhatSaysThatThereIsNone() {
    Path file =
        file(
            writer -> {
              writer.put(KEY + "bos_token_id", -1).put(KEY + "eos_token_id", 0);
              writer.put(KEY + "padding_token_id", TOKENS).put(KEY + "mask_token_id", TOKENS);
            });
    assertThat(GgufModel.tokenizer(file).encode("abz")).containsExactly(1, 2, 26);
  }

  @Test
  void refusesTypesOfOtherTokens() {
    for (int count : new int[] {0, 1, TOKENS - 1, TOKENS + 1}) {
      List<Integer> types = Collections.nCopies(count, 1);
      refused(
          writer -> writer.putInts(KEY + "token_type", types),
          "tokenizer.malformed",
          "token_type has " + count + " values, expected one for each of its 27 tokens");
    }
    refused(
        writer -> writer.put(KEY + "token_type", 3),
        "tokenizer.malformed",
        "token_type has no list, expected one for each of its 27 tokens");
    refused(
        writer -> writer.putTexts(KEY + "token_type", Collections.nCopies(TOKENS, "normal")),
        "tokenizer.malformed",
        "token_type has \"normal\" for token 0, expected a number");
    refused(
        writer -> writer.putFloats(KEY + "scores", new float[3]),
        "tokenizer.malformed",
        "scores has 3 values, expected one for each of its 27 tokens");
  }

  @Test
  void refusesTemplatesThatAreNoTexts() {
    refused(
        writer -> writer.put("tokenizer.chat_template", 7),
        "model.bad-config",
        "has tokenizer.chat_template 7, expected a text");
    refused(
        writer ->
            writer
                .putTexts("tokenizer.chat_templates", List.of("tool_use"))
                .put("tokenizer.chat_template.tool_use", true),
        "model.bad-config",
        "has tokenizer.chat_template.tool_use true, expected a text");
    refused(
        writer -> writer.put("tokenizer.chat_templates", "tool_use"),
        "tokenizer.malformed",
        "tokenizer.chat_templates is \"tool_use\", expected a list of names");
  }

  @Test
  void refusesFlagsThatAreNone() {
    refused(
        writer -> writer.put(KEY + "add_bos_token", "yes"),
        "model.bad-config",
        "add_bos_token \"yes\", expected true or false");
  }
}
