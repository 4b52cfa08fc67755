package dev.slipway.platform.audit;

import dev.slipway.base.Exit;
import dev.slipway.base.Hashing;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A file of JSON lines, each with its number ({@code seq}) and the SHA-256 of the line before it
 * ({@code previous}), so that {@link AuditVerifier} finds what was changed, taken out or put
 * elsewhere.
 *
 * <p>A line is with the operating system when {@link #append} returns, so that a killed process
 * loses none, and on the disk a second later. What a killed process left of a line is cut off when
 * the file is opened again, which a line then tells. How far it goes is noted beside it ({@code
 * .anchor}), so that an end that was cut off shows.
 */
public final class AuditLog implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(AuditLog.class.getName());

  /** What the first line carries as the hash of the one before it. */
  static final String NOTHING = "0".repeat(64);

  private static final int CHUNK = 1 << 16;
  private static final long SYNC_MILLIS = 1000;
  private static final int MOST_PENDING = 10_000;

  private final Path path;
  private final Clock clock;
  private final RandomAccessFile file;
  private final Thread syncer;
  private final Deque<ObjectNode> pending = new ArrayDeque<>();
  private long end;
  private long seq;
  private String head = NOTHING;
  private long lost;
  private boolean dirty;

  private AuditLog(Path path, Clock clock, RandomAccessFile file) {
    this.path = path;
    this.clock = clock;
    this.file = file;
    this.syncer = Thread.ofVirtual().name("slipway-audit").unstarted(this::sync);
  }

  /**
   * Opens a log to go on with it, or a new one.
   *
   * @throws SlipwayException {@code audit.locked} where another process writes it, {@code
   *     audit.damaged} where its last line is none of ours, {@code audit.not-written}
   */
  public static AuditLog open(Path path) {
    return open(path, Clock.systemUTC());
  }

  static AuditLog open(Path path, Clock clock) {
    try {
      Path folder = path.toAbsolutePath().getParent();
      if (folder != null) {
        Files.createDirectories(folder);
      }
      createPrivately(path);
      // Not a FileChannel: an interrupted thread would find it closed under its hands.
      RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw");
      try {
        lock(path, file.getChannel());
        AuditLog log = new AuditLog(path, clock, file);
        log.resume();
        log.syncer.start();
        return log;
      } catch (IOException | RuntimeException e) {
        file.close();
        throw e;
      }
    } catch (IOException e) {
      throw notWritten(path, e);
    }
  }

  /** Who asked what is nobody else's matter; a file that is there keeps the rights that it has. */
  private static void createPrivately(Path path) throws IOException {
    if (!Files.exists(path)
        && path.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Files.createFile(
          path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }
  }

  private static void lock(Path path, FileChannel channel) throws IOException {
    FileLock lock;
    try {
      lock = channel.tryLock();
    } catch (OverlappingFileLockException e) {
      throw locked(path, e);
    }
    if (lock == null) {
      throw locked(path, null);
    }
  }

  private static SlipwayException locked(Path path, @Nullable Throwable cause) {
    return new SlipwayException(
        Exit.LOCKED,
        "audit.locked",
        "another service writes the audit log " + path,
        "give this one a file of its own",
        cause);
  }

  private void resume() throws IOException {
    long size = file.length();
    long last = lineEnd(size);
    if (last > 0) {
      long begin = lineEnd(last - 1);
      byte[] line = read(begin, last - 1);
      JsonNode tree = parse(line);
      if (tree == null || !tree.path("seq").isIntegralNumber()) {
        throw new SlipwayException(
            Exit.INPUT,
            "audit.damaged",
            "the last line of " + path + " is no line of an audit log",
            "look at it with `slipway audit verify`, move it away and start again");
      }
      seq = tree.path("seq").asLong();
      head = Hashing.sha256(line);
    }
    AuditAnchor anchor = AuditAnchor.read(path);
    String missing = anchor == null ? null : anchor.missing(seq);
    if (missing != null) {
      throw new SlipwayException(
          Exit.INPUT,
          "audit.damaged",
          path + " is not as it was written: " + missing,
          "put its copy back, or move it and " + AuditAnchor.of(path) + " away and start again");
    }
    end = last;
    if (last < size) {
      byte[] torn = read(last, size);
      file.setLength(last);
      append(
          Json.object()
              .put("event", "recovered")
              .put("torn_bytes", torn.length)
              .put("torn_sha256", Hashing.sha256(torn)));
    }
  }

  /** Behind the last line end before a place; 0 where there is none. */
  private long lineEnd(long before) throws IOException {
    long at = before;
    while (at > 0) {
      long from = Math.max(0, at - CHUNK);
      byte[] bytes = read(from, at);
      for (int i = bytes.length - 1; i >= 0; i--) {
        if (bytes[i] == '\n') {
          return from + i + 1;
        }
      }
      at = from;
    }
    return 0;
  }

  private byte[] read(long from, long to) throws IOException {
    byte[] bytes = new byte[Math.toIntExact(to - from)];
    file.seek(from);
    file.readFully(bytes);
    return bytes;
  }

  static @Nullable JsonNode parse(byte[] line) {
    try {
      JsonNode tree = Json.MAPPER.readTree(line);
      return tree.isObject() ? tree : null;
    } catch (JacksonException e) {
      return null; // which is what the caller asks
    }
  }

  /**
   * Writes a line.
   *
   * @param event its own fields; number, hash and time are put before them
   * @throws IOException when it can't be written, and then nothing of it is left in the file
   */
  public synchronized void append(ObjectNode event) throws IOException {
    while (!pending.isEmpty()) {
      write(pending.element());
      pending.remove();
    }
    if (lost > 0) {
      write(stamped(Json.object().put("event", "lost").put("lines", lost)));
      lost = 0;
    }
    write(stamped(event));
  }

  /**
   * As {@link #append}, of what has happened and can't be undone: what can't be written now is kept
   * and goes before the next line that can, up to 10,000 of them; how many more there were is told
   * then.
   */
  public synchronized void tell(ObjectNode event) {
    try {
      append(event);
    } catch (IOException e) {
      if (pending.isEmpty()) {
        LOG.log(
            System.Logger.Level.ERROR,
            "the audit log {0} can''t be written: {1}",
            path,
            e.toString());
      }
      if (pending.size() < MOST_PENDING) {
        pending.add(stamped(event));
      } else {
        lost++;
      }
    }
  }

  private ObjectNode stamped(ObjectNode event) {
    return Json.object().put("time", clock.instant().toString()).setAll(event);
  }

  private void write(ObjectNode event) throws IOException {
    ObjectNode line = Json.object().put("seq", seq + 1).put("previous", head);
    byte[] bytes = (Json.line(line.setAll(event)) + "\n").getBytes(StandardCharsets.UTF_8);
    try {
      if (file.length() > end) {
        file.setLength(end); // what a failed write left
      }
      file.seek(end);
      file.write(bytes);
    } catch (IOException e) {
      file.setLength(end);
      throw e;
    }
    end += bytes.length;
    seq++;
    head = Hashing.sha256(Arrays.copyOf(bytes, bytes.length - 1));
    dirty = true;
  }

  /** The hash of the last line: noted elsewhere, it shows later whether the end was cut off. */
  public synchronized String head() {
    return head;
  }

  private void sync() {
    try {
      while (true) {
        Thread.sleep(SYNC_MILLIS);
        force();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // closed
    } catch (IOException e) {
      LOG.log(
          System.Logger.Level.ERROR, "the audit log " + path + " can't be forced to the disk", e);
    }
  }

  /** The anchor only ever says what is on the disk. */
  private synchronized void force() throws IOException {
    if (dirty) {
      dirty = false;
      file.getFD().sync();
      try {
        new AuditAnchor(seq, head).write(path);
      } catch (SlipwayException e) {
        // The log itself is whole; only that its end is cut off would show later.
        LOG.log(
            System.Logger.Level.WARNING,
            "how far the audit log goes can''t be noted: {0}",
            e.getMessage());
      }
    }
  }

  @Override
  public void close() {
    syncer.interrupt();
    try {
      force();
      file.close();
    } catch (IOException e) {
      throw notWritten(path, e);
    }
  }

  private static SlipwayException notWritten(Path path, IOException e) {
    return new SlipwayException(
        Exit.RESOURCE,
        "audit.not-written",
        "the audit log " + path + " can't be written (" + e + ")",
        "check its folder, your right to write there and the room on the disk",
        e);
  }
}
