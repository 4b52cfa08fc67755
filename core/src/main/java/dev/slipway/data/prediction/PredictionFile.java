package dev.slipway.data.prediction;

import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads columns of a CSV, JSONL or Parquet file; CSV and Parquet by DuckDB. */
public final class PredictionFile {
  private final Path path;
  private final Format format;
  private final List<String> columns;

  private enum Format {
    CSV,
    JSONL,
    PARQUET
  }

  private PredictionFile(Path path, Format format, List<String> columns) {
    this.path = path;
    this.format = format;
    this.columns = List.copyOf(columns);
  }

  /**
   * Finds the columns.
   *
   * @param path named {@code .csv}, {@code .tsv}, {@code .jsonl} or {@code .parquet}
   * @throws SlipwayException {@code eval.file-missing}, {@code eval.file-unknown}, {@code
   *     eval.file-malformed}, {@code eval.no-examples}
   */
  public static PredictionFile open(Path path) {
    if (!Files.isRegularFile(path) || !Files.isReadable(path)) {
      throw new SlipwayException(
          Exit.INPUT,
          "eval.file-missing",
          "there is no readable file " + path + ", expected predictions as CSV, JSONL or Parquet",
          "check the path");
    }
    Format format = format(path);
    checkNotEmpty(path);
    List<String> columns = format == Format.JSONL ? keys(path) : described(path, format);
    return new PredictionFile(path, format, columns);
  }

  private static Format format(Path path) {
    String name = path.getFileName().toString().toLowerCase(Locale.ROOT);
    if (name.endsWith(".csv") || name.endsWith(".tsv")) {
      return Format.CSV;
    }
    if (name.endsWith(".jsonl") || name.endsWith(".ndjson")) {
      return Format.JSONL;
    }
    if (name.endsWith(".parquet")) {
      return Format.PARQUET;
    }
    throw new SlipwayException(
        Exit.INPUT,
        "eval.file-unknown",
        "the name " + path.getFileName() + " tells no format, expected .csv, .jsonl or .parquet",
        "write the predictions as one of these");
  }

  public Path path() {
    return path;
  }

  /** In the order of the file; of JSONL, of all its lines. */
  public List<String> columns() {
    return columns;
  }

  /**
   * Reads some columns of all rows.
   *
   * @throws SlipwayException {@code eval.no-column}, {@code eval.not-a-number}, {@code
   *     eval.no-value}, {@code eval.no-examples}, {@code eval.file-malformed}
   */
  public PredictionTable read(List<String> texts, List<String> numbers) {
    PredictionTable.Filling table = new PredictionTable.Filling(path, columns, texts, numbers);
    if (format == Format.JSONL) {
      lines(path, (row, tree) -> table.add(column -> text(tree.path(column))));
    } else {
      rows(table);
    }
    return table.done();
  }

  private static String text(JsonNode value) {
    return value.isMissingNode() || value.isNull()
        ? ""
        : value.isString() ? value.asString() : value.toString();
  }

  private interface Line {
    void take(long row, JsonNode object);
  }

  private static void lines(Path path, Line line) {
    try (BufferedReader reader = Files.newBufferedReader(path, StandardCharsets.UTF_8)) {
      long row = 0;
      for (String text = reader.readLine(); text != null; text = reader.readLine()) {
        row++;
        if (text.isBlank()) {
          continue;
        }
        JsonNode tree = Json.parse(text, "line " + row + " of " + path);
        if (!tree.isObject()) {
          throw malformed(path, "line " + row + " is no JSON object", null);
        }
        line.take(row, tree);
      }
    } catch (IOException e) {
      throw malformed(path, String.valueOf(e.getMessage()), e);
    }
  }

  private static List<String> keys(Path path) {
    LinkedHashSet<String> keys = new LinkedHashSet<>();
    lines(path, (row, tree) -> keys.addAll(tree.propertyNames()));
    return List.copyOf(keys);
  }

  private static List<String> described(Path path, Format format) {
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet found = statement.executeQuery("DESCRIBE SELECT * FROM " + from(path, format))) {
      List<String> columns = new ArrayList<>();
      while (found.next()) {
        columns.add(found.getString(1));
      }
      return columns;
    } catch (SQLException e) {
      throw malformed(path, String.valueOf(e.getMessage()), e);
    }
  }

  private void rows(PredictionTable.Filling table) {
    List<String> wanted = table.wanted();
    String columnsOf = wanted.stream().map(PredictionFile::quoted).collect(Collectors.joining(","));
    try (Connection connection = connect()) {
      String selected = columnsOf;
      if (format == Format.PARQUET) {
        selected = cast(connection, columnsOf);
      }
      try (Statement statement = connection.createStatement();
          ResultSet rows =
              statement.executeQuery("SELECT " + selected + " FROM " + from(path, format))) {
        while (rows.next()) {
          table.add(
              column -> {
                try {
                  String value = rows.getString(wanted.indexOf(column) + 1);
                  return value == null ? "" : value;
                } catch (SQLException e) {
                  throw malformed(path, String.valueOf(e.getMessage()), e);
                }
              });
        }
      }
    } catch (SQLException e) {
      throw malformed(path, String.valueOf(e.getMessage()), e);
    }
  }

  /** Lists as JSON, all else as text. */
  private String cast(Connection connection, String columnsOf) throws SQLException {
    List<String> casts = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet found =
            statement.executeQuery(
                "DESCRIBE SELECT " + columnsOf + " FROM " + from(path, format))) {
      while (found.next()) {
        String name = quoted(found.getString(1));
        casts.add(
            found.getString(2).endsWith("]")
                ? "CAST(to_json(" + name + ") AS VARCHAR)"
                : "CAST(" + name + " AS VARCHAR)");
      }
    }
    return String.join(",", casts);
  }

  private static Connection connect() throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("jdbc_stream_results", "true");
    properties.setProperty("threads", "2");
    properties.setProperty("memory_limit", "512MB");
    // Reading a file must not fetch anything.
    properties.setProperty("autoinstall_known_extensions", "false");
    return DriverManager.getConnection("jdbc:duckdb:", properties);
  }

  private static String from(Path path, Format format) {
    String file = "'" + path.toString().replace("'", "''") + "'";
    return format == Format.PARQUET
        ? "read_parquet(" + file + ")"
        : "read_csv(" + file + ", header = true, all_varchar = true)";
  }

  private static String quoted(String name) {
    return "\"" + name.replace("\"", "\"\"") + "\"";
  }

  private static void checkNotEmpty(Path path) {
    try {
      if (Files.size(path) == 0) {
        throw PredictionTable.empty(path);
      }
    } catch (IOException e) {
      throw malformed(path, String.valueOf(e.getMessage()), e);
    }
  }

  private static SlipwayException malformed(Path path, String why, @Nullable Throwable cause) {
    return new SlipwayException(
        Exit.INPUT,
        "eval.file-malformed",
        path + " can't be read: " + why.lines().findFirst().orElse(""),
        "write it again as CSV with a header, JSON lines or Parquet",
        cause);
  }
}
