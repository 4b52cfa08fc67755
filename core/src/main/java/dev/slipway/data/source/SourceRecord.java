package dev.slipway.data.source;

import org.jspecify.annotations.Nullable;

/**
 * One input record as it came.
 *
 * @param id stable and unique in its source: {@code java.base/java/lang/String.java}, {@code
 *     line-17}
 * @param bytes how large it is at its source, also when its content could not be taken
 * @param content its bytes, or none when there is a problem
 * @param problem why its content could not be taken
 */
public record SourceRecord(String id, long bytes, byte[] content, @Nullable Dropped problem) {
  /** A record that was read whole. */
  public static SourceRecord of(String id, byte[] content) {
    return new SourceRecord(id, content.length, content, null);
  }

  /** A record whose content could not be taken. */
  public static SourceRecord dropped(String id, long bytes, DropReason reason, String detail) {
    return new SourceRecord(id, bytes, new byte[0], new Dropped(reason, detail));
  }
}
