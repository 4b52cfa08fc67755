package dev.slipway.data;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.data.source.DropReason;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;

/** The ledger as a Parquet file, by DuckDB. */
final class LedgerFile {
  private static final String COLUMNS =
      """
      id VARCHAR NOT NULL, outcome VARCHAR NOT NULL, reason VARCHAR, detail VARCHAR NOT NULL, \
      bytes_in BIGINT NOT NULL, bytes_clean BIGINT NOT NULL, tokens BIGINT NOT NULL, \
      tokens_truncated BIGINT NOT NULL, times_seen BIGINT NOT NULL, tokens_seen BIGINT NOT NULL""";

  private LedgerFile() {}

  static void write(Ledger ledger, Path file) throws IOException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE ledger (" + COLUMNS + ")");
      DuckDBConnection duckdb = connection.unwrap(DuckDBConnection.class);
      try (DuckDBAppender appender =
          duckdb.createAppender(DuckDBConnection.DEFAULT_SCHEMA, "ledger")) {
        for (Ledger.Row row : ledger.rows()) {
          appender.beginRow();
          appender.append(row.id());
          appender.append(row.outcome().label());
          appender.append(row.reason() == null ? null : row.reason().label());
          appender.append(row.detail());
          appender.append(row.bytesIn());
          appender.append(row.bytesClean());
          appender.append(row.tokens());
          appender.append(row.tokensTruncated());
          appender.append(row.timesSeen());
          appender.append(row.tokensSeen());
          appender.endRow();
        }
      }
      statement.execute(
          "COPY ledger TO '%s' (FORMAT parquet, COMPRESSION zstd)"
              .formatted(file.toString().replace("'", "''")));
    } catch (SQLException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  static List<Ledger.Row> read(Path file) {
    List<Ledger.Row> rows = new ArrayList<>();
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet found =
            statement.executeQuery(
                "SELECT * FROM read_parquet('%s')".formatted(file.toString().replace("'", "''")))) {
      while (found.next()) {
        String reason = found.getString(3);
        rows.add(
            new Ledger.Row(
                found.getString(1),
                Ledger.Outcome.of(found.getString(2)),
                reason == null ? null : DropReason.of(reason),
                found.getString(4),
                found.getLong(5),
                found.getLong(6),
                found.getLong(7),
                found.getLong(8),
                found.getLong(9),
                found.getLong(10)));
      }
      return rows;
    } catch (SQLException e) {
      throw new SlipwayException(
          Exit.INPUT,
          "data.ledger-damaged",
          "the ledger " + file + " cannot be read: " + e.getMessage(),
          "delete the folder of the prepared data, so that it is made again",
          e);
    }
  }

  private static Connection connect() throws SQLException {
    Properties properties = new Properties();
    // One thread and the order kept, so that the same ledger is the same bytes.
    properties.setProperty("threads", "1");
    properties.setProperty("jdbc_stream_results", "true");
    return DriverManager.getConnection("jdbc:duckdb:", properties);
  }
}
