package dev.slipway.data.table;

import java.util.List;
import java.util.Set;

/**
 * What is known of a file before its rows are read.
 *
 * @param firstRow the byte at which the rows begin
 * @param declared which columns' types the user has given
 */
record CsvLayout(
    byte delimiter,
    byte lineEnd,
    byte decimal,
    long firstRow,
    List<String> names,
    ColumnType[] types,
    boolean[] declared,
    Set<String> missing) {
  CsvScanner scanner() {
    return new CsvScanner(delimiter, lineEnd);
  }

  int columns() {
    return types.length;
  }

  CsvLayout withTypes(ColumnType[] newTypes) {
    return new CsvLayout(delimiter, lineEnd, decimal, firstRow, names, newTypes, declared, missing);
  }
}
