package dev.slipway.data.table;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/**
 * Cuts one row after the other into values (RFC 4180): a value in quotes may hold the delimiter,
 * line ends and doubled quotes; a quote within an unquoted value is a character like any other.
 * Spaces around an unquoted value are not its own.
 */
final class CsvScanner {
  /** The buffer ends within the row, and the file goes on. */
  static final int MORE = -1;

  /** The file ends within quotes. */
  static final int UNCLOSED = -2;

  private final byte delimiter;
  private final byte end;
  private byte[] buffer = new byte[0];
  private int limit;
  private boolean last;
  private int[] from = new int[16];
  private int[] to = new int[16];
  private boolean[] coded = new boolean[16];
  private int fields;
  private int next;
  private int signs;

  /**
   * @param end of a line: {@code \n}, or {@code \r} in files that have no other; {@code \r} before
   *     {@code \n} is left out
   */
  CsvScanner(byte delimiter, byte end) {
    this.delimiter = delimiter;
    this.end = end;
  }

  /**
   * @param last whether the file ends where the buffer does
   */
  void over(byte[] bytes, int length, boolean isLast) {
    buffer = bytes;
    limit = length;
    last = isLast;
  }

  byte[] buffer() {
    return buffer;
  }

  /** How many values the row at this byte has, or {@link #MORE} or {@link #UNCLOSED}. */
  int scan(int start) {
    byte[] bytes = buffer;
    int at = start;
    int seen = 0;
    fields = 0;
    while (true) {
      if (fields == from.length) {
        from = Arrays.copyOf(from, 2 * fields);
        to = Arrays.copyOf(to, 2 * fields);
        coded = Arrays.copyOf(coded, 2 * fields);
      }
      int begin = at;
      boolean quoted = at < limit && bytes[at] == '"';
      int close = 0;
      boolean odd = false;
      if (quoted) {
        at++;
        while (true) {
          while (at < limit && bytes[at] != '"') {
            seen |= bytes[at++];
          }
          if (at == limit) {
            return last ? UNCLOSED : MORE;
          }
          at++;
          if (at == limit && !last) {
            return MORE;
          }
          if (at < limit && bytes[at] == '"') {
            odd = true;
            at++;
          } else {
            break;
          }
        }
        close = at - 1;
      }
      byte b = 0;
      while (at < limit && (b = bytes[at]) != delimiter && b != end) {
        seen |= b;
        at++;
      }
      if (at == limit && !last) {
        return MORE;
      }
      boolean rowEnds = at == limit || b == end;
      int stop = rowEnds && at > begin && bytes[at - 1] == '\r' ? at - 1 : at;
      if (quoted) {
        odd |= stop > close + 1;
        from[fields] = odd ? begin : begin + 1;
        to[fields] = odd ? stop : close;
      } else {
        while (begin < stop && bytes[begin] == ' ') {
          begin++;
        }
        while (begin < stop && bytes[stop - 1] == ' ') {
          stop--;
        }
        from[fields] = begin;
        to[fields] = stop;
      }
      coded[fields] = odd;
      fields++;
      if (rowEnds) {
        next = at == limit ? at : at + 1;
        signs = seen;
        return fields;
      }
      at++;
    }
  }

  /** Where the row behind the scanned one begins. */
  int next() {
    return next;
  }

  /** Whether the scanned row has a byte beyond ASCII. */
  boolean beyondAscii() {
    return signs < 0;
  }

  /** Whether the scanned row is an empty line. */
  boolean blank() {
    return fields == 1 && from[0] == to[0] && !coded[0];
  }

  int from(int field) {
    return from[field];
  }

  int to(int field) {
    return to[field];
  }

  /** Whether a value isn't its bytes as they stand, so that {@link #decoded} must be asked. */
  boolean coded(int field) {
    return coded[field];
  }

  /** A value without its quotes. */
  byte[] decoded(int field) {
    if (!coded[field]) {
      return Arrays.copyOfRange(buffer, from[field], to[field]);
    }
    ByteArrayOutputStream value = new ByteArrayOutputStream();
    boolean within = true;
    for (int i = from[field] + 1; i < to[field]; i++) {
      byte b = buffer[i];
      if (within && b == '"') {
        if (i + 1 < to[field] && buffer[i + 1] == '"') {
          value.write('"');
          i++;
        } else {
          within = false;
        }
      } else {
        value.write(b);
      }
    }
    return value.toByteArray();
  }
}
