package dev.slipway.data.table;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.base.binding.Nearest;
import dev.slipway.data.source.Dropped;
import java.util.List;

/**
 * Columns of the same length.
 *
 * @param name what its rows' ids begin with, or empty
 * @param bytes of each row in the file
 * @param left records that are not among the rows, in the order of the file
 * @param warnings what a person should know of it, a sentence each
 */
public record Table(
    String name, List<Column> columns, int[] bytes, List<LeftOut> left, List<String> warnings) {
  /**
   * A record that is not among the rows.
   *
   * @param record which of the file's records it is, from 1
   * @param bytes in the file
   */
  public record LeftOut(long record, long bytes, Dropped why) {}

  public Table {
    columns = List.copyOf(columns);
    left = List.copyOf(left);
    warnings = List.copyOf(warnings);
    for (Column column : columns) {
      if (column.size() != bytes.length) {
        throw new IllegalArgumentException(
            "column %s has %s of %s rows".formatted(column.name(), column.size(), bytes.length));
      }
    }
  }

  public int rows() {
    return bytes.length;
  }

  public List<String> names() {
    return columns.stream().map(Column::name).toList();
  }

  /**
   * The column of this name.
   *
   * @throws SlipwayException if there is none; it tells the nearest
   */
  public Column column(String column) {
    return columns.stream()
        .filter(c -> c.name().equals(column))
        .findFirst()
        .orElseThrow(
            () ->
                new SlipwayException(
                    Exit.INPUT,
                    "data.table-no-column",
                    "there is no column '" + column + "', there are " + names(),
                    Nearest.of(column, names())
                        .map(nearest -> "write " + nearest + " if you meant that")
                        .orElse("name one of these")));
  }

  public Table named(String newName) {
    return new Table(newName, columns, bytes, left, warnings);
  }
}
