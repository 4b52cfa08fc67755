package dev.slipway.data.text;

import dev.slipway.data.SplitName;
import dev.slipway.data.example.ExampleSet;
import dev.slipway.data.example.Field;
import dev.slipway.data.example.Value;
import dev.slipway.data.source.DropReason;
import dev.slipway.data.source.Dropped;
import dev.slipway.data.source.Utf8;
import java.io.BufferedInputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Two files whose lines belong together, such as a text and its translation; fields {@code source}
 * and {@code target}. Either may be gzipped. Ids are {@code train.en:17}, the line from 1.
 */
public final class ParallelTextExamples implements ExampleSet {
  public static final String SOURCE = "source";
  public static final String TARGET = "target";

  /** A longer line is no sentence but a mistake. */
  private static final int LONGEST = 1 << 20;

  private static final int LARGEST = Integer.MAX_VALUE - 16;

  /**
   * Two files.
   *
   * @param given the split that their lines are put in, if any
   */
  public record Pair(Path source, Path target, Optional<SplitName> given) {}

  private record Line(
      String id, long bytes, String source, String target, Optional<SplitName> given) {}

  private final List<Line> lines;
  private final List<DroppedExample> dropped;

  private ParallelTextExamples(List<Line> lines, List<DroppedExample> dropped) {
    this.lines = lines;
    this.dropped = List.copyOf(dropped);
  }

  /**
   * Reads all pairs.
   *
   * @throws dev.slipway.base.SlipwayException if a file can't be read, or two have not as many
   *     lines
   */
  public static ParallelTextExamples open(List<Pair> pairs) {
    List<Line> lines = new ArrayList<>();
    List<DroppedExample> dropped = new ArrayList<>();
    for (Pair pair : pairs) {
      List<byte[]> sources = lines(pair.source());
      List<byte[]> targets = lines(pair.target());
      if (sources.size() != targets.size()) {
        throw TextProblems.lengths(
            pair.source().toString(), sources.size(), pair.target().toString(), targets.size());
      }
      String name = String.valueOf(pair.source().getFileName()).replaceFirst("\\.gz$", "");
      for (int i = 0; i < sources.size(); i++) {
        byte[] source = sources.get(i);
        byte[] target = targets.get(i);
        String id = name + ":" + (i + 1);
        long bytes = (long) source.length + target.length;
        String sourceText = Utf8.decode(source);
        String targetText = Utf8.decode(target);
        Dropped problem = problem(source, sourceText, "source");
        problem = problem == null ? problem(target, targetText, "target") : problem;
        if (problem == null && sourceText != null && targetText != null) {
          lines.add(new Line(id, bytes, sourceText.strip(), targetText.strip(), pair.given()));
        } else if (problem != null) {
          dropped.add(new DroppedExample(id, bytes, problem));
        }
      }
    }
    if (lines.isEmpty()) {
      throw TextProblems.noneLeft(
          pairs.isEmpty() ? "the source" : pairs.getFirst().source().toString(),
          dropped.size(),
          dropped.isEmpty() ? "" : dropped.getFirst().problem().reason().label());
    }
    return new ParallelTextExamples(lines, dropped);
  }

  private static @Nullable Dropped problem(byte[] bytes, @Nullable String text, String which) {
    if (bytes.length > LONGEST) {
      return new Dropped(DropReason.TOO_LARGE, which + ": more than " + LONGEST + " bytes");
    }
    if (text == null) {
      return new Dropped(DropReason.NOT_UTF8, which + ": " + Utf8.firstInvalid(bytes));
    }
    return text.isBlank() ? new Dropped(DropReason.EMPTY, which) : null;
  }

  /** Lines with their ends. */
  private static List<byte[]> lines(Path path) {
    byte[] all;
    try (InputStream in = plain(path)) {
      all = in.readNBytes(LARGEST);
    } catch (IOException e) {
      throw TextProblems.failed(path, e);
    }
    boolean mark = all.length > 2 && all[0] == (byte) 0xEF && all[1] == (byte) 0xBB;
    List<byte[]> lines = new ArrayList<>();
    int from = mark && all[2] == (byte) 0xBF ? 3 : 0;
    for (int i = from; i < all.length; i++) {
      if (all[i] == '\n' || i == all.length - 1) {
        lines.add(Arrays.copyOfRange(all, from, i + 1));
        from = i + 1;
      }
    }
    return lines;
  }

  private static InputStream plain(Path path) throws IOException {
    BufferedInputStream in = new BufferedInputStream(new FileInputStream(path.toFile()), 1 << 16);
    try {
      in.mark(2);
      boolean gzip = in.read() == 0x1f && in.read() == 0x8b;
      in.reset();
      return gzip ? new GZIPInputStream(in, 1 << 16) : in;
    } catch (IOException e) {
      in.close();
      throw e;
    }
  }

  @Override
  public int size() {
    return lines.size();
  }

  @Override
  public String id(int example) {
    return lines.get(example).id;
  }

  @Override
  public long bytes(int example) {
    return lines.get(example).bytes;
  }

  @Override
  public List<Field> fields() {
    return List.of(new Field(SOURCE, Field.Kind.TEXT), new Field(TARGET, Field.Kind.TEXT));
  }

  @Override
  public Value value(int example, String field) {
    return switch (field) {
      case SOURCE -> new Value.Text(lines.get(example).source);
      case TARGET -> new Value.Text(lines.get(example).target);
      default -> throw new IllegalArgumentException("no field is called " + field);
    };
  }

  @Override
  public Optional<SplitName> given(int example) {
    return lines.get(example).given;
  }

  @Override
  public List<DroppedExample> dropped() {
    return dropped;
  }

  @Override
  public void close() {}
}
