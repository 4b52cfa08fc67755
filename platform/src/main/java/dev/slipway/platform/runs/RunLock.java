package dev.slipway.platform.runs;

import dev.slipway.base.AtomicFiles;
import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The right to work on a run, held by one process at a time. It is an operating system's lock on
 * the file {@code lock} in the run's folder, which falls when its process ends, however it ends;
 * the file's text says who holds it.
 */
public final class RunLock implements AutoCloseable {
  /** The file's name in a run's folder. */
  public static final String FILE = "lock";

  // Beyond the text, so that systems with mandatory locks let others read who holds it.
  private static final long POSITION = Long.MAX_VALUE - 1;
  private static final int TRIES = 20;
  private static final long PAUSE_MILLIS = 50;

  /**
   * The locks of this process. POSIX drops all locks of a process on a file as soon as the process
   * closes any channel to it, so that a lock of our own is never looked at through the file.
   */
  private static final Map<Path, Holder> OWN = new HashMap<>();

  private final Path folder;
  private final FileChannel channel;
  private final FileLock lock;

  private RunLock(Path folder, FileChannel channel, FileLock lock) {
    this.folder = folder;
    this.channel = channel;
    this.lock = lock;
  }

  /**
   * Who holds a run.
   *
   * @param pid its process, or -1 when the file does not tell
   * @param since when it took the lock
   * @param command what it runs, such as {@code slipway resume}
   */
  public record Holder(long pid, String host, Instant since, String command) {
    @Override
    public String toString() {
      return pid < 0
          ? "another process"
          : "process " + pid + " on " + host + " (" + command + ", since " + since + ")";
    }
  }

  /**
   * Takes the lock of a run.
   *
   * @param folder the run's folder, which exists
   * @param command what shall be said to others who ask for it
   * @throws SlipwayException {@code run.locked} when another process, or this one, holds it; {@code
   *     file.disk-full}
   */
  public static RunLock acquire(Path folder, String command) {
    synchronized (OWN) {
      Path real = real(folder);
      Holder own = OWN.get(real);
      if (own != null) {
        throw locked(folder, own);
      }
      Path file = real.resolve(FILE);
      FileChannel channel = null;
      try {
        channel =
            FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        FileLock lock = tryOften(channel);
        if (lock == null) {
          throw locked(folder, read(channel));
        }
        Holder holder =
            new Holder(
                ProcessHandle.current().pid(),
                host(),
                Instant.now().truncatedTo(ChronoUnit.SECONDS),
                command);
        channel.truncate(0);
        channel.write(ByteBuffer.wrap(Json.bytes(holder)), 0);
        OWN.put(real, holder);
        FileChannel held = channel;
        channel = null;
        return new RunLock(real, held, lock);
      } catch (IOException e) {
        SlipwayException problem = AtomicFiles.problem(file, e);
        throw problem.code().equals("file.disk-full") ? problem : unusable(file, e);
      } finally {
        close(channel);
      }
    }
  }

  /** Who works on this run just now. A lock that a killed process left behind counts for nobody. */
  public static Optional<Holder> holder(Path folder) {
    synchronized (OWN) {
      Path file = folder.resolve(FILE);
      if (!Files.exists(file)) {
        return Optional.empty();
      }
      Holder own = OWN.get(real(folder));
      if (own != null) {
        return Optional.of(own);
      }
      // A shared lock: several who look do not take each other for the holder.
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
          FileLock probe = channel.tryLock(POSITION, 1, true)) {
        return probe == null ? Optional.of(read(channel)) : Optional.empty();
      } catch (IOException e) {
        throw unusable(file, e);
      }
    }
  }

  /** Lets the run go. */
  @Override
  public void close() {
    synchronized (OWN) {
      if (OWN.remove(folder) == null) {
        return;
      }
      try (channel) {
        channel.truncate(0);
        lock.release();
      } catch (IOException e) {
        throw unusable(folder.resolve(FILE), e);
      }
    }
  }

  private static @Nullable FileLock tryOften(FileChannel channel) throws IOException {
    for (int i = 0; ; i++) {
      FileLock lock = channel.tryLock(POSITION, 1, false);
      if (lock != null || i == TRIES) {
        return lock;
      }
      try {
        // Someone may only be looking who holds it, for an instant.
        Thread.sleep(PAUSE_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return null;
      }
    }
  }

  private static Holder read(FileChannel channel) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(4096);
    while (bytes.hasRemaining() && channel.read(bytes, bytes.position()) > 0) {
      continue;
    }
    String text = new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
    try {
      return Json.parse(text, FILE, Holder.class);
    } catch (SlipwayException e) {
      // Taken a moment ago and not yet signed.
      return new Holder(-1, "", Instant.EPOCH, "");
    }
  }

  private static void close(@Nullable FileChannel channel) {
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }
  }

  private static Path real(Path folder) {
    try {
      return folder.toRealPath();
    } catch (IOException e) {
      throw new SlipwayException(
          Exit.INPUT,
          "run.missing",
          "there is no run folder " + folder,
          "check the path, or list the runs with slipway runs",
          e);
    }
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "localhost";
    }
  }

  private static SlipwayException locked(Path folder, Holder holder) {
    return new SlipwayException(
        Exit.LOCKED,
        "run.locked",
        "the run " + folder + " is held by " + holder,
        "wait until it ends or stop it, or choose another folder with --out");
  }

  private static SlipwayException unusable(Path file, IOException e) {
    return new SlipwayException(
        Exit.RESOURCE,
        "run.lock-unusable",
        "the lock file " + file + " can't be opened or locked (" + e.getMessage() + ")",
        "check that you may write to the folder and that its file system knows locks",
        e);
  }
}
