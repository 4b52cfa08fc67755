package dev.slipway.data.table;

import dev.slipway.base.SlipwayException;
import dev.slipway.data.source.DropReason;
import dev.slipway.data.source.Dropped;
import java.io.BufferedInputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads CSV and TSV into columns, on all processors. The file is cut into stretches; where each
 * one's first row begins is guessed and proved by where the stretch before it ends, so that line
 * ends within quotes are no danger. The outcome does not depend on how many processors there are.
 */
public final class CsvReader {
  private static final int NAMED = 5;
  private static final int CHUNK = 4 << 20;

  private final String name;
  private final MemorySegment file;
  private final CsvConfig config;
  private final int chunk;

  private CsvReader(String name, MemorySegment file, CsvConfig config, int chunk) {
    this.name = name;
    this.file = file;
    this.config = config;
    this.chunk = chunk;
  }

  /**
   * Reads a file, which may be gzipped.
   *
   * @throws SlipwayException if it can't be read, has no rows, or is not what the configuration
   *     says
   */
  public static Table read(Path path, CsvConfig config) {
    try (Arena arena = Arena.ofShared();
        FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      MemorySegment mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
      if (mapped.byteSize() > 2
          && mapped.get(ValueLayout.JAVA_BYTE, 0) == 0x1f
          && mapped.get(ValueLayout.JAVA_BYTE, 1) == (byte) 0x8b) {
        return read(path.toString(), unzipped(path), config);
      }
      return new CsvReader(path.toString(), mapped, config, CHUNK).table();
    } catch (IOException e) {
      throw TableProblems.failed(path.toString(), e);
    }
  }

  /** Reads what a file holds. */
  public static Table read(String name, byte[] content, CsvConfig config) {
    return read(name, content, config, CHUNK);
  }

  /**
   * @param chunk bytes that one thread parses at a time
   */
  static Table read(String name, byte[] content, CsvConfig config, int chunk) {
    return new CsvReader(name, MemorySegment.ofArray(content), config, chunk).table();
  }

  private static byte[] unzipped(Path path) throws IOException {
    try (InputStream in =
        new GZIPInputStream(new BufferedInputStream(new FileInputStream(path.toFile())), 1 << 16)) {
      byte[] content = in.readNBytes(Integer.MAX_VALUE - 16);
      if (in.read() >= 0) {
        throw TableProblems.tooLarge(path.toString(), content.length);
      }
      return content;
    }
  }

  private Table table() {
    if (file.byteSize() == 0) {
      throw TableProblems.noRows(name);
    }
    CsvLayout layout = new CsvDetection(name, file, config).layout();
    List<CsvChunk> chunks = chunks(layout);
    CsvLayout mended = mended(layout, chunks);
    if (mended != layout) {
      chunks = chunks(mended);
    }
    return merged(mended, chunks);
  }

  /** A column that the samples took for numbers, and which has other values, becomes categories. */
  private CsvLayout mended(CsvLayout layout, List<CsvChunk> chunks) {
    ColumnType[] types = layout.types().clone();
    for (int column = 0; column < types.length; column++) {
      for (CsvChunk part : chunks) {
        long place = part.firstNoNumber(column);
        if (place >= 0 && layout.declared()[column]) {
          throw TableProblems.noNumber(
              name, layout.names().get(column), valueAt(layout, place, column), line(place));
        }
        if (place >= 0) {
          types[column] = ColumnType.CATEGORY;
        }
      }
    }
    return Arrays.equals(types, layout.types()) ? layout : layout.withTypes(types);
  }

  private String valueAt(CsvLayout layout, long place, int column) {
    CsvScanner scanner = layout.scanner();
    long length = Math.min(file.byteSize() - place, CsvChunk.LONGEST_ROW);
    byte[] bytes = file.asSlice(place, length).toArray(ValueLayout.JAVA_BYTE);
    scanner.over(bytes, bytes.length, true);
    return scanner.scan(0) > column
        ? new String(scanner.decoded(column), StandardCharsets.UTF_8)
        : "";
  }

  /** The line of a byte, from 1. */
  private long line(long place) {
    return lines(new long[] {place})[0];
  }

