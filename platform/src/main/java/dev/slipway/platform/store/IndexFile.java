package dev.slipway.platform.store;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.HandleCallback;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * One SQLite file that holds nothing which can't be made again. Several processes may use it at
 * once: it is in write-ahead mode and waits up to {@link #BUSY_MILLIS} for another writer.
 *
 * <p>A file that is no database, is damaged, or has another version of the schema is deleted and
 * made anew, empty. That is why there are no schema migrations here: who keeps an index can fill it
 * again from the truth.
 */
public final class IndexFile {
  /** How long a statement waits for another process's transaction before it gives up. */
  public static final int BUSY_MILLIS = 5_000;

  private final Path file;
  private final int version;
  private final List<String> schema;
  private final int busyMillis;
  private Jdbi jdbi;

  private IndexFile(Path file, int version, List<String> schema, int busyMillis) {
    this.file = file;
    this.version = version;
    this.schema = List.copyOf(schema);
    this.busyMillis = busyMillis;
    this.jdbi = connect();
  }

  /**
   * @param file where the database is or shall be; its folder is made
   * @param version of the schema, from 1; kept in SQLite's {@code user_version}
   * @param schema the statements that make an empty database
   */
  public static IndexFile open(Path file, int version, List<String> schema) {
    return open(file, version, schema, BUSY_MILLIS);
  }

  static IndexFile open(Path file, int version, List<String> schema, int busyMillis) {
    Path absolute = file.toAbsolutePath();
    try {
      Path folder = absolute.getParent();
      if (folder != null) {
        Files.createDirectories(folder);
      }
    } catch (IOException e) {
      throw unusable(absolute, e);
    }
    IndexFile index = new IndexFile(absolute, version, schema, busyMillis);
    index.inTransaction(handle -> null);
    return index;
  }

  /**
   * Runs the work in one transaction that holds the write lock from its beginning. When the file
   * turns out to be unusable it is made anew and the work runs once more on the empty one.
   */
  public synchronized <T> T inTransaction(HandleCallback<T, RuntimeException> work) {
    try {
      return attempt(work);
    } catch (JdbiException e) {
      if (!isDamaged(e)) {
        throw problem(e);
      }
      discard();
      jdbi = connect();
      try {
        return attempt(work);
      } catch (JdbiException again) {
        throw problem(again);
      }
    }
  }

  private <T> T attempt(HandleCallback<T, RuntimeException> work) {
    return jdbi.inTransaction(
        handle -> {
          prepare(handle);
          return work.withHandle(handle);
        });
  }

  private void prepare(Handle handle) {
    int found = handle.createQuery("PRAGMA user_version").mapTo(Integer.class).one();
    if (found == version) {
      return;
    }
    List<String> tables =
        handle
            .createQuery(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
            .mapTo(String.class)
            .list();
    for (String table : tables) {
      handle.execute("DROP TABLE \"" + table.replace("\"", "\"\"") + "\"");
    }
    schema.forEach(handle::execute);
    handle.execute("PRAGMA user_version = " + version);
  }

  private Jdbi connect() {
    SQLiteConfig config = new SQLiteConfig();
    config.setJournalMode(SQLiteConfig.JournalMode.WAL);
    config.setBusyTimeout(busyMillis);
    config.setSynchronous(SQLiteConfig.SynchronousMode.NORMAL);
    // A transaction that began reading can't wait for a writer: all begin as writers.
    config.setTransactionMode(SQLiteConfig.TransactionMode.IMMEDIATE);
    SQLiteDataSource source = new SQLiteDataSource(config);
    source.setUrl("jdbc:sqlite:" + file);
    return Jdbi.create(source);
  }

  private void discard() {
    try {
      for (String suffix : List.of("", "-wal", "-shm", "-journal")) {
        Files.deleteIfExists(file.resolveSibling(file.getFileName() + suffix));
      }
    } catch (IOException e) {
      throw unusable(file, e);
    }
  }

  private static boolean isDamaged(JdbiException e) {
    return switch (code(e)) {
      case SQLITE_NOTADB, SQLITE_CORRUPT -> true;
      // A table that is not as this version's schema says: somebody else's database.
      case SQLITE_ERROR -> {
        String message = message(e).toLowerCase(Locale.ROOT);
        yield message.contains("no such table") || message.contains("no such column");
      }
      default -> false;
    };
  }

  private SlipwayException problem(JdbiException e) {
    return switch (code(e)) {
      case SQLITE_BUSY, SQLITE_LOCKED ->
          new SlipwayException(
              Exit.RESOURCE,
              "index.locked",
              "another process has held " + file + " for longer than " + busyMillis + " ms",
              "try again, or stop that process",
              e);
      default -> unusable(file, e);
    };
  }

  private static SQLiteErrorCode code(Throwable e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLiteException sqlite) {
        int primary = sqlite.getResultCode().code & 0xff;
        return SQLiteErrorCode.getErrorCode(primary);
      }
    }
    return SQLiteErrorCode.UNKNOWN_ERROR;
  }

  private static String message(Throwable e) {
    String message = "";
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      message = String.valueOf(cause.getMessage());
    }
    return message.lines().findFirst().orElse("");
  }

  private static SlipwayException unusable(Path file, Throwable e) {
    return new SlipwayException(
        Exit.RESOURCE,
        "index.unusable",
        "the index " + file + " can't be opened or written (" + message(e) + ")",
        "check that its folder exists and may be written to, or delete the file: it is rebuilt",
        e);
  }
}
