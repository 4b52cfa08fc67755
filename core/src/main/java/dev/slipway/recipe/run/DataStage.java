package dev.slipway.recipe.run;

import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.data.DataConfig;
import dev.slipway.data.Documents;
import dev.slipway.data.Ledger;
import dev.slipway.data.Preparation;
import dev.slipway.data.PreparationListener;
import dev.slipway.data.SplitName;
import dev.slipway.data.Statistics;
import dev.slipway.data.TokenShards;
import dev.slipway.data.conversation.SequenceEncoder;
import dev.slipway.data.conversation.SequenceShards;
import dev.slipway.tokenizer.BpeConfig;
import dev.slipway.tokenizer.BpeTokenizer;
import dev.slipway.tokenizer.BpeTrainer;
import dev.slipway.tokenizer.BpeTrainingListener;
import dev.slipway.tokenizer.SpecialTokens;
import dev.slipway.tokenizer.Tokenizer;
import dev.slipway.tokenizer.Tokenizers;
import dev.slipway.tokenizer.chat.TextFingerprint;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** From the source to tokens: documents, a tokenizer trained on them, and token shards. */
public final class DataStage {
  private final RunPaths paths;
  private final long seed;
  private final int threads;
  private final Phases phases;

  public DataStage(RunPaths paths, long seed, int threads, Phases phases) {
    this.paths = paths;
    this.seed = seed;
    this.threads = threads;
    this.phases = phases;
  }

  public Documents documents(DataConfig config) {
    return phases.run(
        Phase.DATA,
        Documents.areIn(paths.documents()),
        reused ->
            reused
                ? Documents.open(paths.documents())
                : Preparation.prepare(
                    config, seed, paths.documents(), threads, listener(Phase.DATA)),
        documents -> {
          phases.tell(new RunEvent.DataPrepared(documents.statistics()));
          return text(documents.statistics());
        });
  }

  private static String text(Statistics statistics) {
    long kept = statistics.splits().values().stream().mapToLong(Statistics.Count::records).sum();
    return String.format(
        Locale.ROOT,
        "%,d records (%.1f MB), %,d kept (%.1f MB): %,d to train on, %,d for validation, %,d for the test",
        statistics.records(),
        statistics.bytes() / 1e6,
        kept,
        statistics.keptBytes() / 1e6,
        statistics.split(SplitName.TRAIN).records(),
        statistics.split(SplitName.VALIDATION).records(),
        statistics.split(SplitName.TEST).records());
  }

  /** Trains on the training split only. */
  Tokenizer tokenizer(Documents documents, BpeConfig config, int context) {
    return phases.run(
        Phase.TOKENIZER,
        Files.exists(paths.tokenizer().resolve("tokenizer.json")),
        reused -> {
          if (reused) {
            return Tokenizers.open(paths.tokenizer());
          }
          BpeTokenizer trained =
              BpeTrainer.train(
                  documents.texts(SplitName.TRAIN).iterator(),
                  config,
                  threads,
                  tokenizerListener());
          Tokenizers.write(trained, paths.tokenizer(), context);
          return trained;
        },
        tokenizer ->
            String.format(Locale.ROOT, "byte-level BPE of %,d tokens", tokenizer.vocabularySize()));
  }

  TokenShards tokens(Documents documents, Tokenizer tokenizer) {
    return tokens(documents, tokenizer, startId(tokenizer), startId(tokenizer));
  }

  /**
   * @param startId the token that begins each document
   * @param endId the token that is to be predicted at each document's end
   */
  public TokenShards tokens(Documents documents, Tokenizer tokenizer, int startId, int endId) {
    return phases.run(
        Phase.TOKENS,
        TokenShards.areIn(paths.tokens()),
        reused -> {
          TokenShards shards =
              reused
                  ? TokenShards.open(paths.tokens())
                  : TokenShards.write(
                      paths.tokens(),
                      documents,
                      tokenizer,
                      startId,
                      endId,
                      threads,
                      listener(Phase.TOKENS));
          TextFingerprint now = fingerprint(tokenizer);
          TextFingerprint made = TextFingerprint.recorded(paths.tokens());
          if (made != null) {
            now.check(made, paths.tokens().toString(), paths.tokenizer().toString());
          } else if (!reused) {
            now.write(paths.tokens());
          }
          if (!shards.tokenizerFingerprint().equals(tokenizer.fingerprint())) {
            throw new SlipwayException(
                Exit.INPUT,
                "data.tokenizer-mismatch",
                paths.tokens()
                    + " was made with tokenizer "
                    + shards.tokenizerFingerprint()
                    + ", expected "
                    + tokenizer.fingerprint(),
                "delete " + paths.tokens() + " and resume");
          }
          return shards;
        },
        shards ->
            String.format(
                Locale.ROOT,
                "%,d tokens to train on, %.2f bytes a token",
                shards.shard(SplitName.TRAIN).tokens(),
                (double) shards.shard(SplitName.TRAIN).textBytes()
                    / shards.shard(SplitName.TRAIN).tokens()));
  }

