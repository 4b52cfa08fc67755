package dev.slipway.data.example;

/** A field that every example of a source has. */
public record Field(String name, Kind kind) {
  /** What its values are, or Missing. */
  public enum Kind {
    TEXT,
    NUMBER,
    LABELS,
    PICTURE,
    SOUND
  }
}
