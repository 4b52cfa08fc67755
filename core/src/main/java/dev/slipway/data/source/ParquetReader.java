package dev.slipway.data.source;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** Rows of a Parquet file in their order, streamed by DuckDB. */
final class ParquetReader implements RecordReader {
  private final Source.Parquet source;
  private final ReadLimits limits;
  private final Connection connection;
  private final Statement statement;
  private final ResultSet rows;
  private final long size;
  private long row;

  private ParquetReader(
      Source.Parquet source,
      ReadLimits limits,
      Connection connection,
      Statement statement,
      ResultSet rows,
      long size) {
    this.source = source;
    this.limits = limits;
    this.connection = connection;
    this.statement = statement;
    this.rows = rows;
    this.size = size;
  }

  static ParquetReader open(Source.Parquet source, ReadLimits limits) {
    long size = SourceProblems.checkFile(source.path());
    Properties properties = new Properties();
    properties.setProperty("jdbc_stream_results", "true");
    properties.setProperty("threads", "2");
    properties.setProperty("memory_limit", "512MB");
    try {
      Connection connection = DriverManager.getConnection("jdbc:duckdb:", properties);
      try {
        return open(source, limits, connection, size);
      } catch (SQLException | RuntimeException e) {
        connection.close();
        throw e;
      }
    } catch (SQLException e) {
      throw unreadable(source.path(), e);
    }
  }

  private static ParquetReader open(
      Source.Parquet source, ReadLimits limits, Connection connection, long size)
      throws SQLException {
    String file = literal(source.path().toString());
    List<String> columns = new ArrayList<>();
    try (Statement describe = connection.createStatement();
        ResultSet found =
            describe.executeQuery("DESCRIBE SELECT * FROM read_parquet(" + file + ")")) {
      while (found.next()) {
        columns.add(found.getString(1));
      }
    }
    checkColumn(source, columns, source.column());
    if (source.id() != null) {
      checkColumn(source, columns, source.id());
    }
    Statement statement = connection.createStatement();
    ResultSet rows =
        statement.executeQuery(
            "SELECT CAST(%s AS VARCHAR), %s FROM read_parquet(%s)"
                .formatted(
                    quoted(source.column()),
                    source.id() == null ? "NULL" : "CAST(" + quoted(source.id()) + " AS VARCHAR)",
                    file));
    return new ParquetReader(source, limits, connection, statement, rows, size);
  }

  private static void checkColumn(Source.Parquet source, List<String> columns, String column) {
    if (!columns.contains(column)) {
      throw new SlipwayException(
          Exit.INPUT,
          "data.parquet-no-column",
          source.path() + " has no column '" + column + "'; its columns are " + columns,
          "name one of them in data.source.column");
    }
  }

  static SlipwayException unreadable(Path path, SQLException cause) {
    String message = String.valueOf(cause.getMessage());
    return new SlipwayException(
        Exit.INPUT,
        "data.parquet-malformed",
        path + " could not be read as Parquet: " + message.lines().findFirst().orElse(""),
        "write it again, or copy it again",
        cause);
  }

  private static String literal(String text) {
    return "'" + text.replace("'", "''") + "'";
  }

  private static String quoted(String name) {
    return "\"" + name.replace("\"", "\"\"") + "\"";
  }

  @Override
  public @Nullable PendingRecord next() {
    try {
      if (!rows.next()) {
        return null;
      }
      row++;
      String id = source.id() == null ? "row-" + row : rows.getString(2);
      if (id == null) {
        throw new SlipwayException(
            Exit.INPUT,
            "data.parquet-no-id",
            "row " + row + " of " + source.path() + " has no value in '" + source.id() + "'",
            "name another column in data.source.id, or none");
      }
      String text = rows.getString(1);
      byte[] content = text == null ? new byte[0] : text.getBytes(StandardCharsets.UTF_8);
      return new Ready(
          content.length > limits.recordBytes()
              ? SourceRecord.dropped(
                  id,
                  content.length,
                  DropReason.TOO_LARGE,
                  "more than " + limits.recordBytes() + " bytes")
              : SourceRecord.of(id, content));
    } catch (SQLException e) {
      throw unreadable(source.path(), e);
    }
  }

  @Override
  public long expectedBytes() {
    return size;
  }

  @Override
  public void close() {
    try (connection;
        statement;
        rows) {
      row = 0;
    } catch (SQLException e) {
      throw unreadable(source.path(), e);
    }
  }
}
