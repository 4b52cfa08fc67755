package dev.slipway.data;

import dev.slipway.base.AtomicFiles;
import dev.slipway.base.Exit;
import dev.slipway.base.Hashing;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.data.clean.Cleaner;
import dev.slipway.data.source.DropReason;
import dev.slipway.data.source.Dropped;
import dev.slipway.data.source.RecordReader;
import dev.slipway.data.source.SourceRecord;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * From a source to documents: read, clean, deduplicate, split. Records are read and cleaned on
 * several threads; all that depends on their order happens on the calling one, so that the result
 * does not depend on the number of threads. Interrupting the calling thread stops it.
 */
public final class Preparation {
  private static final byte[] NOTHING = new byte[0];

  private final DataConfig config;
  private final long seed;
  private final PreparationListener listener;

  private final List<Ledger.Row> rows = new ArrayList<>();
  private final Set<String> ids = new HashSet<>();
  private final Map<String, String> firstWithText = new HashMap<>();
  private final Map<DropReason, Statistics.Count> dropped = new EnumMap<>(DropReason.class);
  private final Map<SplitName, Statistics.Count> splits = new EnumMap<>(SplitName.class);
  private long bytes;
  private double lowestPlace = 1;
  private double highestPlace;

  private Preparation(DataConfig config, long seed, PreparationListener listener) {
    this.config = config;
    this.seed = seed;
    this.listener = listener;
  }

  /**
   * Prepares a source into a folder, in place of one that was there. The folder appears when all is
   * done, or not at all.
   *
   * @param seed of the split
   * @param threads that read and clean
   * @throws SlipwayException if the source cannot be read, if no record is left, if a split that is
   *     asked for stays empty, if the disk is full, or if the thread is interrupted
   */
  public static Documents prepare(
      DataConfig config, long seed, Path folder, int threads, PreparationListener listener) {
    AtomicFiles.writeFolder(
        folder, fresh -> new Preparation(config, seed, listener).run(fresh, threads));
    return Documents.open(folder);
  }

  /** A record as the threads give it back. */
  private record Cleaned(
      String id,
      long bytes,
      @Nullable Dropped dropped,
      byte[] sha256,
      byte[] packed,
      long textBytes) {}

  private void run(Path folder, int threads) throws IOException {
    Cleaner cleaner = new Cleaner(config.clean());
    Map<SplitName, OutputStream> files = new EnumMap<>(SplitName.class);
    try (RecordReader reader = config.source().open();
        OutputStream train = create(folder, SplitName.TRAIN);
        OutputStream validation = create(folder, SplitName.VALIDATION);
        OutputStream test = create(folder, SplitName.TEST)) {
      files.put(SplitName.TRAIN, train);
      files.put(SplitName.VALIDATION, validation);
      files.put(SplitName.TEST, test);
      long expected = reader.expectedBytes();
      OrderedWork.run(
          reader::next,
          record -> 3 * record.weight(),
          pending -> clean(cleaner, pending.read()),
          cleaned -> {
            add(cleaned, files);
            // Of what is made of records, the source's size tells nothing.
            listener.progress(
                PreparationListener.Phase.READING,
                rows.size(),
                bytes,
                reader.bytesRead() < 0 ? expected : -1);
          },
          threads);
    }
    checkSplits();
    Ledger ledger = new Ledger(new Ledger.Input(rows.size(), bytes), rows);
    ledger.check();
    LedgerFile.write(ledger, folder.resolve(Documents.LEDGER));
    Map<String, String> sums = new TreeMap<>();
    for (SplitName split : SplitName.values()) {
      String name = split.label() + Documents.ENDING;
      sums.put(name, Hashing.sha256(folder.resolve(name)));
    }
    sums.put(Documents.LEDGER, Hashing.sha256(folder.resolve(Documents.LEDGER)));
    Files.writeString(
        folder.resolve(Documents.MANIFEST),
        Json.write(
            new Documents.Manifest(
                Documents.FORMAT,
                seed,
                new Statistics(rows.size(), bytes, dropped, splits),
                sums)));
  }

