package dev.slipway.data.source;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** Lines of a stream as bytes, each with its line end; of a line beyond the limit only its size. */
final class BoundedLines {
  private final InputStream in;
  private final int limit;
  private final byte[] buffer = new byte[1 << 16];
  private int from;
  private int to;
  private long number;

  /**
   * One line.
   *
   * @param number from 1
   * @param bytes how many there are in the stream
   * @param content the line with its line end; empty if it is beyond the limit
   */
  record Line(long number, long bytes, byte[] content) {
    boolean tooLong() {
      return content.length < bytes;
    }

    boolean isBlank() {
      for (byte b : content) {
        if (b != ' ' && b != '\t' && b != '\r' && b != '\n') {
          return false;
        }
      }
      return !tooLong();
    }
  }

  BoundedLines(InputStream in, int limit) {
    this.in = in;
    this.limit = limit;
  }

  /** The next line, or null at the end. */
  @Nullable Line next() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    long bytes = 0;
    boolean ended = false;
    while (!ended) {
      if (from == to) {
        from = 0;
        to = Math.max(0, in.read(buffer));
        if (to == 0) {
          break;
        }
      }
      int end = from;
      while (end < to && !ended) {
        ended = buffer[end++] == '\n';
      }
      bytes += end - from;
      if (bytes <= limit) {
        line.write(buffer, from, end - from);
      }
      from = end;
    }
    if (bytes == 0) {
      return null;
    }
    return new Line(++number, bytes, bytes <= limit ? line.toByteArray() : new byte[0]);
  }
}