  /** The lines of bytes in ascending order, in one pass. */
  private long[] lines(long[] places) {
    long[] lines = new long[places.length];
    long line = 1;
    int next = 0;
    long at = 0;
    while (next < places.length) {
      long to = Math.min(at + CHUNK, file.byteSize());
      byte[] bytes = file.asSlice(at, to - at).toArray(ValueLayout.JAVA_BYTE);
      for (int i = 0; i < bytes.length; i++) {
        while (next < places.length && places[next] == at + i) {
          lines[next++] = line;
        }
        if (bytes[i] == '\n') {
          line++;
        }
      }
      at = to;
    }
    return lines;
  }

  private List<CsvChunk> chunks(CsvLayout layout) {
    long size = file.byteSize();
    int count = (int) Math.max(1, Math.ceilDiv(size - layout.firstRow(), (long) chunk));
    int threads = Math.min(count, Runtime.getRuntime().availableProcessors());
    long[] from = new long[count + 1];
    for (int i = 0; i <= count; i++) {
      from[i] = Math.min(size, layout.firstRow() + (long) i * chunk);
    }
    List<CsvChunk> parts;
    if (threads == 1) {
      parts = new ArrayList<>();
      long at = layout.firstRow();
      for (int i = 0; i < count; i++) {
        CsvChunk part = new CsvChunk(file, layout, at).parse(from[i + 1]);
        parts.add(part);
        at = part.end();
      }
    } else {
      parts = parallel(layout, from, threads);
    }
    long at = layout.firstRow();
    for (int i = 0; i < count; i++) {
      CsvChunk part = parts.get(i);
      if (part.start != at || part.unclosed() >= 0) { // guessed wrongly, or really unclosed
        part = new CsvChunk(file, layout, at).parse(from[i + 1]);
        parts.set(i, part);
      }
      if (part.unclosed() >= 0) {
        throw TableProblems.unclosed(name, line(part.unclosed()));
      }
      at = Math.max(at, part.end());
    }
    return parts;
  }

