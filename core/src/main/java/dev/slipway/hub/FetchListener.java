package dev.slipway.hub;

import java.nio.file.Path;
import java.time.Duration;

/** Hears how a download goes. Called by one thread at a time; every method may be left out. */
public interface FetchListener {
  /** Nobody listens. */
  FetchListener NONE = new FetchListener() {};

  /**
   * A download begins.
   *
   * @param resumed how many bytes were there already
   * @param total how many it will have
   */
  default void started(String file, long resumed, long total) {}

  /** At most ten times a second, and at the end. */
  default void progress(String file, long bytes, long total) {}

  /** An attempt failed, and there will be another. */
  default void retrying(String file, String why, Duration wait) {}

  /** The sum holds, and the file is in its place. */
  default void finished(String file, Path path) {}
}
