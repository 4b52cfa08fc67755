package dev.slipway.data.table;

import dev.slipway.data.source.DropReason;
import dev.slipway.data.source.Utf8;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The rows that begin in one stretch of a file. Each chunk is parsed by one thread. */
final class CsvChunk {
  private static final int MARGIN = 1 << 16;

  /** A row beyond this is taken for a quote that is never closed. */
  static final int LONGEST_ROW = 256 << 20;

  private final MemorySegment file;
  private final CsvLayout layout;
  private final CsvScanner scanner;
  final long start;
  private final double[] @Nullable [] numbers;
  private final int[] @Nullable [] codes;
  private final @Nullable WordTable[] words;
  private final @Nullable List<@Nullable String>[] texts;
  private int[] bytes = new int[1024];
  private int rows;
  private int records;
  private final List<LeftOutAt> left = new ArrayList<>();
  private final long[] firstNoNumber;
  private long end;
  private long unclosed = -1;

  /** A record that was left out, by its place in the file. */
  record LeftOutAt(int record, long at, long bytes, DropReason reason, String detail) {}

  @SuppressWarnings({"unchecked", "rawtypes"}) // an array of lists
  CsvChunk(MemorySegment file, CsvLayout layout, long start) {
    this.file = file;
    this.layout = layout;
    this.scanner = layout.scanner();
    this.start = start;
    this.end = start;
    int columns = layout.columns();
    this.numbers = new double[columns][];
    this.codes = new int[columns][];
    this.words = new WordTable[columns];
    this.texts = new List[columns];
    this.firstNoNumber = new long[columns];
    Arrays.fill(firstNoNumber, -1);
    for (int i = 0; i < columns; i++) {
      switch (layout.types()[i]) {
        case NUMBER -> numbers[i] = new double[1024];
        case CATEGORY -> {
          codes[i] = new int[1024];
          words[i] = new WordTable(layout.missing());
        }
        case TEXT -> texts[i] = new ArrayList<>();
      }
    }
  }

  int rows() {
    return rows;
  }

  /** Rows and what was left out. */
  int records() {
    return records;
  }

  List<LeftOutAt> left() {
    return left;
  }

  int[] bytes() {
    return bytes;
  }

  /** Where the first row begins that is not its own. */
  long end() {
    return end;
  }

  /** Where a row begins whose quote is never closed, or −1. */
  long unclosed() {
    return unclosed;
  }

  /** Where the first value of a column of numbers stands that is none, or −1. */
  long firstNoNumber(int column) {
    return firstNoNumber[column];
  }

  double[] numbers(int column) {
    return Objects.requireNonNull(numbers[column]);
  }

  int[] codes(int column) {
    return Objects.requireNonNull(codes[column]);
  }

  WordTable words(int column) {
    return Objects.requireNonNull(words[column]);
  }

  List<@Nullable String> texts(int column) {
    return Objects.requireNonNull(texts[column]);
  }

  /** Parses the rows that begin before this byte. */
  CsvChunk parse(long until) {
    if (start >= until) { // a row of the stretch before covers this one
      return this;
    }
    long base = start;
    int length = load(base, until - base + MARGIN);
    int at = 0;
    while (base + at < until) {
      int fields = scanner.scan(at);
      if (fields == CsvScanner.MORE) {
        // The last row goes on beyond what is loaded: load from it on, ever more.
        base += at;
        long wanted = at > 0 ? Math.max(MARGIN, until - base + MARGIN) : 4L * length;
        if (wanted > LONGEST_ROW) {
          unclosed = base;
          end = base;
          return this;
        }
        length = load(base, wanted);
        at = 0;
        continue;
      }
      if (fields == CsvScanner.UNCLOSED) {
        unclosed = base + at;
        end = unclosed;
        return this;
      }
      int next = scanner.next();
      if (!scanner.blank()) {
        take(base + at, next - at, fields, at, next);
      }
      at = next;
    }
    end = base + at;
    return this;
  }

  private int load(long from, long wanted) {
    int length = (int) Math.min(wanted, file.byteSize() - from);
    byte[] buffer = file.asSlice(from, length).toArray(ValueLayout.JAVA_BYTE);
    scanner.over(buffer, length, from + length == file.byteSize());
    return length;
  }

  private void take(long place, int size, int fields, int from, int to) {
    records++;
    if (fields != layout.columns()) {
      left.add(
          new LeftOutAt(
              records,
              place,
              size,
              DropReason.RAGGED,
              fields + " values for " + layout.columns() + " columns"));
      return;
    }
    if (scanner.beyondAscii()) {
      byte[] row = Arrays.copyOfRange(scanner.buffer(), from, to);
      if (Utf8.decode(row) == null) {
        left.add(new LeftOutAt(records, place, size, DropReason.NOT_UTF8, Utf8.firstInvalid(row)));
        return;
      }
    }
    if (rows == bytes.length) {
      grow();
    }
    for (int i = 0; i < fields; i++) {
      double[] number = numbers[i];
      if (number != null) {
        number[rows] = number(i, place);
      } else {
        value(i);
      }
    }
    bytes[rows++] = size;
  }

  private double number(int column, long place) {
    double value;
    if (scanner.coded(column)) {
      byte[] decoded = scanner.decoded(column);
      value = DecimalText.parse(decoded, 0, decoded.length, layout.decimal());
    } else {
      value =
          DecimalText.parse(
              scanner.buffer(), scanner.from(column), scanner.to(column), layout.decimal());
    }
    if (DecimalText.isNoNumber(value)) {
      if (firstNoNumber[column] < 0 && !isMissing(column)) {
        firstNoNumber[column] = place;
      }
      return Double.NaN;
    }
    return value;
  }

  private boolean isMissing(int column) {
    return layout.missing().contains(new String(scanner.decoded(column), StandardCharsets.UTF_8));
  }

  private void value(int column) {
    WordTable table = words[column];
    if (table != null) {
      int code;
      if (scanner.coded(column)) {
        byte[] decoded = scanner.decoded(column);
        code = table.code(decoded, 0, decoded.length);
      } else {
        code = table.code(scanner.buffer(), scanner.from(column), scanner.to(column));
      }
      codes(column)[rows] = code;
    } else {
      String text = new String(scanner.decoded(column), StandardCharsets.UTF_8);
      texts(column).add(layout.missing().contains(text) ? null : text);
    }
  }

  private void grow() {
    int size = 2 * rows;
    bytes = Arrays.copyOf(bytes, size);
    for (int i = 0; i < layout.columns(); i++) {
      double[] number = numbers[i];
      int[] code = codes[i];
      if (number != null) {
        numbers[i] = Arrays.copyOf(number, size);
      } else if (code != null) {
        codes[i] = Arrays.copyOf(code, size);
      }
    }
  }

  /** Gives a column's values free once they are copied. */
  void release(int column) {
    numbers[column] = null;
    codes[column] = null;
    words[column] = null;
    texts[column] = null;
  }
}