  private List<CsvChunk> parallel(CsvLayout layout, long[] from, int threads) {
    try (ExecutorService workers = Executors.newFixedThreadPool(threads)) {
      List<Future<CsvChunk>> running = new ArrayList<>();
      for (int i = 0; i + 1 < from.length; i++) {
        long begin = from[i];
        long until = from[i + 1];
        boolean first = i == 0;
        running.add(
            workers.submit(
                () ->
                    new CsvChunk(file, layout, first ? begin : guess(layout, begin)).parse(until)));
      }
      List<CsvChunk> parts = new ArrayList<>();
      for (Future<CsvChunk> one : running) {
        parts.add(one.get());
      }
      return parts;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw TableProblems.failed(name, e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  /** The first byte from here on at which three rows of the right width begin. */
  private long guess(CsvLayout layout, long begin) {
    int length = (int) Math.min(1 << 16, file.byteSize() - begin + 1);
    byte[] bytes = file.asSlice(begin - 1, length).toArray(ValueLayout.JAVA_BYTE);
    CsvScanner scanner = layout.scanner();
    scanner.over(bytes, length, begin - 1 + length == file.byteSize());
    int fallback = -1;
    for (int i = 0; i + 1 < length; i++) {
      if (bytes[i] == layout.lineEnd()) {
        fallback = fallback < 0 ? i + 1 : fallback;
        int at = i + 1;
        int fitting = 0;
        while (fitting < 3 && at < length && scanner.scan(at) == layout.columns()) {
          at = scanner.next();
          fitting++;
        }
        if (fitting == 3 || fitting > 0 && at == length) {
          return begin + i;
        }
      }
    }
    return fallback < 0 ? begin : begin - 1 + fallback;
  }

  private Table merged(CsvLayout layout, List<CsvChunk> chunks) {
    long total = chunks.stream().mapToLong(CsvChunk::rows).sum();
    if (total > Integer.MAX_VALUE - 16) {
      throw TableProblems.tooLarge(name, total);
    }
    int rows = (int) total;
    List<Table.LeftOut> left = left(chunks);
    List<String> warnings = warnings(layout, chunks, left);
    if (rows == 0) {
      throw TableProblems.noRows(name);
    }
    int[] bytes = new int[rows];
    int at = 0;
    for (CsvChunk part : chunks) {
      System.arraycopy(part.bytes(), 0, bytes, at, part.rows());
      at += part.rows();
    }
    List<Column> columns = new ArrayList<>();
    for (int i = 0; i < layout.columns(); i++) {
      columns.add(
          switch (layout.types()[i]) {
            case NUMBER -> numbers(layout.names().get(i), i, rows, chunks);
            case CATEGORY -> categories(layout.names().get(i), i, rows, chunks);
            case TEXT -> texts(layout.names().get(i), i, rows, chunks);
          });
      for (CsvChunk part : chunks) {
        part.release(i);
      }
    }
    return new Table("", columns, bytes, left, warnings);
  }

  private List<Table.LeftOut> left(List<CsvChunk> chunks) {
    List<CsvChunk.LeftOutAt> all = new ArrayList<>();
    List<Long> numbers = new ArrayList<>();
    long before = 0;
    for (CsvChunk part : chunks) {
      for (CsvChunk.LeftOutAt one : part.left()) {
        all.add(one);
        numbers.add(before + one.record());
      }
      before += part.records();
    }
    long[] lines = lines(all.stream().mapToLong(CsvChunk.LeftOutAt::at).toArray());
    List<Table.LeftOut> left = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      CsvChunk.LeftOutAt one = all.get(i);
      left.add(
          new Table.LeftOut(
              numbers.get(i),
              one.bytes(),
              new Dropped(one.reason(), "line " + lines[i] + ": " + one.detail())));
    }
    return left;
  }

  private List<String> warnings(CsvLayout layout, List<CsvChunk> chunks, List<Table.LeftOut> left) {
    List<String> warnings = new ArrayList<>();
    long records = chunks.stream().mapToLong(CsvChunk::records).sum();
    for (DropReason reason : List.of(DropReason.RAGGED, DropReason.NOT_UTF8)) {
      List<Table.LeftOut> some = left.stream().filter(l -> l.why().reason() == reason).toList();
      List<String> named =
          new ArrayList<>(some.stream().limit(NAMED).map(l -> l.why().detail()).toList());
      if (some.size() > NAMED) {
        named.add("…");
      }
      if (reason == DropReason.RAGGED
          && !some.isEmpty()
          && (config.ragged() == CsvConfig.Ragged.REFUSE || 2L * some.size() > records)) {
        throw TableProblems.ragged(name, some.size(), records, layout.columns(), named);
      }
      if (!some.isEmpty()) {
        warnings.add(
            String.format(
                Locale.ROOT,
                "%,d of %,d rows of %s were left out (%s): %s",
                some.size(),
                records,
                name,
                reason.label(),
                String.join(", ", named)));
      }
    }
    return warnings;
  }

  private static Column numbers(String column, int index, int rows, List<CsvChunk> chunks) {
    double[] values = new double[rows];
    int at = 0;
    for (CsvChunk part : chunks) {
      System.arraycopy(part.numbers(index), 0, values, at, part.rows());
      at += part.rows();
    }
    return new Column.Numbers(column, values);
  }

  /** Codes in the order of the whole file's first appearances, whatever the chunks were. */
  private static Column categories(String column, int index, int rows, List<CsvChunk> chunks) {
    int[] codes = new int[rows];
    Map<String, Integer> known = new HashMap<>();
    List<String> levels = new ArrayList<>();
    int at = 0;
    for (CsvChunk part : chunks) {
      byte[][] words = part.words(index).words();
      int[] code = new int[words.length];
      for (int i = 0; i < words.length; i++) {
        String word = new String(words[i], StandardCharsets.UTF_8);
        Integer there = known.putIfAbsent(word, levels.size());
        if (there == null) {
          code[i] = levels.size();
          levels.add(word);
        } else {
          code[i] = there;
        }
      }
      int[] own = part.codes(index);
      for (int i = 0; i < part.rows(); i++) {
        codes[at++] = own[i] < 0 ? Column.Categories.MISSING : code[own[i]];
      }
    }
    return new Column.Categories(column, codes, levels);
  }

  private static Column texts(String column, int index, int rows, List<CsvChunk> chunks) {
    @Nullable String[] values = new String[rows];
    int at = 0;
    for (CsvChunk part : chunks) {
      for (String text : part.texts(index)) {
        values[at++] = text;
      }
    }
    return new Column.Texts(column, values);
  }
}
