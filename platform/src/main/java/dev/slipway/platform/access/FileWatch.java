package dev.slipway.platform.access;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Tells when files have changed, by looking: the events of an operating system do not come from
 * network file systems, nor where a mounted secret is replaced by turning a link.
 */
public final class FileWatch implements AutoCloseable {
  /**
   * For how many looks a file is gone before that is a change: others take it away and put anew.
   */
  private static final int GONE = 3;

  private final List<Path> paths;
  private final Runnable changed;
  private final Thread watcher;
  private List<@Nullable Stamp> stamps;

  /**
   * @param changed called by the watch's own thread, after each change, and once when a file stays
   *     away; must not throw
   */
  public FileWatch(List<Path> paths, Duration period, Runnable changed) {
    this.paths = List.copyOf(paths);
    this.changed = changed;
    this.stamps = look();
    this.watcher = Thread.ofVirtual().name("slipway-files").unstarted(() -> watch(period));
  }

  /** By what a changed file is known, one that was put in its place included. */
  private record Stamp(Object file, long size, Instant modified) {}

  /** Begins to look. What changed since this was made is told, too. */
  public void start() {
    watcher.start();
  }

  private void watch(Duration period) {
    try {
      for (int gone = 0; true; ) {
        Thread.sleep(period);
        List<@Nullable Stamp> now = look();
        // Half of a change is none: a file that is gone will mostly come again.
        gone = now.stream().allMatch(Objects::nonNull) ? 0 : gone + 1;
        if (!now.equals(stamps) && (gone == 0 || gone >= GONE)) {
          stamps = now;
          changed.run();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // closed
    }
  }

  private List<@Nullable Stamp> look() {
    return paths.stream().<@Nullable Stamp>map(FileWatch::stamp).toList();
  }

  private static @Nullable Stamp stamp(Path path) {
    try {
      BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
      Object id = attributes.fileKey();
      return new Stamp(
          id == null ? path : id, attributes.size(), attributes.lastModifiedTime().toInstant());
    } catch (IOException e) {
      return null; // gone for now, or out of reach
    }
  }

  @Override
  public void close() {
    watcher.interrupt();
  }
}
