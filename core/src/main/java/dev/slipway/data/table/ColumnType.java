package dev.slipway.data.table;

/** What the values of a column are. */
public enum ColumnType {
  NUMBER,
  CATEGORY,
  TEXT
}