  private static OutputStream create(Path folder, SplitName split) throws IOException {
    return new BufferedOutputStream(
        Files.newOutputStream(folder.resolve(split.label() + Documents.ENDING)), 1 << 16);
  }

  private static Cleaned clean(Cleaner cleaner, SourceRecord record) {
    Cleaner.Cleaned result = cleaner.clean(record);
    // What the later stages need, not the bytes themselves, which would wait in memory.
    return result.dropped() != null
        ? new Cleaned(record.id(), record.bytes(), result.dropped(), NOTHING, NOTHING, 0)
        : new Cleaned(
            record.id(),
            record.bytes(),
            null,
            Hashing.digest().digest(result.utf8()),
            Documents.pack(result.utf8()),
            result.utf8().length);
  }

  private void add(Cleaned record, Map<SplitName, OutputStream> files) {
    String id = record.id();
    if (!ids.add(id)) {
      throw new SlipwayException(
          Exit.INPUT,
          "data.id-repeated",
          "two records of " + config.source().path() + " are named '" + id + "'",
          "name a field or column of unique ids, or none");
    }
    bytes += record.bytes();
    if (record.dropped() != null) {
      drop(record, record.dropped());
      return;
    }
    if (config.deduplicate() == Deduplicate.EXACT) {
      String first = firstWithText.putIfAbsent(Hashing.hex(record.sha256()), id);
      if (first != null) {
        drop(record, new Dropped(DropReason.DUPLICATE, "same text as " + first));
        return;
      }
    }
    double place = Split.place(record.sha256(), seed);
    lowestPlace = Math.min(lowestPlace, place);
    highestPlace = Math.max(highestPlace, place);
    SplitName split = config.split().at(place);
    rows.add(Ledger.Row.kept(id, record.bytes(), record.textBytes(), split));
    splits.merge(split, new Statistics.Count(1, record.textBytes()), Statistics.Count::plus);
    try {
      OutputStream file = files.get(split);
      if (file == null) {
        throw new IllegalStateException("every split has a file");
      }
      Documents.writeFrame(file, id, Math.toIntExact(record.textBytes()), record.packed());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void drop(Cleaned record, Dropped why) {
    rows.add(Ledger.Row.dropped(record.id(), record.bytes(), why.reason(), why.detail()));
    dropped.merge(why.reason(), new Statistics.Count(1, record.bytes()), Statistics.Count::plus);
  }

  private void checkSplits() {
    Path path = config.source().path();
    if (rows.isEmpty()) {
      throw new SlipwayException(
          Exit.INPUT,
          "data.source-empty",
          path + " has no records",
          "give a source that holds some text");
    }
    if (splits.isEmpty()) {
      String reasons =
          dropped.entrySet().stream()
              .map(e -> e.getKey().label() + " " + e.getValue().records())
              .collect(Collectors.joining(", "));
      throw new SlipwayException(
          Exit.INPUT,
          "data.nothing-left",
          "every record of " + path + " was dropped (" + reasons + ")",
          "give other data, or drop less in data.clean");
    }
    if (!splits.containsKey(SplitName.TRAIN)) {
      throw emptySplit(SplitName.TRAIN, "give more data, or smaller fractions in data.split");
    }
    Split split = config.split();
    if (split.validation() > 0 && !splits.containsKey(SplitName.VALIDATION)) {
      throw emptySplit(SplitName.VALIDATION, larger("validation", lowestPlace));
    }
    if (split.test() > 0 && !splits.containsKey(SplitName.TEST)) {
      throw emptySplit(SplitName.TEST, larger("test", 1 - highestPlace));
    }
  }

  private SlipwayException emptySplit(SplitName split, String fix) {
    long kept = splits.values().stream().mapToLong(Statistics.Count::records).sum();
    return new SlipwayException(
        Exit.INPUT,
        "data.split-empty",
        "of the %d records that are left none falls into the %s split"
            .formatted(kept, split.label()),
        fix);
  }

  /** The smallest whole percentage that would put a record into the split. */
  private static String larger(String name, double needed) {
    int percent = (int) Math.floor(needed * 100) + 1;
    return percent < 50
        ? "give more data, or set data.split." + name + " to " + percent + "% or more"
        : "give more data";
  }
}
