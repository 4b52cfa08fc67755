package dev.slipway.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.base.AtomicFiles;
import dev.slipway.base.SlipwayException;
import dev.slipway.data.source.DropReason;
import dev.slipway.tokenizer.BpeConfig;
import dev.slipway.tokenizer.BpeTrainer;
import dev.slipway.tokenizer.TokenBatch;
import dev.slipway.tokenizer.Tokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Consumer;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.NotBlank;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;

class PackingTest {
  private static final ByteTokenizer TOKENIZER = new ByteTokenizer(257);

  /** The tokens of these texts as the training split; the folder is gone afterwards. */
  private static void packed(List<String> texts, Tokenizer tokenizer, Consumer<TokenShards> check) {
    Path folder = null;
    try {
      folder = Files.createTempDirectory("packing");
      List<Document> documents = new ArrayList<>();
      for (int i = 0; i < texts.size(); i++) {
        documents.add(new Document("%05d.txt".formatted(i), texts.get(i)));
      }
      try (TokenShards shards =
          TokenShards.write(
              folder.resolve("tokens"),
              split -> split == SplitName.TRAIN ? documents : List.of(),
              -1,
              tokenizer,
              ByteTokenizer.START,
              ByteTokenizer.START,
              2,
              PreparationListener.NONE)) {
        check.accept(shards);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      if (folder != null) {
        AtomicFiles.delete(folder);
      }
    }
  }

  @Property(tries = 25)
  void packingLosesNothingAndEveryTokenIsAnInputOncePerEpoch(
      @ForAll @Size(min = 1, max = 12) List<@NotBlank @StringLength(min = 1, max = 40) String> raw,
      @ForAll @IntRange(min = 1, max = 17) int context,
      @ForAll @IntRange(min = 1, max = 5) int rows,
      @ForAll long seed,
      @ForAll @IntRange(min = 0, max = 3) int epoch) {
    List<String> texts = raw.stream().filter(PackingTest::isText).toList();
    if (texts.isEmpty()) {
      return;
    }
    packed(
        texts,
        TOKENIZER,
        shards -> {
          int[] stream =
              texts.stream()
                  .flatMapToInt(t -> Arrays.stream(TOKENIZER.encodeWithSpecialTokens(t)))
                  .toArray();
          TokenWindows windows = new TokenWindows(shards.shard(SplitName.TRAIN), context);
          assertThat(windows.shard().tokens()).isEqualTo(stream.length);
          assertThat(inputs(windows, rows)).isEqualTo(stream);
          checkStartsAndTargets(windows, stream);

          // Shuffled, an epoch is the same windows, each once.
          ShuffledBatches batches = new ShuffledBatches(windows, seed, 1);
          List<String> remaining = new ArrayList<>();
          for (long w = 0; w < windows.count(); w++) {
            remaining.add(shown(windows.batch(new long[] {w})));
          }
          for (long i = 0; i < windows.count(); i++) {
            TokenBatch batch = batches.batch(epoch * windows.count() + i);
            assertThat(remaining.remove(shown(batch))).isTrue();
          }
          assertThat(remaining).isEmpty();
        });
  }

  private static String shown(TokenBatch batch) {
    return Arrays.toString(batch.tokens())
        + Arrays.toString(batch.targets())
        + Arrays.toString(batch.starts());
  }

  private static boolean isText(String text) {
    return text.indexOf(0) < 0
        && !text.isBlank()
        && StandardCharsets.UTF_8.newEncoder().canEncode(text)
        && text.chars().noneMatch(c -> c < ' ');
  }

  /** All inputs that have a target, in order. */
  private static int[] inputs(TokenWindows windows, int rows) {
    List<Integer> inputs = new ArrayList<>();
    for (long i = 0; i < windows.batches(rows); i++) {
      TokenBatch batch = windows.batch(i, rows);
      for (int k = 0; k < batch.tokens().length; k++) {
        if (batch.targets()[k] != TokenBatch.IGNORED) {
          inputs.add(batch.tokens()[k]);
        }
      }
    }
    return inputs.stream().mapToInt(Integer::intValue).toArray();
  }

  private static void checkStartsAndTargets(TokenWindows windows, int[] stream) {
    for (long w = 0; w < windows.count(); w++) {
      TokenBatch batch = windows.batch(new long[] {w});
      int start = 0;
      for (int column = 0; column < windows.tokens(w); column++) {
        int position = (int) w * windows.context() + column;
        if (stream[position] == ByteTokenizer.START) {
          start = column;
        }
        assertThat(batch.starts()[column]).isEqualTo(start);
        int next = position + 1 < stream.length ? stream[position + 1] : ByteTokenizer.START;
        assertThat(batch.targets()[column]).isEqualTo(next);
      }
      for (int column = windows.tokens(w); column < windows.context(); column++) {
        assertThat(batch.targets()[column]).isEqualTo(TokenBatch.IGNORED);
        assertThat(batch.starts()[column]).isEqualTo(windows.tokens(w));
      }
    }
  }

  @Property(tries = 25)
  void theLedgerCountsWhatBatchesHold(
      @ForAll @Size(min = 1, max = 9) List<@StringLength(min = 1, max = 30) @NotBlank String> raw,
      @ForAll @IntRange(min = 1, max = 9) int context,
      @ForAll @IntRange(min = 1, max = 4) int batchRows,
      @ForAll long seed,
      @ForAll @IntRange(min = 0, max = 40) int microBatches) {
    List<String> texts = raw.stream().filter(PackingTest::isText).toList();
    if (texts.isEmpty()) {
      return;
    }
    packed(
        texts,
        TOKENIZER,
        shards -> {
          TokenShard shard = shards.shard(SplitName.TRAIN);
          ShuffledBatches batches =
              new ShuffledBatches(new TokenWindows(shard, context), seed, batchRows);
          long targets = 0;
          TreeMap<String, Integer> batchesWith = new TreeMap<>();
          for (long i = 0; i < microBatches; i++) {
            assertThat(batches.targetCount(i)).isEqualTo(batches.batch(i).targetCount());
            targets += batches.targetCount(i);
            batches.recordIds(i).forEach(id -> batchesWith.merge(id, 1, Integer::sum));
          }
          List<Ledger.Row> rows = new ArrayList<>();
          for (int d = 0; d < shard.documents(); d++) {
            long bytes = shard.textBytes(d);
            rows.add(Ledger.Row.kept(shard.id(d), bytes, bytes, SplitName.TRAIN));
          }
          rows.add(1, Ledger.Row.dropped("between", 5, DropReason.BINARY, "a NUL at character 2"));
          Ledger.Input input = new Ledger.Input(rows.size(), shard.textBytes() + 5);
          Ledger ledger = new Ledger(input, rows).tokenised(shards).trained(batches, microBatches);
          ledger.check(shards, batches, microBatches);
          assertThat(ledger.rows().stream().mapToLong(Ledger.Row::tokensSeen).sum())
              .isEqualTo(targets);
          for (Ledger.Row row : ledger.rows()) {
            assertThat(row.timesSeen() > 0).isEqualTo(batchesWith.containsKey(row.id()));
            assertThat(row.tokens()).isEqualTo(row.reason() == null ? row.bytesClean() + 1 : 0);
          }
        });
  }

  @Property(tries = 200)
  void aPermutationIsABijection(
      @ForAll @IntRange(min = 1, max = 3000) int size, @ForAll long seed, @ForAll long stream) {
    KeyedPermutation permutation = new KeyedPermutation(size, seed, stream);
    boolean[] met = new boolean[size];
    for (int i = 0; i < size; i++) {
      int value = (int) permutation.apply(i);
      assertThat(met[value]).isFalse();
      met[value] = true;
    }
    int from = size / 3;
    long[] together = permutation.apply(from, size - from);
    for (int i = from; i < size; i++) {
      assertThat(together[i - from]).isEqualTo(permutation.apply(i));
    }
  }

  @Property(tries = 200)
  void aPermutationStaysInLargeRanges(
      @ForAll @LongRange(min = 1L << 32, max = 1L << 61) long size, @ForAll long seed) {
    KeyedPermutation permutation = new KeyedPermutation(size, seed, 0);
    assertThat(permutation.apply(size - 1)).isBetween(0L, size - 1);
    assertThat(permutation.apply(0)).isBetween(0L, size - 1);
    assertThat(permutation.apply(size - 2, 2))
        .containsExactly(permutation.apply(size - 2), permutation.apply(size - 1));
  }

  @Property(tries = 20)
  void aPermutationShufflesAndEachEpochDiffers(@ForAll long seed) {
    int size = 1000;
    KeyedPermutation first = new KeyedPermutation(size, seed, 0);
    KeyedPermutation second = new KeyedPermutation(size, seed, 1);
    int fixed = 0;
    int neighbours = 0;
    int same = 0;
    for (int i = 0; i < size; i++) {
      fixed += first.apply(i) == i ? 1 : 0;
      same += first.apply(i) == second.apply(i) ? 1 : 0;
      neighbours += i > 0 && first.apply(i) == first.apply(i - 1) + 1 ? 1 : 0;
    }
    // Each is Poisson with mean 1 for a random permutation: 12 and more come once in 10^9.
    assertThat(fixed).isLessThan(12);
    assertThat(neighbours).isLessThan(12);
    assertThat(same).isLessThan(12);
  }

  @Property(tries = 5)
  void vocabulariesBeyondSixteenBitsKeepTheirIds(
      @ForAll @IntRange(min = 65_536, max = 70_000) int vocabulary) {
    ByteTokenizer tokenizer = new ByteTokenizer(vocabulary);
    packed(
        List.of("größer ÿ", "text"),
        tokenizer,
        shards -> {
          TokenShard shard = shards.shard(SplitName.TRAIN);
          assertThat(shard.document(0)).isEqualTo(tokenizer.encodeWithSpecialTokens("größer ÿ"));
          assertThat(tokenizer.decode(shard.document(1), true)).isEqualTo("text");
          assertThat(shard.id(1)).isEqualTo("00001.txt");
          assertThat(shard.textBytes(0)).isEqualTo(11);
          assertThat(shard.textBytes()).isEqualTo(15);
          assertThat(shards.tokenizerFingerprint()).isEqualTo(tokenizer.fingerprint());
        });
  }

  @Property(tries = 1)
  void aDocumentThatSpellsTheStartTokenStartsNoOther() {
    List<String> texts =
        List.of("<|endoftext|>", "int a = 1;<|endoftext|>int b;", "end<|endoftext|>", "text");
    Tokenizer tokenizer = BpeTrainer.train(texts.iterator(), BpeConfig.ofSize(300));
    int start = tokenizer.id(BpeConfig.END_OF_TEXT);
    assertThat(tokenizer.encode(texts.getFirst())).containsExactly(start);
    packed(
        texts,
        tokenizer,
        shards -> {
          TokenShard shard = shards.shard(SplitName.TRAIN);
          for (int d = 0; d < texts.size(); d++) {
            int[] tokens = shard.document(d);
            assertThat(tokens[0]).isEqualTo(start);
            assertThat(Arrays.copyOfRange(tokens, 1, tokens.length)).doesNotContain(start);
            assertThat(tokenizer.decode(tokens, true)).isEqualTo(texts.get(d));
          }
          int[] stream = inputs(new TokenWindows(shard, 8), 2);
          assertThat(Arrays.stream(stream).filter(token -> token == start).count())
              .isEqualTo(texts.size());
          checkStartsAndTargets(new TokenWindows(shard, 8), stream);
        });
  }

  @Property(tries = 1)
  void damagedTokensAreRefused() {
    packed(
        List.of("some text", "more text"),
        TOKENIZER,
        shards -> {
          Path folder = shards.folder();
          assertThat(TokenShards.areIn(folder)).isTrue();
          byte[] bytes = bytes(folder.resolve("train.tokens"));
          bytes[3] ^= 1;
          Sources.write(folder.resolve("train.tokens"), bytes);
          assertThatThrownBy(() -> TokenShards.open(folder))
              .isInstanceOfSatisfying(
                  SlipwayException.class,
                  e -> {
                    assertThat(e.code()).isEqualTo("data.tokens-damaged");
                    assertThat(e).hasMessageContaining("checksum of train.tokens");
                  });
        });
  }

  private static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
