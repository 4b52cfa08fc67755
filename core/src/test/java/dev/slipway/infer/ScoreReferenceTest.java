package dev.slipway.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.base.Json;
import dev.slipway.model.pretrained.OpenModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

/** Scores of texts beside transformers' logits, with a tokenizer of numbers. */
class ScoreReferenceTest {
  @TempDir private Path temp;

  /** A folder whose tokenizer spells each id below {@code words} as its number. */
  private Path folder(OpenModels.Case model, int words) throws IOException {
    Path folder = model.folder(temp);
    ObjectNode json = Json.object().put("version", "1.0");
    json.putArray("added_tokens");
    json.putObject("pre_tokenizer").put("type", "WhitespaceSplit");
    ObjectNode level = json.putObject("model").put("type", "WordLevel").put("unk_token", "0");
    ObjectNode vocabulary = level.putObject("vocab");
    for (int i = 0; i < words; i++) {
      vocabulary.put(Integer.toString(i), i);
    }
    Files.writeString(folder.resolve("tokenizer.json"), Json.write(json));
    return folder;
  }

  private static String text(int[] ids) {
    return Arrays.stream(ids).mapToObj(Integer::toString).collect(Collectors.joining(" "));
  }

  /** log softmax of a row of logits at an id. */
  private static double logprob(float[] logits, int row, int width, int id) {
    double most = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < width; i++) {
      most = Math.max(most, logits[row * width + i]);
    }
    double sum = 0;
    for (int i = 0; i < width; i++) {
      sum += Math.exp(logits[row * width + i] - most);
    }
    return logits[row * width + id] - most - Math.log(sum);
  }

  /** What a position is depends on the length of the sequence, to which the last token belongs. */
  @ParameterizedTest
  @ValueSource(strings = {"llama", "llama-dynamic", "llama-longrope", "mistral-window"})
  void scoresAreThoseOfTheWholeSequence(String name) throws IOException {
    OpenModels.Case model = OpenModels.named(name);
    int width = model.logits().length / model.ids().length;
    try (LanguageModel opened = LanguageModel.open(folder(model, width))) {
      Score score = opened.score(text(model.ids()));
      assertThat(score.ids())
          .containsExactlyElementsOf(Arrays.stream(model.ids()).boxed().toList());
      for (int i = 0; i + 1 < model.ids().length; i++) {
        assertThat(score.logprobs().get(i))
            .as("%d", i)
            .isCloseTo(logprob(model.logits(), i, width, model.ids()[i + 1]), within(1e-4));
      }
    }
  }
}
