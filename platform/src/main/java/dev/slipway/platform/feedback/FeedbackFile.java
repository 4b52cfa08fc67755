package dev.slipway.platform.feedback;

import dev.slipway.base.AtomicFiles;
import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import tools.jackson.databind.node.ObjectNode;

/**
 * Lines of JSON that are on the disk once they were taken, one process at a time. What a process or
 * machine that died left half-written is cut off when the file is opened again. For any thread.
 */
public final class FeedbackFile implements AutoCloseable {
  private final Path path;
  private final long most;
  private final RandomAccessFile file;
  private long length;

  /** Where a line stands. */
  public record Place(long offset, int length) {}

  /** Nothing more fits. */
  public static final class Full extends Exception {
    private static final long serialVersionUID = 1L;

    Full(Path path, long most) {
      super(path + " may hold " + most + " bytes and is full");
    }
  }

  private FeedbackFile(Path path, long most, RandomAccessFile file) throws IOException {
    this.path = path;
    this.most = most;
    this.file = file;
    length = wholeLines(file);
    file.setLength(length);
  }

  /**
   * Opens a file, or makes one that its owner alone may read.
   *
   * @param most bytes that it may come to
   * @throws SlipwayException {@code feedback.locked} where another process has it, and {@code
   *     file.…} where it can't be written
   */
  public static FeedbackFile open(Path path, long most) {
    try {
      create(path);
      RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw");
      try {
        lock(path, file);
        return new FeedbackFile(path, most, file);
      } catch (IOException | RuntimeException e) {
        file.close();
        throw e;
      }
    } catch (IOException e) {
      throw AtomicFiles.problem(path, e);
    }
  }

  private static void create(Path path) throws IOException {
    Path folder = path.toAbsolutePath().getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    try {
      if (FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
        Files.createFile(
            path,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      } else {
        Files.createFile(path);
      }
    } catch (FileAlreadyExistsException e) {
      if (Files.isDirectory(path)) {
        throw new SlipwayException(
            Exit.USAGE,
            "feedback.no-file",
            path + " is a folder, expected a file of JSON lines",
            "name a file in it",
            e);
      }
    }
  }

  private static void lock(Path path, RandomAccessFile file) throws IOException {
    FileLock lock;
    try {
      lock = file.getChannel().tryLock();
    } catch (OverlappingFileLockException e) {
      lock = null;
    }
    if (lock == null) {
      throw new SlipwayException(
          Exit.LOCKED,
          "feedback.locked",
          path + " is written by another service",
          "give each service a file of its own: training reads several");
    }
  }

  /** The length up to the last line's end. */
  private static long wholeLines(RandomAccessFile file) throws IOException {
    long end = file.length();
    byte[] block = new byte[1 << 16];
    while (end > 0) {
      int count = (int) Math.min(block.length, end);
      file.seek(end - count);
      file.readFully(block, 0, count);
      for (int i = count - 1; i >= 0; i--) {
        if (block[i] == '\n') {
          return end - count + i + 1;
        }
      }
      end -= count;
    }
    return 0;
  }

  /**
   * Takes a line; it is on the disk when this returns.
   *
   * @throws SlipwayException {@code file.…} where the disk did not take it; nothing is left of it
   */
  public synchronized Place append(ObjectNode row) throws Full {
    byte[] line = (Json.line(row) + "\n").getBytes(StandardCharsets.UTF_8);
    if (length + line.length > most) {
      throw new Full(path, most);
    }
    try {
      file.seek(length);
      file.write(line);
      file.getFD().sync();
    } catch (IOException e) {
      try {
        file.setLength(length);
      } catch (IOException second) {
        e.addSuppressed(second);
      }
      throw AtomicFiles.problem(path, e);
    }
    Place place = new Place(length, line.length);
    length += line.length;
    return place;
  }

  /** Takes a line back that another one replaces: spaces are left, which readers pass over. */
  public synchronized void blank(Place place) {
    byte[] spaces = new byte[place.length() - 1];
    Arrays.fill(spaces, (byte) ' ');
    try {
      file.seek(place.offset());
      file.write(spaces);
      file.getFD().sync();
    } catch (IOException e) {
      throw AtomicFiles.problem(path, e);
    }
  }

  /** Bytes that it holds. */
  public synchronized long length() {
    return length;
  }

  public Path path() {
    return path;
  }

  @Override
  public synchronized void close() {
    try {
      file.close();
    } catch (IOException e) {
      throw AtomicFiles.problem(path, e);
    }
  }
}
