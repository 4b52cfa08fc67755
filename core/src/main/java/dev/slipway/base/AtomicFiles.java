package dev.slipway.base;

import java.io.BufferedOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Files and folders that are there whole or not at all, whatever happens to the process or the
 * machine: written beside under a name that ends in {@code .partial}, forced to the disk, then
 * renamed. A thread's interruption neither stops a write nor is lost by it.
 *
 * <p>Problems of the disk are {@link SlipwayException}s: {@code file.disk-full}, {@code
 * file.no-permission}, {@code file.not-written}.
 */
public final class AtomicFiles {
  private static final String PARTIAL = ".partial";
  private static final int BUFFER = 1 << 16;
  private static final AtomicLong COUNTER = new AtomicLong();
  // In containers every process may have the same pid: the time of the start tells them apart.
  private static final long PID = ProcessHandle.current().pid();
  private static final String PROCESS = PID + "-" + System.currentTimeMillis();
  private static final boolean WINDOWS =
      System.getProperty("os.name", "").toLowerCase(Locale.ROOT).startsWith("windows");

  private AtomicFiles() {}

  /** Writes the content of a file. */
  @FunctionalInterface
  public interface FileContent {
    void writeTo(OutputStream out) throws IOException;
  }

  /** Fills a fresh, empty folder. */
  @FunctionalInterface
  public interface FolderContent {
    void writeTo(Path folder) throws IOException;
  }

  /** Writes a file that is not there yet. */
  @FunctionalInterface
  public interface PathContent {
    void writeAt(Path file) throws IOException;
  }

  /** Puts a file there, in place of one that was. Folders above it are made. */
  public static void write(Path file, byte[] bytes) {
    write(file, out -> out.write(bytes));
  }

