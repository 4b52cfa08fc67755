package dev.slipway.data.conversation;

import dev.slipway.base.AtomicFiles;
import dev.slipway.base.Exit;
import dev.slipway.base.Hashing;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.data.Document;
import dev.slipway.data.Documents;
import dev.slipway.data.Ledger;
import dev.slipway.data.OrderedWork;
import dev.slipway.data.PreparationListener;
import dev.slipway.data.PreparedFiles;
import dev.slipway.data.SplitName;
import dev.slipway.data.source.DropReason;
import dev.slipway.data.source.Dropped;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The sequences of all splits in a folder, put there whole or not at all, opened by mapping them
 * into memory. For each split, all little endian:
 *
 * <ul>
 *   <li>{@code SPLIT.tokens}: int32 a token, its highest bit set where the token is learnt
 *   <li>{@code SPLIT.index}: for each sequence, and for the end, three int64: its first token, its
 *       record's place among the kept documents, its label
 *   <li>{@code SPLIT.fates}: a line of JSON for each kept document: what became of it
 * </ul>
 *
 * and {@code manifest.json} with what made them, and the files' SHA-256.
 */
public final class SequenceShards implements AutoCloseable {
  private static final String MANIFEST = "manifest.json";
  private static final int FORMAT = 1;
  private static final int LEARNT = 1 << 31;

  private final Manifest manifest;
  private final Arena arena;
  private final Map<SplitName, SequenceShard> shards;
  private final Map<SplitName, List<Ledger.Fate>> fates;

  /**
   * What the manifest holds.
   *
   * @param perRecord sequences that a kept record became: 1, or 2 of pairs
   */
  record Manifest(
      int format, String tokenizer, String template, int perRecord, Map<String, String> sha256) {}

  private SequenceShards(
      Manifest manifest,
      Arena arena,
      Map<SplitName, SequenceShard> shards,
      Map<SplitName, List<Ledger.Fate>> fates) {
    this.manifest = manifest;
    this.arena = arena;
    this.shards = shards;
    this.fates = fates;
  }

  /** Whether a folder holds finished shards; what a kill left unfinished never does. */
  public static boolean areIn(Path folder) {
    return Files.isRegularFile(folder.resolve(MANIFEST));
  }

  public SequenceShard shard(SplitName split) {
    SequenceShard shard = shards.get(split);
    if (shard == null) {
      throw new IllegalStateException("every split has a shard");
    }
    return shard;
  }

  /** What became of each kept record, by split and in the order of the source. */
  public Map<SplitName, List<Ledger.Fate>> fates() {
    return fates;
  }

  /** Fingerprint of the tokenizer that made the tokens. */
  public String tokenizerFingerprint() {
    return manifest.tokenizer();
  }

  /** Sequences that each record became: 1, or 2 of pairs. */
  public int perRecord() {
    return manifest.perRecord();
  }

  /** Makes conversations into sequences, one each. */
  public static SequenceShards ofConversations(
      Path folder,
      Documents documents,
      SequenceEncoder encoder,
      String template,
      int threads,
      PreparationListener listener) {
    return write(folder, documents, encoder, encoder::conversation, template, threads, listener);
  }

  /** Makes pairs into two sequences each, chosen and rejected, and rated answers into one each. */
  public static SequenceShards ofPreferences(
      Path folder,
      Documents documents,
      SequenceEncoder encoder,
      String template,
      int threads,
      PreparationListener listener) {
    return write(folder, documents, encoder, encoder::preference, template, threads, listener);
  }

  private static SequenceShards write(
      Path folder,
      Documents documents,
      SequenceEncoder encoder,
      Function<Document, Encoded> encode,
      String template,
      int threads,
      PreparationListener listener) {
    long[] progress = new long[2];
    return write(
        folder,
        encoder.tokenizer().fingerprint(),
        template,
        (split, out) -> {
          Iterator<Document> iterator = documents.documents(split).iterator();
          OrderedWork.run(
              () -> iterator.hasNext() ? iterator.next() : null,
              document -> document.text().length() * 8L,
              encode,
              encoded -> {
                out.accept(encoded);
                progress[0]++;
                progress[1] += encoded.fate().tokens();
                listener.progress(
                    PreparationListener.Phase.TOKENISING, progress[0], progress[1], -1);
              },
              threads);
        });
  }

  /** What the kept records of each split became. */
  @FunctionalInterface
  interface Splits {
    void each(SplitName split, Consumer<Encoded> out);
  }

  static SequenceShards write(Path folder, String tokenizer, String template, Splits splits) {
    AtomicFiles.writeFolder(
        folder,
        fresh -> {
          Map<String, String> sums = new TreeMap<>();
          int[] perRecord = {0};
          for (SplitName split : SplitName.values()) {
            String name = split.label();
            try (Writer writer = new Writer(fresh, name)) {
              splits.each(
                  split,
                  encoded -> {
                    perRecord[0] = same(perRecord[0], encoded);
                    writer.add(encoded);
                  });
              if (writer.sequences == 0 && writer.records > 0) {
                throw nothingLeft(split);
              }
              writer.finish();
            }
            for (String ending : List.of(".tokens", ".index", ".fates")) {
              sums.put(name + ending, Hashing.sha256(fresh.resolve(name + ending)));
            }
          }
          Files.writeString(
              fresh.resolve(MANIFEST),
              Json.write(new Manifest(FORMAT, tokenizer, template, perRecord[0], sums)));
        });
    return open(folder);
  }

