package dev.slipway.data.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.data.example.Draw;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextPipelineTest {
  private static final String TEXT = "one two three four five six seven eight nine ten";

  private static String apply(TextStep config, long seed, long epoch, int example) {
    return TextPipeline.of(List.of(config))
        .apply(TEXT, "id-" + example, new Draw(seed, epoch, example));
  }

  @Property(tries = 100)
  void droppedAndSwappedWordsAreAFunctionOfTheDraw(@ForAll long seed, @ForAll int example) {
    for (TextStep config : List.of(new TextStep.WordDrop(0.3), new TextStep.WordSwap(0.3))) {
      String changed = apply(config, seed, 3, example);
      assertThat(apply(config, seed, 3, example)).isEqualTo(changed);
      Set<String> words = new HashSet<>(Arrays.asList(TEXT.split(" ")));
      List<String> found = Arrays.asList(changed.split(" "));
      assertThat(words).containsAll(found);
      assertThat(found).doesNotHaveDuplicates();
      if (config instanceof TextStep.WordSwap) {
        assertThat(found).hasSize(10);
      }
    }
    assertThat(apply(new TextStep.WordDrop(1), seed, 0, example)).isNotBlank();
    assertThat(apply(new TextStep.WordDrop(0), seed, 0, example)).isEqualTo(TEXT);
  }

  @Test
  void theShareOfDroppedWordsIsTheProbability() {
    int kept = 0;
    for (int i = 0; i < 2000; i++) {
      kept += apply(new TextStep.WordDrop(0.2), 5, 1, i).split(" ").length;
    }
    assertThat(kept / 20_000.0).isBetween(0.785, 0.815);
  }

  @Test
  void synonymsAndParaphrasesComeFromTheUsersFiles(@TempDir Path folder) throws IOException {
    Path synonyms =
        Files.writeString(folder.resolve("synonyms.txt"), "one, single , sole\n\nTwo\n");
    assertThat(apply(new TextStep.Synonyms(synonyms, 1), 1, 0, 0))
        .matches("(single|sole) two three .*");
    assertThat(
            TextPipeline.of(List.of(new TextStep.Synonyms(synonyms, 1)))
                .apply("Well, (One)!", "id", new Draw(1, 0, 0)))
        .matches("Well, \\((single|sole)\\)!");
    Path paraphrases =
        Files.writeString(
            folder.resolve("p.jsonl"),
            "{\"id\": \"id-1\", \"text\": \"first\"}\n{\"id\": \"id-1\", \"text\": \"second\"}\n");
    TextStep config = new TextStep.Paraphrases(paraphrases, 1);
    Set<String> seen = new HashSet<>();
    for (int epoch = 0; epoch < 20; epoch++) {
      seen.add(apply(config, 1, epoch, 1));
      assertThat(apply(config, 1, epoch, 2)).isEqualTo(TEXT);
    }
    assertThat(seen).containsExactlyInAnyOrder("first", "second");
    Path wrong = Files.writeString(folder.resolve("w.jsonl"), "{\"key\": \"a\"}\n");
    assertThatThrownBy(() -> apply(new TextStep.Paraphrases(wrong, 1), 1, 0, 0))
        .hasMessageContaining("it has [key]");
  }
}