  /** Puts a UTF-8 file there, in place of one that was. */
  public static void write(Path file, String text) {
    write(file, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Puts a file there, in place of one that was; the stream that the content gets is buffered. */
  public static void write(Path file, FileContent content) {
    writeAt(
        file,
        partial -> {
          // Not a FileChannel: an interrupted thread would find it closed under its hands.
          try (OutputStream out =
              new BufferedOutputStream(new FileOutputStream(partial.toFile()), BUFFER)) {
            content.writeTo(out);
          }
        });
  }

  /** As {@link #write(Path, FileContent)}, for content that some library writes by path. */
  public static void writeAt(Path file, PathContent content) {
    Path partial = beside(file);
    try {
      Files.createDirectories(parent(file));
      content.writeAt(partial);
      force(partial, StandardOpenOption.WRITE);
      Files.move(
          partial, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      syncFolder(parent(file));
    } catch (IOException e) {
      discard(partial, e);
      throw problem(file, e);
    } catch (RuntimeException | Error e) {
      discard(partial, e);
      throw e;
    }
  }

  /**
   * Puts a folder there, in place of one that was. Every file that the content leaves in it is
   * forced to the disk. At each moment the name holds the old folder, nothing (for the instant
   * between two renames, only when there was an old one), or the new folder. What killed processes
   * of this machine left of the same folder is deleted first.
   */
  public static void writeFolder(Path folder, FolderContent content) {
    Path partial = beside(folder);
    try {
      Files.createDirectories(parent(folder));
      deleteLeftoversOf(folder);
      Files.createDirectory(partial);
      content.writeTo(partial);
      syncTree(partial);
      if (Files.exists(folder)) {
        Path old = beside(folder);
        Files.move(folder, old, StandardCopyOption.ATOMIC_MOVE);
        Files.move(partial, folder, StandardCopyOption.ATOMIC_MOVE);
        syncFolder(parent(folder));
        delete(old);
      } else {
        Files.move(partial, folder, StandardCopyOption.ATOMIC_MOVE);
        syncFolder(parent(folder));
      }
    } catch (IOException e) {
      discard(partial, e);
      throw problem(folder, e);
    } catch (RuntimeException | Error e) {
      discard(partial, e);
      throw e;
    }
  }

  /**
   * Deletes what killed processes left unfinished directly in a folder. Only for who holds the
   * folder alone.
   */
  public static void deleteLeftovers(Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      for (Path entry : entries.filter(AtomicFiles::isPartial).toList()) {
        delete(entry);
      }
    } catch (IOException e) {
      throw problem(folder, e);
    }
  }

  private static void deleteLeftoversOf(Path folder) throws IOException {
    Pattern ofFolder =
        Pattern.compile(
            "\\."
                + Pattern.quote(String.valueOf(folder.toAbsolutePath().getFileName()))
                + "\\.(\\d{1,18})-\\d+-\\d+"
                + Pattern.quote(PARTIAL));
    try (Stream<Path> entries = Files.list(parent(folder))) {
      for (Path entry : entries.toList()) {
        String name = String.valueOf(entry.getFileName());
        Matcher matcher = ofFolder.matcher(name);
        if (matcher.matches()) {
          long pid = Long.parseLong(matcher.group(1));
          boolean running =
              pid == PID ? name.contains("." + PROCESS + "-") : ProcessHandle.of(pid).isPresent();
          if (!running) {
            deleteTree(entry);
          }
        }
      }
    }
  }

  /** Whether a name is one under which this class writes before it renames. */
  public static boolean isPartial(Path path) {
    Path name = path.getFileName();
    return name != null && name.toString().startsWith(".") && name.toString().endsWith(PARTIAL);
  }

  /** Deletes a file, or a folder with all in it, without following links; nothing there is fine. */
  public static void delete(Path path) {
    try {
      deleteTree(path);
    } catch (IOException e) {
      throw problem(path, e);
    }
  }

  /** What a person can mend about a failed write to {@code path}, as a sentence. */
  public static SlipwayException problem(Path path, IOException cause) {
    if (cause instanceof AccessDeniedException) {
      return new SlipwayException(
          Exit.RESOURCE,
          "file.no-permission",
          "no permission to write " + path,
          "choose another folder or change its permissions",
          cause);
    }
    String reason = reason(cause);
    String lower = reason.toLowerCase(Locale.ROOT);
    if (lower.contains("no space left") || lower.contains("not enough space")) {
      return new SlipwayException(
          Exit.RESOURCE,
          "file.disk-full",
          "the disk is full: " + path + " could not be written whole, so nothing was left of it",
          "free some space, or choose a folder on another disk",
          cause);
    }
    if (lower.contains("permission denied")) {
      return new SlipwayException(
          Exit.RESOURCE,
          "file.no-permission",
          "no permission to write " + path,
          "choose another folder or change its permissions",
          cause);
    }
    return new SlipwayException(
        Exit.RESOURCE,
        "file.not-written",
        "cannot write " + path + ": " + reason,
        "check that its folder can be written to",
        cause);
  }

  private static String reason(IOException cause) {
    if (cause instanceof FileSystemException e && e.getReason() != null) {
      return e.getReason();
    }
    return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
  }

  private static Path beside(Path path) {
    Path name = path.toAbsolutePath().getFileName();
    if (name == null) {
      throw new IllegalArgumentException("a file system's root cannot be written: " + path);
    }
    String unique = PROCESS + "-" + COUNTER.incrementAndGet();
    return parent(path).resolve("." + name + "." + unique + PARTIAL);
  }

  private static Path parent(Path path) {
    Path parent = path.toAbsolutePath().getParent();
    if (parent == null) {
      throw new IllegalArgumentException("a file system's root cannot be written: " + path);
    }
    return parent;
  }

  private static void discard(Path partial, Throwable cause) {
    try {
      deleteTree(partial);
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }

  private static void deleteTree(Path path) throws IOException {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    Files.walkFileTree(
        path,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException problem)
              throws IOException {
            if (problem instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE;
            }
            throw problem;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException problem)
              throws IOException {
            if (problem != null) {
              throw problem;
            }
            Files.deleteIfExists(folder);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private static void syncTree(Path folder) throws IOException {
    List<Path> paths;
    try (Stream<Path> walk = Files.walk(folder)) {
      paths = walk.toList();
    }
    for (Path path : paths.reversed()) {
      if (Files.isDirectory(path)) {
        syncFolder(path);
      } else {
        force(path, StandardOpenOption.WRITE);
      }
    }
  }

  private static void syncFolder(Path folder) throws IOException {
    // Windows cannot open a folder; there the rename itself is journalled.
    if (!WINDOWS) {
      force(folder, StandardOpenOption.READ);
    }
  }

  private static void force(Path path, StandardOpenOption mode) throws IOException {
    boolean interrupted = Thread.interrupted();
    try {
      while (true) {
        try (FileChannel channel = FileChannel.open(path, mode)) {
          channel.force(true);
          return;
        } catch (ClosedByInterruptException e) {
          interrupted |= Thread.interrupted();
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