  /** How documents become sequences of tokens. */
  @FunctionalInterface
  public interface Sequences {
    SequenceShards write(
        Path folder,
        Documents documents,
        SequenceEncoder encoder,
        String template,
        int threads,
        PreparationListener listener);
  }

  /**
   * Conversations or preferences as sequences.
   *
   * @param text how they become tokens
   * @throws SlipwayException {@code tokenizer.fingerprint-mismatch} where sequences are there that
   *     became tokens in another way
   */
  public SequenceShards sequences(
      Documents documents, TextFingerprint text, SequenceEncoder encoder, Sequences how) {
    return phases.run(
        Phase.TOKENS,
        SequenceShards.areIn(paths.tokens()),
        reused -> {
          if (reused) {
            TextFingerprint made = TextFingerprint.recorded(paths.tokens());
            if (made != null) {
              text.check(made, paths.tokens().toString(), "the recipe's model and template");
            }
            return SequenceShards.open(paths.tokens());
          }
          SequenceShards shards =
              how.write(
                  paths.tokens(),
                  documents,
                  encoder,
                  text.chatTemplate(),
                  threads,
                  listener(Phase.TOKENS));
          text.write(paths.tokens());
          return shards;
        },
        shards -> summary(shards));
  }

  private static String summary(SequenceShards shards) {
    long dropped = 0;
    long cut = 0;
    for (List<Ledger.Fate> fates : shards.fates().values()) {
      dropped += fates.stream().filter(fate -> fate.dropped() != null).count();
      cut += fates.stream().filter(fate -> fate.truncated() > 0).count();
    }
    return String.format(
        Locale.ROOT,
        "%,d sequences of %,d tokens to train on%s%s",
        shards.shard(SplitName.TRAIN).sequences(),
        shards.shard(SplitName.TRAIN).tokens(),
        dropped > 0 ? String.format(Locale.ROOT, ", %,d records left out", dropped) : "",
        cut > 0 ? String.format(Locale.ROOT, ", %,d cut", cut) : "");
  }

  /** Of prepared data, to which no template and no roles belong yet. */
  private static TextFingerprint fingerprint(Tokenizer tokenizer) {
    return TextFingerprint.of(tokenizer, SpecialTokens.of(Json.object()), null);
  }

  /** The token that begins each document. */
  static int startId(Tokenizer tokenizer) {
    int id = tokenizer.id(BpeConfig.END_OF_TEXT);
    return id >= 0 ? id : tokenizer.specialIds().getFirst();
  }

  private PreparationListener listener(Phase phase) {
    return (ignored, records, bytes, expected) ->
        phases.tell(
            new RunEvent.PhaseProgress(
                phase,
                expected > 0 ? Math.min(1.0, (double) bytes / expected) : Double.NaN,
                String.format(Locale.ROOT, "%,d records, %.1f MB", records, bytes / 1e6)));
  }

  private BpeTrainingListener tokenizerListener() {
    return new BpeTrainingListener() {
      @Override
      public void counting(long documents, long characters) {
        phases.tell(
            new RunEvent.PhaseProgress(
                Phase.TOKENIZER,
                Double.NaN,
                String.format(
                    Locale.ROOT,
                    "counted %,d documents, %.1f M characters",
                    documents,
                    characters / 1e6)));
      }

      @Override
      public void merging(int tokens, int vocabularySize) {
        phases.tell(
            new RunEvent.PhaseProgress(
                Phase.TOKENIZER,
                (double) tokens / vocabularySize,
                String.format(Locale.ROOT, "%,d of %,d tokens", tokens, vocabularySize)));
      }
    };
  }
}
