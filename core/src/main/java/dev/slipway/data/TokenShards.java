package dev.slipway.data;

import dev.slipway.base.AtomicFiles;
import dev.slipway.base.Hashing;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.tokenizer.Tokenizer;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The tokens of all splits in a folder, put there whole or not at all, opened by mapping them into
 * memory. For each split three files, all little endian:
 *
 * <ul>
 *   <li>{@code SPLIT.tokens}: uint16 when the vocabulary has at most 65,536 ids, else int32
 *   <li>{@code SPLIT.index}: for each document, and for the end, three int64: its first token, its
 *       first byte in the text of the split, its first byte in the ids
 *   <li>{@code SPLIT.ids}: the records' ids in UTF-8
 * </ul>
 *
 * and {@code manifest.json} with the tokenizer's fingerprint, the counts and the files' SHA-256.
 */
public final class TokenShards implements AutoCloseable {
  private static final String MANIFEST = "manifest.json";
  private static final int FORMAT = 1;

  private final Path folder;
  private final Manifest manifest;
  private final Arena arena;
  private final Map<SplitName, TokenShard> shards;

  /** What the manifest holds. */
  record Manifest(
      int format,
      String tokenizer,
      int vocabularySize,
      int startId,
      @Nullable Integer endId,
      int tokenBytes,
      Map<String, Counts> splits,
      Map<String, String> sha256) {}

  /** Of one split. */
  record Counts(int documents, long tokens, long textBytes) {}

  private TokenShards(
      Path folder, Manifest manifest, Arena arena, Map<SplitName, TokenShard> shards) {
    this.folder = folder;
    this.manifest = manifest;
    this.arena = arena;
    this.shards = shards;
  }

  public Path folder() {
    return folder;
  }

  public TokenShard shard(SplitName split) {
    TokenShard shard = shards.get(split);
    if (shard == null) {
      throw new IllegalStateException("every split has a shard");
    }
    return shard;
  }

  /** Fingerprint of the tokenizer that made the tokens. */
  public String tokenizerFingerprint() {
    return manifest.tokenizer();
  }

  public int vocabularySize() {
    return manifest.vocabularySize();
  }

  /** Whether a folder holds finished shards; what a kill left unfinished never does. */
  public static boolean areIn(Path folder) {
    return Files.isRegularFile(folder.resolve(MANIFEST));
  }

  /**
   * Tokenises all documents and puts the shards into a folder, in place of ones that were there.
   *
   * @param startId the token that begins each document
   * @param endId the token that is to be predicted at each document's end
   * @param threads that tokenise; the result does not depend on it
   * @throws SlipwayException {@code data.interrupted}, or if the folder cannot be written
   */
  public static TokenShards write(
      Path folder,
      Documents documents,
      Tokenizer tokenizer,
      int startId,
      int endId,
      int threads,
      PreparationListener listener) {
    return write(
        folder,
        documents::documents,
        documents.statistics().keptBytes(),
        tokenizer,
        startId,
        endId,
        threads,
        listener);
  }

  /** As above, where one token begins and ends documents. */
  public static TokenShards write(
      Path folder,
      Documents documents,
      Tokenizer tokenizer,
      int startId,
      int threads,
      PreparationListener listener) {
    return write(folder, documents, tokenizer, startId, startId, threads, listener);
  }

  static TokenShards write(
      Path folder,
      Function<SplitName, Iterable<Document>> documents,
      long expectedBytes,
      Tokenizer tokenizer,
      int startId,
      int endId,
      int threads,
      PreparationListener listener) {
    AtomicFiles.writeFolder(
        folder,
        fresh -> {
          int tokenBytes = tokenizer.vocabularySize() <= 1 << 16 ? Short.BYTES : Integer.BYTES;
          Map<String, Counts> counts = new TreeMap<>();
          Map<String, String> sums = new TreeMap<>();
          Progress progress = new Progress(listener, expectedBytes);
          for (SplitName split : SplitName.values()) {
            String name = split.label();
            try (ShardWriter writer = new ShardWriter(fresh, name, tokenBytes)) {
              Iterator<Document> iterator = documents.apply(split).iterator();
              OrderedWork.run(
                  () -> iterator.hasNext() ? iterator.next() : null,
                  document -> document.text().length() * 8L,
                  document -> Tokenised.of(document, tokenizer, startId),
                  tokenised -> {
                    writer.add(tokenised);
                    progress.add(tokenised.textBytes());
                  },
                  threads);
              counts.put(name, writer.finish());
            }
            for (String ending : new String[] {".tokens", ".index", ".ids"}) {
              sums.put(name + ending, Hashing.sha256(fresh.resolve(name + ending)));
            }
          }
          Manifest manifest =
              new Manifest(
                  FORMAT,
                  tokenizer.fingerprint(),
                  tokenizer.vocabularySize(),
                  startId,
                  endId,
                  tokenBytes,
                  counts,
                  sums);
          Files.writeString(fresh.resolve(MANIFEST), Json.write(manifest));
        });
    return open(folder);
  }

  /**
   * Maps the shards of a folder after checking their sums.
   *
   * @throws SlipwayException {@code data.tokens-damaged} if they are not what the manifest says
   */
  @SuppressWarnings("MustBeClosedChecker") // the arena lives until close()
  public static TokenShards open(Path folder) {
    PreparedFiles.Damage damage = new PreparedFiles.Damage("data.tokens-damaged", "tokens", folder);
    Manifest manifest = PreparedFiles.manifest(folder.resolve(MANIFEST), Manifest.class, damage);
    PreparedFiles.check(folder, manifest.format(), FORMAT, manifest.sha256(), damage);
    Arena arena = Arena.ofShared();
    try {
      Map<SplitName, TokenShard> shards = new EnumMap<>(SplitName.class);
      for (SplitName split : SplitName.values()) {
        String name = split.label();
        shards.put(
            split,
            new TokenShard(
                split,
                manifest.startId(),
                manifest.endId() == null ? manifest.startId() : manifest.endId(),
                manifest.tokenBytes(),
                PreparedFiles.map(folder.resolve(name + ".tokens"), arena),
                PreparedFiles.map(folder.resolve(name + ".index"), arena),
                PreparedFiles.map(folder.resolve(name + ".ids"), arena)));
      }
      return new TokenShards(folder, manifest, arena, shards);
    } catch (IOException e) {
      arena.close();
      throw damage.of("it cannot be read: " + e.getMessage(), e);
    }
  }

  /** Unmaps; no shard may be used afterwards. */
  @Override
  public void close() {
    arena.close();
  }

  private static final class Progress {
    private final PreparationListener listener;
    private final long expected;
    private long documents;
    private long bytes;

    Progress(PreparationListener listener, long expected) {
      this.listener = listener;
      this.expected = expected;
    }

    void add(long textBytes) {
      documents++;
      bytes += textBytes;
      listener.progress(PreparationListener.Phase.TOKENISING, documents, bytes, expected);
    }
  }
}
