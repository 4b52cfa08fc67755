package dev.slipway.data.prediction;

import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.base.binding.Nearest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import tools.jackson.databind.JsonNode;

/** Columns of a file of predictions in memory. */
public final class PredictionTable {
  private final Path path;
  private final int rows;
  private final Map<String, List<String>> texts;
  private final Map<String, double[]> numbers;

  private PredictionTable(
      Path path, int rows, Map<String, List<String>> texts, Map<String, double[]> numbers) {
    this.path = path;
    this.rows = rows;
    this.texts = texts;
    this.numbers = numbers;
  }

  public Path path() {
    return path;
  }

  public int rows() {
    return rows;
  }

  /** Of a column that was read as text; where nothing was written, an empty one. */
  public List<String> texts(String column) {
    return read(texts, column);
  }

  /** Of a column that was read as numbers. */
  public double[] numbers(String column) {
    return read(numbers, column);
  }

  private static <T> T read(Map<String, T> columns, String column) {
    T found = columns.get(column);
    if (found == null) {
      throw new IllegalArgumentException(column + " was not read");
    }
    return found;
  }

  /** Texts none of which is empty, with {@code 1.0} as {@code 1}: names of classes. */
  public List<String> labels(String column) {
    List<String> labels = new ArrayList<>(rows);
    for (int row = 0; row < rows; row++) {
      String label = texts(column).get(row);
      if (label.isEmpty()) {
        throw noValue(path, column, row);
      }
      labels.add(label.matches("-?[0-9]+\\.0+") ? label.substring(0, label.indexOf('.')) : label);
    }
    return labels;
  }

  /** Several words of each row: a JSON array, or parted by a separator. */
  public List<List<String>> lists(String column, String separator) {
    List<List<String>> lists = new ArrayList<>(rows);
    for (int row = 0; row < rows; row++) {
      String text = texts(column).get(row).strip();
      List<String> words = new ArrayList<>();
      if (text.startsWith("[")) {
        JsonNode array = Json.parse(text, "row " + (row + 1) + " of column '" + column + "'");
        array.forEach(word -> words.add(word.isString() ? word.asString() : word.toString()));
      } else {
        Arrays.stream(text.split(separator, -1))
            .map(String::strip)
            .filter(word -> !word.isEmpty())
            .forEach(words::add);
      }
      lists.add(words);
    }
    return lists;
  }

  static SlipwayException empty(Path path) {
    return new SlipwayException(
        Exit.INPUT,
        "eval.no-examples",
        path + " has no rows, expected at least one prediction",
        "write the predictions again");
  }

  static SlipwayException noValue(Path path, String column, int row) {
    return new SlipwayException(
        Exit.INPUT,
        "eval.no-value",
        "row " + (row + 1) + " of " + path + " has no value in column '" + column + "'",
        "fill it, or leave the row out and say so");
  }

  /** Checks that a column is there; the problem names the nearest. */
  static void check(Path path, List<String> columns, String column) {
    if (!columns.contains(column)) {
      throw new SlipwayException(
          Exit.INPUT,
          "eval.no-column",
          path + " has no column '" + column + "', it has " + String.join(", ", columns),
          Nearest.of(column, columns)
              .map(nearest -> "write " + nearest + " if you meant that")
              .orElse("name one of these"));
    }
  }

  /** A table in the making, row by row. */
  static final class Filling {
    private final Path path;
    private final Map<String, List<String>> texts = new LinkedHashMap<>();
    private final Map<String, double[]> numbers = new LinkedHashMap<>();
    private final Map<String, String> known = new HashMap<>();
    private int rows;

    Filling(Path path, List<String> columns, List<String> texts, List<String> numbers) {
      this.path = path;
      for (String column : texts) {
        check(path, columns, column);
        this.texts.put(column, new ArrayList<>());
      }
      for (String column : numbers) {
        check(path, columns, column);
        this.numbers.put(column, new double[1024]);
      }
    }

    List<String> wanted() {
      LinkedHashSet<String> wanted = new LinkedHashSet<>(texts.keySet());
      wanted.addAll(numbers.keySet());
      return List.copyOf(wanted);
    }

    void add(UnaryOperator<String> cells) {
      texts.forEach((column, list) -> list.add(shared(cells.apply(column))));
      for (Map.Entry<String, double[]> entry : numbers.entrySet()) {
        if (rows == entry.getValue().length) {
          entry.setValue(Arrays.copyOf(entry.getValue(), 2 * rows));
        }
        entry.getValue()[rows] = number(entry.getKey(), cells.apply(entry.getKey()).strip());
      }
      rows++;
    }

    /** Names of classes come again and again: one copy of each. */
    private String shared(String text) {
      String before = known.get(text);
      if (before != null) {
        return before;
      }
      if (known.size() < 10_000) {
        known.put(text, text);
      }
      return text;
    }

    private double number(String column, String text) {
      if (text.isEmpty()) {
        throw noValue(path, column, rows);
      }
      switch (text) {
        case "true", "True" -> {
          return 1;
        }
        case "false", "False" -> {
          return 0;
        }
        case "nan", "NaN", "inf", "-inf", "Infinity", "-Infinity" -> {
          return Double.NaN;
        }
        default -> {
          try {
            return Double.parseDouble(text);
          } catch (NumberFormatException e) {
            throw new SlipwayException(
                Exit.INPUT,
                "eval.not-a-number",
                "row "
                    + (rows + 1)
                    + " of "
                    + path
                    + " has '"
                    + (text.length() > 40 ? text.substring(0, 40) + "…" : text)
                    + "' in column '"
                    + column
                    + "', expected a number",
                "name a column of numbers, or mend the row",
                e);
          }
        }
      }
    }

    PredictionTable done() {
      if (rows == 0) {
        throw empty(path);
      }
      numbers.replaceAll((column, values) -> Arrays.copyOf(values, rows));
      return new PredictionTable(path, rows, texts, numbers);
    }
  }
}
