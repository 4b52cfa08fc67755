package dev.slipway.data.table;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Finds out the delimiter, the header and the columns' types from samples of a file. */
final class CsvDetection {
  private static final byte[] DELIMITERS = {',', '\t', ';', '|', ' '};
  private static final int HEAD = 1 << 18;
  private static final int HEAD_ROWS = 1000;
  private static final int PLACES = 16;
  private static final int PLACE_ROWS = 100;

  private final String name;
  private final MemorySegment file;
  private final CsvConfig config;
  private final Set<String> missing;

  CsvDetection(String name, MemorySegment file, CsvConfig config) {
    this.name = name;
    this.file = file;
    this.config = config;
    this.missing = new HashSet<>(config.missing());
    this.missing.add("");
  }

  CsvLayout layout() {
    long begin = startsWith(0xEF, 0xBB, 0xBF) ? 3 : 0;
    if (startsWith(0xFF, 0xFE) || startsWith(0xFE, 0xFF)) {
      throw new SlipwayException(
          Exit.INPUT, "data.csv-encoding", name + " is UTF-16, expected UTF-8", "save it as UTF-8");
    }
    byte[] head = bytes(begin, HEAD);
    byte lineEnd = (byte) (indexOf(head, '\n') < 0 && indexOf(head, '\r') >= 0 ? '\r' : '\n');
    byte delimiter =
        config.delimiter().isAuto()
            ? delimiter(begin, lineEnd)
            : config.delimiter().value().equals("tab")
                ? (byte) '\t'
                : (byte) config.delimiter().value().charAt(0);
    CsvScanner scanner = new CsvScanner(delimiter, lineEnd);
    List<List<String>> rows = rows(scanner, begin, HEAD, HEAD_ROWS);
    if (rows.isEmpty()) {
      throw TableProblems.noRows(name);
    }
    List<String> first = rows.getFirst();
    boolean header =
        switch (config.header()) {
          case PRESENT -> true;
          case ABSENT -> false;
          case AUTO -> isHeader(first, rows.subList(1, rows.size()));
        };
    List<String> names = names(header ? first : List.of(), first.size());
    int columns = names.size();
    List<List<String>> sample = new ArrayList<>(header ? rows.subList(1, rows.size()) : rows);
    for (int i = 1; i < PLACES && file.byteSize() > 2L * HEAD; i++) {
      long place = begin + (file.byteSize() - begin) / PLACES * i;
      List<List<String>> there = rows(scanner, place, 1 << 16, PLACE_ROWS);
      sample.addAll(there.subList(Math.min(1, there.size()), there.size()));
    }
    sample.removeIf(row -> row.size() != columns);
    ColumnType[] types = new ColumnType[columns];
    boolean[] declared = new boolean[columns];
    for (int i = 0; i < columns; i++) {
      types[i] = type(sample, i);
    }
    declare(config.numbers(), ColumnType.NUMBER, names, types, declared);
    declare(config.categories(), ColumnType.CATEGORY, names, types, declared);
    declare(config.texts(), ColumnType.TEXT, names, types, declared);
    long firstRow = header ? endOfFirst(scanner, begin) : begin;
    return new CsvLayout(
        delimiter,
        lineEnd,
        config.decimal().sign(),
        firstRow,
        names,
        types,
        declared,
        Set.copyOf(missing));
  }

  private boolean startsWith(int... bytes) {
    for (int i = 0; i < bytes.length; i++) {
      if (file.byteSize() <= i || (file.get(ValueLayout.JAVA_BYTE, i) & 0xff) != bytes[i]) {
        return false;
      }
    }
    return true;
  }

  private byte[] bytes(long from, long length) {
    return file.asSlice(from, Math.min(length, file.byteSize() - from))
        .toArray(ValueLayout.JAVA_BYTE);
  }

