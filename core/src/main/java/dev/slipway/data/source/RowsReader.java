package dev.slipway.data.source;

import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import java.io.BufferedInputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;

/**
 * JSON objects of a file, told by its content: a Parquet file, one JSON list of objects, or JSON
 * lines. A record's content is its object as one line of JSON.
 */
abstract sealed class RowsReader implements RecordReader {
  private final Path path;
  private final ReadLimits limits;
  private final long size;

  private RowsReader(Path path, ReadLimits limits, long size) {
    this.path = path;
    this.limits = limits;
    this.size = size;
  }

  static RowsReader open(Source.Rows source, ReadLimits limits) {
    Path path = source.path();
    long size = SourceProblems.checkFile(path);
    try (InputStream in = new BufferedInputStream(new FileInputStream(path.toFile()))) {
      byte[] first = in.readNBytes(4);
      if (new String(first, StandardCharsets.ISO_8859_1).equals("PAR1")) {
        return new Parquet(path, limits, size);
      }
      int at = 0;
      int c = first[0];
      while (at < first.length && Character.isWhitespace(first[at])) {
        c = ++at < first.length ? first[at] : in.read();
      }
      while (Character.isWhitespace(c)) {
        c = in.read();
      }
      return c == '[' ? new JsonList(path, limits, size) : new Lines(path, limits, size);
    } catch (IOException e) {
      throw SourceProblems.failed(path, e);
    }
  }

  @Override
  public long expectedBytes() {
    return size;
  }

  final SourceRecord record(String id, byte[] content) {
    return content.length > limits.recordBytes()
        ? SourceRecord.dropped(
            id,
            content.length,
            DropReason.TOO_LARGE,
            "more than " + limits.recordBytes() + " bytes")
        : SourceRecord.of(id, content);
  }

  final SlipwayException malformed(String where, String what, @Nullable Exception cause) {
    return new SlipwayException(
        Exit.INPUT,
        "data.rows-malformed",
        "%s of %s %s, expected a JSON object".formatted(where, path, what),
        "mend or delete it",
        cause);
  }

  /** One JSON object a line; lines are checked where they are read. */
  private static final class Lines extends RowsReader {
    private final Path path;
    private final InputStream in;
    private final BoundedLines lines;

    Lines(Path path, ReadLimits limits, long size) throws IOException {
      super(path, limits, size);
      this.path = path;
      this.in = new FileInputStream(path.toFile());
      this.lines = new BoundedLines(in, limits.recordBytes());
    }

    @Override
    public @Nullable PendingRecord next() {
      try {
        for (BoundedLines.Line line = lines.next(); line != null; line = lines.next()) {
          if (!line.isBlank()) {
            return new Ready(read(line));
          }
        }
        return null;
      } catch (IOException e) {
        throw SourceProblems.failed(path, e);
      }
    }

    private SourceRecord read(BoundedLines.Line line) {
      String id = "line-" + line.number();
      if (line.tooLong()) {
        return SourceRecord.dropped(id, line.bytes(), DropReason.TOO_LARGE, "");
      }
      if (Utf8.decode(line.content()) == null) {
        return SourceRecord.dropped(
            id, line.bytes(), DropReason.NOT_UTF8, Utf8.firstInvalid(line.content()));
      }
      try {
        JsonNode node = Json.MAPPER.readTree(line.content());
        if (!node.isObject()) {
          throw malformed("line " + line.number(), "is no object", null);
        }
        return record(id, Json.bytes(node));
      } catch (JacksonException e) {
        throw malformed("line " + line.number(), "is not JSON: " + Json.why(e), e);
      }
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

  /** One list of objects, read as a stream. */
  private static final class JsonList extends RowsReader {
    private final JsonParser parser;
    private long row;

    JsonList(Path path, ReadLimits limits, long size) {
      super(path, limits, size);
      parser = Json.MAPPER.createParser(path.toFile());
      parser.nextToken();
    }

    @Override
    public @Nullable PendingRecord next() {
      String where = "row " + (row + 1);
      try {
        JsonToken token = parser.nextToken();
        if (token == JsonToken.END_ARRAY) {
          return null;
        }
        if (token != JsonToken.START_OBJECT) {
          throw malformed(where, "is no object", null);
        }
        row++;
        JsonNode node = parser.readValueAsTree();
        return new Ready(record("row-" + row, Json.bytes(node)));
      } catch (JacksonException e) {
        throw malformed(where, "is not JSON: " + Json.why(e), e);
      }
    }

    @Override
    public void close() {
      parser.close();
    }
  }

  /** Rows of a Parquet file in their order, as DuckDB writes them in JSON. */
  private static final class Parquet extends RowsReader {
    private final Path path;
    private final Connection connection;
    private final Statement statement;
    private final ResultSet rows;
    private long row;

    Parquet(Path path, ReadLimits limits, long size) {
      super(path, limits, size);
      this.path = path;
      Properties properties = new Properties();
      properties.setProperty("jdbc_stream_results", "true");
      properties.setProperty("threads", "2");
      properties.setProperty("memory_limit", "512MB");
      try {
        connection = DriverManager.getConnection("jdbc:duckdb:", properties);
        try {
          statement = connection.createStatement();
          rows =
              statement.executeQuery(
                  "SELECT CAST(to_json(t) AS VARCHAR) FROM read_parquet('%s') t"
                      .formatted(path.toString().replace("'", "''")));
        } catch (SQLException e) {
          connection.close();
          throw e;
        }
      } catch (SQLException e) {
        throw ParquetReader.unreadable(path, e);
      }
    }

    @Override
    public @Nullable PendingRecord next() {
      try {
        if (!rows.next()) {
          return null;
        }
        row++;
        return new Ready(record("row-" + row, rows.getString(1).getBytes(StandardCharsets.UTF_8)));
      } catch (SQLException e) {
        throw ParquetReader.unreadable(path, e);
      }
    }

    @Override
    public void close() {
      try (connection;
          statement;
          rows) {
        row = 0;
      } catch (SQLException e) {
        throw ParquetReader.unreadable(path, e);
      }
    }
  }
}
