package dev.slipway.model.gguf;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.LlamaCppModels;
import dev.slipway.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real models' vocabularies, against the ids that come with them in llama.cpp. */
class PublishedVocabulariesTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "gpt-2",
        "llama-bpe",
        "llama-spm",
        "qwen2",
        "bert-bge",
        "phi-3",
        "starcoder",
        "deepseek-coder",
        "deepseek-llm",
        "falcon",
        "command-r",
        "mpt",
        "refact",
        "qwen35"
      })
  void giveTheIdsThatStandThere(String name) throws IOException, InterruptedException {
    Path file = LlamaCppModels.folder().resolve("ggml-vocab-" + name + ".gguf");
    Tokenizer tokenizer = GgufModel.tokenizer(file);
    String texts = Files.readString(Path.of(file + ".inp"));
    List<String> inputs = List.of(texts.split("\n__ggml_vocab_test__\n", -1));
    List<String> lines = Files.readAllLines(Path.of(file + ".out"));
    assertThat(lines.size()).isGreaterThan(30);
    List<String> wrong = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      int[] expected = ids(lines.get(i));
      int[] came = tokenizer.encode(inputs.get(i));
      if (!Arrays.equals(expected, came)) {
        wrong.add(
            inputs.get(i) + ": " + Arrays.toString(came) + " for " + Arrays.toString(expected));
      }
    }
    assertThat(wrong).isEmpty();
  }

  private static int[] ids(String line) {
    return line.isBlank()
        ? new int[0]
        : Arrays.stream(line.trim().split("\\s+")).mapToInt(Integer::parseInt).toArray();
  }
}