  private static int indexOf(byte[] bytes, char c) {
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == c) {
        return i;
      }
    }
    return -1;
  }

  private List<List<String>> rows(CsvScanner scanner, long from, int length, int most) {
    byte[] bytes = bytes(from, length);
    scanner.over(bytes, bytes.length, from + bytes.length == file.byteSize());
    List<List<String>> rows = new ArrayList<>();
    int at = 0;
    while (at < bytes.length && rows.size() < most) {
      int fields = scanner.scan(at);
      if (fields == CsvScanner.MORE && rows.isEmpty() && length < CsvChunk.LONGEST_ROW) {
        return rows(scanner, from, 4 * length, most); // a row that is longer than the sample
      }
      if (fields < 0) {
        break;
      }
      if (!scanner.blank()) {
        List<String> row = new ArrayList<>(fields);
        for (int i = 0; i < fields; i++) {
          row.add(new String(scanner.decoded(i), StandardCharsets.UTF_8));
        }
        rows.add(row);
      }
      at = scanner.next();
    }
    return rows;
  }

  private long endOfFirst(CsvScanner scanner, long begin) {
    byte[] head = bytes(begin, HEAD);
    while (true) {
      scanner.over(head, head.length, begin + head.length == file.byteSize());
      int at = 0;
      int fields = scanner.scan(at);
      while (fields > 0 && scanner.blank()) {
        at = scanner.next();
        fields = scanner.scan(at);
      }
      if (fields != CsvScanner.MORE) {
        return begin + scanner.next();
      }
      head = bytes(begin, 4L * head.length);
    }
  }

  /**
   * The one by which most rows have the same number of values, of several the one that gives more
   * of them; a space only where nothing else gives two.
   */
  private byte delimiter(long begin, byte lineEnd) {
    byte best = ',';
    double bestScore = 0;
    for (byte candidate : DELIMITERS) {
      List<List<String>> rows = rows(new CsvScanner(candidate, lineEnd), begin, HEAD, HEAD_ROWS);
      int[] widths = rows.stream().mapToInt(List::size).sorted().toArray();
      if (widths.length == 0) {
        continue;
      }
      int usual = widths[widths.length / 2];
      double share = Arrays.stream(widths).filter(w -> w == usual).count() / (double) widths.length;
      double score = usual < 2 ? 0 : share + (1 - 1.0 / usual) / 10;
      if (candidate == ' ' && bestScore > 0) {
        score = 0;
      }
      if (score > bestScore) {
        best = candidate;
        bestScore = score;
      }
    }
    return best;
  }

  private boolean isNumber(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return !DecimalText.isNoNumber(
        DecimalText.parse(bytes, 0, bytes.length, config.decimal().sign()));
  }

  private boolean isHeader(List<String> first, List<List<String>> rest) {
    if (first.stream().anyMatch(v -> missing.contains(v) || isNumber(v))
        || new HashSet<>(first).size() < first.size()) {
      return false;
    }
    boolean aboveNumbers = false;
    boolean comesAgain = false;
    for (int i = 0; i < first.size(); i++) {
      boolean numbers = false;
      boolean words = false;
      for (List<String> row : rest) {
        if (row.size() == first.size() && !missing.contains(row.get(i))) {
          boolean number = isNumber(row.get(i));
          numbers |= number;
          words |= !number;
          comesAgain |= row.get(i).equals(first.get(i));
        }
      }
      aboveNumbers |= numbers && !words;
    }
    return aboveNumbers || !comesAgain;
  }

  private List<String> names(List<String> header, int columns) {
    if (!config.columns().isEmpty()) {
      if (config.columns().size() != columns) {
        throw TableProblems.columns(name, columns, config.columns().size());
      }
      return checked(config.columns());
    }
    List<String> names = new ArrayList<>();
    for (int i = 0; i < columns; i++) {
      boolean named = i < header.size() && !header.get(i).isBlank();
      names.add(named ? header.get(i) : "column-" + (i + 1));
    }
    return checked(names);
  }

  private List<String> checked(List<String> names) {
    Set<String> seen = new HashSet<>();
    for (String column : names) {
      if (!seen.add(column)) {
        throw TableProblems.twoColumns(name, column);
      }
    }
    return List.copyOf(names);
  }

  private void declare(
      List<String> declaredNames,
      ColumnType type,
      List<String> names,
      ColumnType[] types,
      boolean[] declared) {
    for (String column : declaredNames) {
      int index = names.indexOf(column);
      if (index < 0) {
        throw TableProblems.noColumn(name, column, names);
      }
      types[index] = type;
      declared[index] = true;
    }
  }

  private ColumnType type(List<List<String>> sample, int column) {
    int values = 0;
    long length = 0;
    boolean numbers = true;
    Set<String> distinct = new HashSet<>();
    for (List<String> row : sample) {
      String value = row.get(column);
      if (!missing.contains(value)) {
        values++;
        length += value.length();
        numbers &= isNumber(value);
        distinct.add(value);
      }
    }
    if (numbers) {
      return ColumnType.NUMBER;
    }
    boolean longOnes = length > 40L * values;
    boolean mostlyUnique = values >= 50 && distinct.size() > values / 2;
    return longOnes || mostlyUnique ? ColumnType.TEXT : ColumnType.CATEGORY;
  }
}
