package dev.slipway.data.table;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.base.binding.Nearest;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The sentences about files of rows. */
final class TableProblems {
  private TableProblems() {}

  static SlipwayException noRows(String name) {
    return new SlipwayException(
        Exit.INPUT, "data.table-empty", name + " has no rows", "give a file that has some");
  }

  static SlipwayException columns(String name, int found, int given) {
    return new SlipwayException(
        Exit.INPUT,
        "data.csv-columns",
        "the first row of "
            + name
            + " has "
            + found
            + " values, and "
            + given
            + " columns are named",
        "name as many columns as there are, or give the delimiter");
  }

  static SlipwayException twoColumns(String name, String column) {
    return new SlipwayException(
        Exit.INPUT,
        "data.csv-columns",
        name + " has two columns named '" + column + "'",
        "rename one of them, or say header: absent if the first line is no header");
  }

  static SlipwayException noColumn(String name, String column, List<String> names) {
    return new SlipwayException(
        Exit.INPUT,
        "data.table-no-column",
        name + " has no column '" + column + "', it has " + names,
        Nearest.of(column, names)
            .map(nearest -> "write " + nearest + " if you meant that")
            .orElse("name one of these"));
  }

  static SlipwayException ragged(
      String name, int ragged, long records, int columns, List<String> some) {
    return new SlipwayException(
        Exit.INPUT,
        "data.csv-ragged",
        String.format(
            Locale.ROOT,
            "%,d of the %,d rows of %s have not %d values: %s",
            ragged,
            records,
            name,
            columns,
            String.join(", ", some)),
        "mend these lines, or give the delimiter if it is not the one that was found");
  }

  static SlipwayException unclosed(String name, long line) {
    return new SlipwayException(
        Exit.INPUT,
        "data.csv-quote",
        "a quote in " + name + " that is opened in line " + line + " is never closed",
        "close it, or double a quote that belongs to the text");
  }

  static SlipwayException noNumber(String name, String column, String value, long line) {
    return new SlipwayException(
        Exit.INPUT,
        "data.csv-not-a-number",
        "'%s' in line %d of %s is no number, and the column '%s' is declared to be of numbers"
            .formatted(value, line, name, column),
        "mend the value, add it to missing, or declare the column otherwise");
  }

  static SlipwayException tooLarge(String name, long bytes) {
    return new SlipwayException(
        Exit.INPUT,
        "data.table-too-large",
        String.format(
            Locale.ROOT, "%s has %,d bytes or rows more than an array holds", name, bytes),
        "cut it into several files, or convert it to Parquet with fewer columns");
  }

  static SlipwayException failed(String name, @Nullable Exception cause) {
    return new SlipwayException(
        Exit.INPUT,
        "data.table-failed",
        "reading " + name + " failed: " + cause,
        "check that it is there, that you may read it, and the disk that holds it",
        cause);
  }
}
