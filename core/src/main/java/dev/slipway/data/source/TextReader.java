package dev.slipway.data.source;

import java.io.ByteArrayOutputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Sections of a text; together they are the file, byte for byte. */
final class TextReader implements RecordReader {
  /** A section ends at the first blank lines after so many bytes. */
  static final int SECTION = 2048;

  private final Path path;
  private final TextUnit unit;
  private final ReadLimits limits;
  private final InputStream in;
  private final BoundedLines lines;
  private final long size;
  private BoundedLines.@Nullable Line ahead;

  private TextReader(Source.Text source, ReadLimits limits, InputStream in, long size)
      throws IOException {
    this.path = source.path();
    this.unit = source.unit();
    this.limits = limits;
    this.in = in;
    this.size = size;
    this.lines = new BoundedLines(in, limits.recordBytes());
    this.ahead = lines.next();
  }

  static TextReader open(Source.Text source, ReadLimits limits) {
    long size = SourceProblems.checkFile(source.path());
    try {
      return new TextReader(source, limits, new FileInputStream(source.path().toFile()), size);
    } catch (IOException e) {
      throw SourceProblems.failed(source.path(), e);
    }
  }

  @Override
  public @Nullable PendingRecord next() {
    BoundedLines.Line line = ahead;
    if (line == null) {
      return null;
    }
    String id = "line-" + line.number();
    try {
      ByteArrayOutputStream section = new ByteArrayOutputStream();
      long bytes = 0;
      boolean tooLarge = false;
      boolean ended = false;
      while (line != null && !(ended && !line.isBlank())) {
        bytes += line.bytes();
        tooLarge |= bytes > limits.recordBytes();
        if (tooLarge) {
          section.reset();
        } else {
          section.write(line.content());
        }
        // A section that is too large ends at the next blank line, not at the end of the file.
        ended |= unit == TextUnit.BLANK_LINES && line.isBlank() && bytes >= SECTION;
        line = lines.next();
      }
      ahead = line;
      return new Ready(
          tooLarge
              ? SourceRecord.dropped(
                  id, bytes, DropReason.TOO_LARGE, "more than " + limits.recordBytes() + " bytes")
              : SourceRecord.of(id, section.toByteArray()));
    } catch (IOException e) {
      throw SourceProblems.failed(path, e);
    }
  }

  @Override
  public long expectedBytes() {
    return size;
  }

  @Override
  public void close() {
    try {
      in.close();
    } catch (IOException e) {
      throw SourceProblems.failed(path, e);
    }
  }
}