  private static int same(int before, Encoded encoded) {
    int count = encoded.sequences().size();
    if (count > 0 && before > 0 && count != before) {
      throw new SlipwayException(
          Exit.INPUT,
          "data.preferences-mixed",
          encoded.id()
              + " is of another kind than the rows before it: pairs and rated answers came together",
          "give a file of one kind");
    }
    return Math.max(before, count);
  }

  private static SlipwayException nothingLeft(SplitName split) {
    return new SlipwayException(
        Exit.INPUT,
        "data.nothing-left",
        "nothing is left to learn from in the " + split.label() + " split",
        "allow more tokens by the context, or cut over-long conversations in place of dropping them");
  }

  /**
   * Maps the shards of a folder after checking their sums.
   *
   * @throws SlipwayException {@code data.tokens-damaged} if they are not what the manifest says
   */
  @SuppressWarnings("MustBeClosedChecker") // the arena lives until close()
  public static SequenceShards open(Path folder) {
    PreparedFiles.Damage damage = new PreparedFiles.Damage("data.tokens-damaged", "tokens", folder);
    Manifest manifest = PreparedFiles.manifest(folder.resolve(MANIFEST), Manifest.class, damage);
    PreparedFiles.check(folder, manifest.format(), FORMAT, manifest.sha256(), damage);
    Arena arena = Arena.ofShared();
    try {
      Map<SplitName, SequenceShard> shards = new EnumMap<>(SplitName.class);
      Map<SplitName, List<Ledger.Fate>> fates = new EnumMap<>(SplitName.class);
      for (SplitName split : SplitName.values()) {
        shards.put(
            split,
            new SequenceShard(
                PreparedFiles.map(folder.resolve(split.label() + ".tokens"), arena),
                PreparedFiles.map(folder.resolve(split.label() + ".index"), arena)));
        List<Ledger.Fate> lines = new ArrayList<>();
        for (String line : Files.readAllLines(folder.resolve(split.label() + ".fates"))) {
          lines.add(fate(Json.parse(line, split.label() + ".fates")));
        }
        fates.put(split, List.copyOf(lines));
      }
      return new SequenceShards(manifest, arena, shards, fates);
    } catch (IOException e) {
      arena.close();
      throw damage.of("it cannot be read: " + e.getMessage(), e);
    }
  }

  private static Ledger.Fate fate(JsonNode line) {
    return new Ledger.Fate(
        line.has("reason")
            ? new Dropped(
                DropReason.of(line.path("reason").asString()), line.path("detail").asString())
            : null,
        line.path("tokens").asLong(),
        line.path("truncated").asLong());
  }

  /** Unmaps; no shard may be used afterwards. */
  @Override
  public void close() {
    arena.close();
  }

  private static final class Writer implements AutoCloseable {
    private final OutputStream tokens;
    private final OutputStream index;
    private final OutputStream fates;
    private int sequences;
    private long count;
    private long records;

    Writer(Path folder, String name) throws IOException {
      tokens = create(folder.resolve(name + ".tokens"));
      index = create(folder.resolve(name + ".index"));
      fates = create(folder.resolve(name + ".fates"));
    }

    private static OutputStream create(Path file) throws IOException {
      return new BufferedOutputStream(Files.newOutputStream(file), 1 << 16);
    }

    void add(Encoded encoded) {
      try {
        for (Sequence sequence : encoded.sequences()) {
          entry(sequence.label());
          int[] ids = sequence.ids();
          ByteBuffer buffer =
              ByteBuffer.allocate(ids.length * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
          for (int i = 0; i < ids.length; i++) {
            buffer.putInt(sequence.learnt()[i] ? ids[i] | LEARNT : ids[i]);
          }
          tokens.write(buffer.array());
          count += ids.length;
          sequences++;
        }
        ObjectNode line = Json.object();
        Ledger.Fate fate = encoded.fate();
        if (fate.dropped() != null) {
          line.put("reason", fate.dropped().reason().label());
          line.put("detail", fate.dropped().detail());
        }
        line.put("tokens", fate.tokens()).put("truncated", fate.truncated());
        fates.write((Json.line(line) + "\n").getBytes(StandardCharsets.UTF_8));
        records++;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    void finish() throws IOException {
      entry(0);
    }

    private void entry(int label) throws IOException {
      index.write(
          ByteBuffer.allocate(SequenceShard.ENTRY)
              .order(ByteOrder.LITTLE_ENDIAN)
              .putLong(count)
              .putLong(records)
              .putLong(label)
              .array());
    }

    @Override
    public void close() throws IOException {
      try (tokens;
          index;
          fates) {
        tokens.flush();
      }
    }
  }
}
