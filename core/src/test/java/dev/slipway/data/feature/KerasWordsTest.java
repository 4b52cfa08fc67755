package dev.slipway.data.feature;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.base.Json;
import dev.slipway.data.augment.TextStep;
import dev.slipway.data.example.Draw;
import dev.slipway.data.example.Encoded;
import dev.slipway.data.example.Values;
import dev.slipway.data.table.Column;
import dev.slipway.data.table.Table;
import dev.slipway.data.table.TableExamples;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class KerasWordsTest {
  @Test
  void wordsAreThoseOfKeras() {
    assertThat(Words.KERAS.of("It's GREAT,\tisn't it?  (10/10) — Ünï!"))
        .containsExactly("its", "great", "isnt", "it", "1010", "—", "ünï");
    assertThat(Words.KERAS.of("a<br /><br />b < c")).containsExactly("a", "b", "c");
    assertThat(Words.KERAS.of(" !? ")).isEmpty();
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag("tr"));
    try {
      assertThat(Words.KERAS.of("TITLE")).containsExactly("title");
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void textsAreChangedWhileTheyAreLearntAndOnlyThen() {
    TableExamples examples = texts("a b c d", "d c b a");
    WordsFeature feature = abcd(4, Keep.BEGINNING, Padding.POST);
    Encoded encoded =
        feature.encode(examples, new Augmented(List.of(new TextStep.WordDrop(0.5)), 0));
    int[] both = {1, 0};
    assertThat(ids(encoded.gather(both, null))).isEqualTo("[5, 4, 3, 2, 2, 3, 4, 5]");
    Set<String> seen = new TreeSet<>();
    for (int epoch = 0; epoch < 10; epoch++) {
      Draw[] draws = {new Draw(1, epoch, 1), new Draw(1, epoch, 0)};
      seen.add(ids(encoded.gather(both, draws)));
      assertThat(ids(encoded.gather(both, draws))).isEqualTo(ids(encoded.gather(both, draws)));
    }
    assertThat(seen).hasSizeGreaterThan(5);
  }

  @Test
  void ofALongTextTheEndIsReadWhereItIsAskedFor() {
    TableExamples examples = texts("a b c d", "d", "");
    int[] all = {0, 1, 2};
    WordsFeature end = abcd(2, Keep.END, Padding.POST);
    assertThat(ids(end.encode(examples).gather(all, null))).isEqualTo("[4, 5, 5, 0, 0, 0]");
    assertThat(ids(abcd(2, Keep.BEGINNING, Padding.POST).encode(examples).gather(all, null)))
        .isEqualTo("[2, 3, 5, 0, 0, 0]");
    assertThat(ids(abcd(2, Keep.END, Padding.PRE).encode(examples).gather(all, null)))
        .isEqualTo("[4, 5, 0, 5, 0, 0]");
    Encoded changed = end.encode(examples, new Augmented(List.of(new TextStep.WordDrop(0.0)), 0));
    Draw[] draws = {new Draw(1, 0, 0), new Draw(1, 0, 1), new Draw(1, 0, 2)};
    assertThat(ids(changed.gather(all, draws))).isEqualTo("[4, 5, 5, 0, 0, 0]");
  }

  @Test
  void aFolderOfBeforeTheSettingReadsTheBeginning() {
    String written = Json.write(abcd(2, Keep.END, Padding.POST));
    assertThat(Json.parse(written, "own", Feature.class))
        .isEqualTo(abcd(2, Keep.END, Padding.POST));
    String before = written.replaceFirst("\\s*\"keep\": \"END\",", "");
    assertThat(before).doesNotContain("keep");
    assertThat(Json.parse(before, "old", Feature.class))
        .isEqualTo(abcd(2, Keep.BEGINNING, Padding.POST));
  }

  private static WordsFeature abcd(int length, Keep keep, Padding padding) {
    return new WordsFeature(
        "text", "text", Words.KERAS, List.of("a", "b", "c", "d"), length, keep, padding);
  }

  private static TableExamples texts(String... texts) {
    return TableExamples.of(
        new Table(
            "",
            List.of(new Column.Texts("text", texts)),
            new int[texts.length],
            List.of(),
            List.of()));
  }

  private static String ids(Values values) {
    return values instanceof Values.Ids(int[] ids, long[] _, int[] _) ? Arrays.toString(ids) : "";
  }
}
