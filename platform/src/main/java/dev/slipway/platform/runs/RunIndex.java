package dev.slipway.platform.runs;

import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.platform.store.IndexFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;

/**
 * All runs below one folder. The folders are the truth: {@code index.db} only spares reading those
 * that have not changed since, and may be deleted at any time. Several processes may use it.
 */
public final class RunIndex {
  /** The index's file name below the runs' home. */
  public static final String FILE = "index.db";

  private static final int VERSION = 1;
  private static final List<String> SCHEMA =
      List.of(
          """
          CREATE TABLE run (
            id TEXT PRIMARY KEY,
            stamp TEXT NOT NULL,
            name TEXT NOT NULL,
            status TEXT NOT NULL,
            started TEXT,
            parameters INTEGER,
            bits_per_byte REAL,
            record TEXT NOT NULL
          ) STRICT""");

  private final Path home;
  private final IndexFile file;

  private RunIndex(Path home, IndexFile file) {
    this.home = home;
    this.file = file;
  }

  /**
   * @param home the folder that holds run folders; made when it is not there
   */
  public static RunIndex open(Path home) {
    Path absolute = home.toAbsolutePath().normalize();
    return new RunIndex(absolute, IndexFile.open(absolute.resolve(FILE), VERSION, SCHEMA));
  }

  /** Every run, the newest first, as the folders are now. */
  public List<RunRecord> list() {
    return file.inTransaction(this::refresh).stream()
        .map(RunFolder::live)
        .sorted(
            Comparator.comparing(
                    RunRecord::started, Comparator.nullsLast(Comparator.reverseOrder()))
                .thenComparing(RunRecord::id))
        .toList();
  }

  /** Forgets what the index knew and reads every folder again; gives the number of runs. */
  public int reindex() {
    return file.inTransaction(
        handle -> {
          handle.execute("DELETE FROM run");
          return refresh(handle).size();
        });
  }

  /**
   * One run.
   *
   * @param nameOrFolder a run's folder name below the home, or any run's folder
   */
  public RunRecord show(String nameOrFolder) {
    return RunFolder.read(RunFolder.find(home, nameOrFolder));
  }

  /** Two runs side by side; named as in {@link #show}. */
  public RunComparison compare(String a, String b) {
    return RunComparison.of(show(a), show(b));
  }

  private List<RunRecord> refresh(Handle handle) {
    SortedMap<String, Row> known = new TreeMap<>();
    handle
        .createQuery("SELECT id, stamp, record FROM run")
        .map(
            (rows, context) ->
                new Row(rows.getString("id"), rows.getString("stamp"), rows.getString("record")))
        .forEach(row -> known.put(row.id(), row));
    List<RunRecord> records = new ArrayList<>();
    for (Path folder : folders()) {
      String id = String.valueOf(folder.getFileName());
      String stamp = folder + " " + RunFolder.stamp(folder);
      Row row = known.remove(id);
      if (row != null && row.stamp().equals(stamp)) {
        records.add(Json.parse(row.record(), home.resolve(FILE).toString(), RunRecord.class));
      } else {
        RunRecord record = RunFolder.read(folder);
        if (record.status() != RunStatus.RUNNING) {
          put(handle, stamp, record);
        }
        records.add(record);
      }
    }
    for (String gone : known.keySet()) {
      handle.execute("DELETE FROM run WHERE id = ?", gone);
    }
    return records;
  }

  private static void put(Handle handle, String stamp, RunRecord record) {
    handle
        .createUpdate(
            """
            INSERT OR REPLACE INTO run (id, stamp, name, status, started, parameters, bits_per_byte, record)
            VALUES (:id, :stamp, :name, :status, :started, :parameters, :bitsPerByte, :record)""")
        .bind("id", record.id())
        .bind("stamp", stamp)
        .bind("name", record.name())
        .bind("status", record.status().word())
        .bind("started", record.started() == null ? null : record.started().toString())
        .bind("parameters", record.parameters())
        .bind("bitsPerByte", record.bitsPerByte())
        .bind("record", Json.line(record))
        .execute();
  }

  private List<Path> folders() {
    try (Stream<Path> entries = Files.list(home)) {
      return entries
          .filter(Files::isDirectory)
          .filter(folder -> !String.valueOf(folder.getFileName()).startsWith("."))
          .filter(RunFolder::isRun)
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new SlipwayException(
          Exit.INPUT,
          "runs.unreadable",
          "the runs' folder " + home + " can't be read (" + e.getMessage() + ")",
          "check that it is a folder and that you may read it",
          e);
    }
  }

  private record Row(String id, String stamp, String record) {}
}
