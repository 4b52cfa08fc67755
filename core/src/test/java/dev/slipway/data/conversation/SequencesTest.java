package dev.slipway.data.conversation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.base.SlipwayException;
import dev.slipway.data.DataConfig;
import dev.slipway.data.Deduplicate;
import dev.slipway.data.Document;
import dev.slipway.data.Documents;
import dev.slipway.data.Ledger;
import dev.slipway.data.Preparation;
import dev.slipway.data.PreparationListener;
import dev.slipway.data.Split;
import dev.slipway.data.SplitName;
import dev.slipway.data.source.DropReason;
import dev.slipway.data.source.Source;
import dev.slipway.tokenizer.BpeConfig;
import dev.slipway.tokenizer.BpeTokenizer;
import dev.slipway.tokenizer.BpeTrainer;
import dev.slipway.tokenizer.BpeTrainingListener;
import dev.slipway.tokenizer.TokenBatch;
import dev.slipway.tokenizer.chat.ChatTemplate;
import dev.slipway.tokenizer.chat.ChatTemplates;
import dev.slipway.tokenizer.chat.ChatTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SequencesTest {
  private static final String MARKED =
      "{{ bos_token }}{% for m in messages %}<|im_start|>{{ m.role }}\n"
          + "{% if m.role == 'assistant' %}{% generation %}{{ m.content }}<|im_end|>{% endgeneration %}"
          + "{% else %}{{ m.content }}<|im_end|>{% endif %}{{ '\\n' }}{% endfor %}"
          + "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";
  private static final String UNMARKED =
      MARKED.replace("{% generation %}", "").replace("{% endgeneration %}", "");
  private static final LocalDateTime NOW = LocalDateTime.of(2026, 1, 1, 0, 0);
  private static final BpeTokenizer TOKENIZER =
      BpeTrainer.train(
          List.of("user assistant system hello there, how are you? fine, thanks").iterator(),
          new BpeConfig(290, 2, List.of(BpeConfig.END_OF_TEXT, "<|im_start|>", "<|im_end|>")),
          1,
          BpeTrainingListener.NONE);
  private static final String THREE_TURNS =
      "{\"messages\":[{\"role\":\"user\",\"content\":\"hello\"},{\"role\":\"assistant\",\"content\":\"there\"},"
          + "{\"role\":\"user\",\"content\":\"how are you?\"},{\"role\":\"assistant\",\"content\":\"fine, thanks\"}]}";

  @TempDir private Path temp;

  private static ChatTokenizer chat(String template) {
    SequencedMap<String, String> tokens = new LinkedHashMap<>();
    tokens.put("bos_token", BpeConfig.END_OF_TEXT);
    SequencedMap<String, ChatTemplate> named = new LinkedHashMap<>();
    named.put("default", ChatTemplate.of(template, tokens));
    return new ChatTokenizer(TOKENIZER, new ChatTemplates(named));
  }

  private static SequenceEncoder encoder(
      String template, int longest, OverLong overLong, boolean all) {
    return new SequenceEncoder(
        chat(template),
        new SequenceEncoder.Settings(longest, overLong, all, List.of(TOKENIZER.id("<|im_end|>"))),
        NOW);
  }

  private static Sequence only(Encoded encoded) {
    assertThat(encoded.sequences()).hasSize(1);
    return encoded.sequences().getFirst();
  }

  /** What is learnt, with a bar between the assistant's turns. */
  private static String learnt(Sequence sequence) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < sequence.ids().length; i++) {
      if (sequence.learnt()[i]) {
        text.append(TOKENIZER.decode(new int[] {sequence.ids()[i]}, false));
      } else if (i > 0 && sequence.learnt()[i - 1]) {
        text.append("|");
      }
    }
    return text.toString();
  }

  @Test
  void onlyWhatTheAssistantSaysIsLearntByBothWays() {
    Document document = new Document("one", THREE_TURNS);
    for (String template : List.of(MARKED, UNMARKED)) {
      Sequence sequence = only(encoder(template, 500, OverLong.DROP, false).conversation(document));
      assertThat(learnt(sequence)).isEqualTo("there<|im_end|>|fine, thanks<|im_end|>|");
      assertThat(TOKENIZER.decode(sequence.ids(), false)).startsWith("<|endoftext|><|im_start|>");
    }
    Sequence all = only(encoder(UNMARKED, 500, OverLong.DROP, true).conversation(document));
    assertThat(all.targets()).isEqualTo(all.ids().length - 1);
  }

  @Test
  void aTemplateWhoseBeginningsDisagreeIsRefused() {
    String forgetful =
        "{% for m in messages %}{{ m.role }}: {{ m.content if loop.last else '…' }}\n{% endfor %}"
            + "{% if add_generation_prompt %}assistant: {% endif %}";
    Document document = new Document("one", THREE_TURNS);
    assertThatThrownBy(() -> encoder(forgetful, 500, OverLong.DROP, false).conversation(document))
        .isInstanceOfSatisfying(
            SlipwayException.class,
            e -> {
              assertThat(e.code()).isEqualTo("chat.mask-unclear");
              assertThat(e.getMessage()).contains("hello").contains("…");
            });
  }

  @Test
  void overLongConversationsAreHandledAsSaidAndCounted() {
    Document document = new Document("one", THREE_TURNS);
    Sequence whole = only(encoder(MARKED, 500, OverLong.DROP, false).conversation(document));
    int length = whole.ids().length;
    Encoded dropped = encoder(MARKED, length - 1, OverLong.DROP, false).conversation(document);
    assertThat(dropped.sequences()).isEmpty();
    assertThat(dropped.fate().dropped())
        .isNotNull()
        .extracting("reason")
        .isEqualTo(DropReason.TOO_LONG);

    Encoded right =
        encoder(MARKED, length - 5, OverLong.TRUNCATE_RIGHT, false).conversation(document);
    assertThat(only(right).ids()).isEqualTo(Arrays.copyOf(whole.ids(), length - 5));
    assertThat(right.fate()).isEqualTo(new Ledger.Fate(null, length, 5));

    Encoded left =
        encoder(MARKED, length - 5, OverLong.TRUNCATE_LEFT, false).conversation(document);
    assertThat(only(left).ids()).isEqualTo(Arrays.copyOfRange(whole.ids(), 5, length));

    Encoded cut = encoder(MARKED, length - 1, OverLong.CUT_TURNS, false).conversation(document);
    assertThat(learnt(only(cut))).isEqualTo("there<|im_end|>|");
    assertThat(cut.fate().truncated()).isPositive();
    assertThat(encoder(MARKED, 3, OverLong.TRUNCATE_RIGHT, false).conversation(document).fate())
        .extracting(fate -> fate.dropped() == null ? null : fate.dropped().reason())
        .isEqualTo(DropReason.NOTHING_TO_LEARN);
  }

  @Test
  void answersOfAPairAreLearntAndTheirPromptIsNot() {
    Document pair =
        new Document(
            "pair",
            "{\"prompt\":[{\"role\":\"user\",\"content\":\"hello\"}],\"chosen\":[{\"role\":\"assistant\",\"content\":\"there\"}],"
                + "\"rejected\":[{\"role\":\"assistant\",\"content\":\"fine\"}]}");
    Encoded encoded = encoder(UNMARKED, 500, OverLong.DROP, false).preference(pair);
    assertThat(encoded.sequences()).hasSize(2);
    assertThat(learnt(encoded.sequences().getFirst())).isEqualTo("there<|im_end|>|");
    assertThat(learnt(encoded.sequences().getLast())).isEqualTo("fine<|im_end|>|");
    assertThat(encoded.sequences().getFirst().label()).isEqualTo(1);
  }

  @Test
  void everyRecordIsAccountedForFromTheFileToTheBatches() throws IOException {
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < 80; i++) {
      rows.append(
          "{\"prompt\":\"hello %d\",\"completion\":\"%s\"}\n"
              .formatted(i, "fine, thanks ".repeat(1 + i % 7)));
    }
    rows.append("{\"prompt\":\"hello\",\"completion\":\"\"}\n");
    Path file = Files.writeString(temp.resolve("rows.jsonl"), rows);
    DataConfig config =
        new DataConfig(
            new Source.Derived(new Source.Rows(file), new ConversationMapping(null, "x")),
            List.of(),
            Deduplicate.EXACT,
            new Split(0.1, 0.1));
    int longest = 90;
    try (Documents documents =
            Preparation.prepare(config, 3, temp.resolve("docs"), 2, PreparationListener.NONE);
        SequenceShards shards =
            SequenceShards.ofConversations(
                temp.resolve("sequences"),
                documents,
                encoder(MARKED, longest, OverLong.DROP, false),
                "template",
                2,
                PreparationListener.NONE)) {
      SequenceShard train = shards.shard(SplitName.TRAIN);
      SequenceRows packed = SequenceRows.packed(train, longest, 0);
      assertThat(packed.count()).isLessThan(train.sequences());
      ShuffledOrder order = new ShuffledOrder(packed.count(), 9, 3);
      long batches = 20;
      long[] times = new long[train.sequences()];
      long[] rowTimes = order.times(batches);
      for (int row = 0; row < rowTimes.length; row++) {
        for (int sequence : packed.sequences(row)) {
          times[sequence] += rowTimes[row];
        }
      }
      Ledger ledger = documents.ledger().with(shards.fates()).seen(times);
      ledger.check();
      Ledger.Summary summary = ledger.summary();
      assertThat(summary.records()).isEqualTo(81);
      assertThat(summary.reason(DropReason.VALUE_MISSING).records()).isEqualTo(1);
      assertThat(summary.reason(DropReason.TOO_LONG).records()).isPositive();
      assertThat(summary.outcome(Ledger.Outcome.TRAINED).tokens()).isEqualTo(train.tokens());
      long learnt = 0;
      for (long index = 0; index < batches; index++) {
        learnt += packed.batch(order.batch(index)).targetCount();
      }
      long expected = 0;
      for (int i = 0; i < times.length; i++) {
        expected += times[i] * train.targets(i);
      }
      assertThat(learnt).isEqualTo(expected);
      try (SequenceShards again = SequenceShards.open(temp.resolve("sequences"))) {
        assertThat(again.fates()).isEqualTo(shards.fates());
        assertThat(again.shard(SplitName.TEST).sequences()).isPositive();
      }
      Files.write(temp.resolve("sequences/train.tokens"), new byte[8]);
      assertThatThrownBy(() -> SequenceShards.open(temp.resolve("sequences")))
          .extracting("code")
          .isEqualTo("data.tokens-damaged");
    }
  }

  @Property(tries = 60)
  void packedRowsHoldEachSequenceOnceAndNoneSeesAnother(
      @ForAll @Size(min = 1, max = 30) List<@IntRange(min = 2, max = 12) Integer> lengths)
      throws IOException {
    Path folder = Files.createTempDirectory("packed");
    List<Sequence> sequences = new ArrayList<>();
    for (int i = 0; i < lengths.size(); i++) {
      int[] ids = new int[lengths.get(i)];
      Arrays.fill(ids, i + 1);
      boolean[] learnt = new boolean[ids.length];
      Arrays.fill(learnt, ids.length / 2, ids.length, true);
      sequences.add(new Sequence(ids, learnt, 0));
    }
    try (SequenceShards shards = SequenceFiles.write(folder.resolve("s"), sequences, 1)) {
      SequenceRows rows = SequenceRows.packed(shards.shard(SplitName.TRAIN), 12, 0);
      int[] seen = new int[lengths.size() + 1];
      for (int row = 0; row < rows.count(); row++) {
        TokenBatch batch = rows.batch(new long[] {row});
        assertThat(batch.columns()).isLessThanOrEqualTo(12);
        for (int i = 0; i < batch.columns(); i++) {
          int token = batch.tokens()[i];
          seen[token]++;
          // All from a position's start to itself is of its own sequence.
          for (int j = batch.starts()[i]; j <= i; j++) {
            assertThat(batch.tokens()[j]).isEqualTo(token);
          }
          if (batch.targets()[i] != TokenBatch.IGNORED) {
            assertThat(batch.targets()[i]).isEqualTo(token);
          }
        }
      }
      for (int i = 0; i < lengths.size(); i++) {
        assertThat(seen[i + 1]).isEqualTo(lengths.get(i));
      }
    }
  }
}
