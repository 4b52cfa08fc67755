package dev.slipway.data.table;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads Parquet into columns, by DuckDB. Numbers become doubles, everything else its text. */
public final class ParquetTable {
  private static final Set<String> NUMBERS =
      Set.of(
          "TINYINT",
          "SMALLINT",
          "INTEGER",
          "BIGINT",
          "HUGEINT",
          "UTINYINT",
          "USMALLINT",
          "UINTEGER",
          "UBIGINT",
          "UHUGEINT",
          "FLOAT",
          "DOUBLE");

  /** Of fewer rows, a column of different words may still be one of categories. */
  private static final int FEW = 100;

  private ParquetTable() {}

  /**
   * Reads a file.
   *
   * @param categories columns that are categories, whatever they look like
   * @throws SlipwayException if it can't be read or has no rows
   */
  public static Table read(Path path, List<String> categories) {
    long size;
    try {
      size = Files.size(path);
    } catch (IOException e) {
      throw TableProblems.failed(path.toString(), e);
    }
    Properties properties = new Properties();
    properties.setProperty("jdbc_stream_results", "true");
    properties.setProperty("threads", "2");
    properties.setProperty("memory_limit", "512MB");
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:", properties)) {
      return read(path, size, connection, categories);
    } catch (SQLException e) {
      String message = String.valueOf(e.getMessage());
      throw new SlipwayException(
          Exit.INPUT,
          "data.parquet-malformed",
          path + " could not be read as Parquet: " + message.lines().findFirst().orElse(""),
          "write it again, or copy it again",
          e);
    }
  }

  private static Table read(Path path, long size, Connection connection, List<String> categories)
      throws SQLException {
    String file = "read_parquet('" + path.toString().replace("'", "''") + "')";
    Map<String, Boolean> isNumber = new LinkedHashMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet found = statement.executeQuery("DESCRIBE SELECT * FROM " + file)) {
      while (found.next()) {
        String type = found.getString(2).toUpperCase(Locale.ROOT);
        isNumber.put(
            found.getString(1),
            (NUMBERS.contains(type) || type.startsWith("DECIMAL"))
                && !categories.contains(found.getString(1)));
      }
    }
    for (String category : categories) {
      if (!isNumber.containsKey(category)) {
        throw TableProblems.noColumn(path.toString(), category, List.copyOf(isNumber.keySet()));
      }
    }
    List<String> names = List.copyOf(isNumber.keySet());
    int rows;
    try (Statement statement = connection.createStatement();
        ResultSet count = statement.executeQuery("SELECT count(*) FROM " + file)) {
      count.next();
      if (count.getLong(1) == 0) {
        throw TableProblems.noRows(path.toString());
      }
      if (count.getLong(1) > Integer.MAX_VALUE - 16) {
        throw TableProblems.tooLarge(path.toString(), count.getLong(1));
      }
      rows = (int) count.getLong(1);
    }
    String select =
        isNumber.entrySet().stream()
            .map(
                e ->
                    "CAST(\"%s\" AS %s)"
                        .formatted(
                            e.getKey().replace("\"", "\"\""), e.getValue() ? "DOUBLE" : "VARCHAR"))
            .collect(Collectors.joining(", "));
    double[][] numbers = new double[names.size()][];
    @Nullable String[][] texts = new String[names.size()][];
    for (int i = 0; i < names.size(); i++) {
      if (isNumber.getOrDefault(names.get(i), false)) {
        numbers[i] = new double[rows];
      } else {
        texts[i] = new String[rows];
      }
    }
    try (Statement statement = connection.createStatement();
        ResultSet found = statement.executeQuery("SELECT " + select + " FROM " + file)) {
      for (int row = 0; row < rows && found.next(); row++) {
        for (int i = 0; i < names.size(); i++) {
          if (numbers[i] != null) {
            double value = found.getDouble(i + 1);
            numbers[i][row] = found.wasNull() ? Double.NaN : value;
          } else {
            texts[i][row] = found.getString(i + 1);
          }
        }
      }
    }
    List<Column> columns = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      columns.add(
          numbers[i] != null
              ? new Column.Numbers(names.get(i), numbers[i])
              : words(names.get(i), texts[i], categories.contains(names.get(i))));
    }
    int[] bytes = new int[rows]; // a column store has no rows: each counts for an equal part
    Arrays.fill(bytes, (int) (size / rows));
    for (int i = 0; i < size % rows; i++) {
      bytes[i]++;
    }
    return new Table("", columns, bytes, List.of(), List.of());
  }

  /** Categories, or texts where most rows have one of their own. */
  private static Column words(String name, @Nullable String[] values, boolean declared) {
    Map<String, Integer> known = new HashMap<>();
    List<String> levels = new ArrayList<>();
    int[] codes = new int[values.length];
    int present = 0;
    for (int i = 0; i < values.length; i++) {
      String value = values[i];
      if (value == null) {
        codes[i] = Column.Categories.MISSING;
      } else {
        present++;
        Integer there = known.putIfAbsent(value, levels.size());
        codes[i] = there == null ? levels.size() : there;
        if (there == null) {
          levels.add(value);
        }
      }
    }
    boolean texts = !declared && levels.size() > FEW && levels.size() > present / 2;
    return texts ? new Column.Texts(name, values) : new Column.Categories(name, codes, levels);
  }
}
