package dev.slipway.data.source;

/** Why a record is not learnt from; its label is what the ledger shows. */
public enum DropReason {
  /** The file is there, but may not be read. */
  UNREADABLE("unreadable"),
  /** Larger than one record may be held in memory. */
  TOO_LARGE("too large to hold"),
  NOT_UTF8("not UTF-8"),
  BINARY("binary"),
  EMPTY("empty"),
  TOO_SHORT("too short"),
  TOO_LONG("too long"),
  GENERATED("generated"),
  DUPLICATE("duplicate"),
  /** An input has no value, and such rows are left out. */
  VALUE_MISSING("value missing"),
  /** Nothing to learn from or to judge by, or a number that is none. */
  TARGET_MISSING("target missing"),
  /** Something that was disliked, where what was liked is learnt. */
  NOT_LIKED("not liked"),
  /** A conversation in which the assistant says nothing that is left to learn. */
  NOTHING_TO_LEARN("nothing to learn"),
  /** A source file of which no example can be made. */
  NO_EXAMPLE("no example in it"),
  /** A label that no training example has. */
  LABEL_UNKNOWN("label unknown to training"),
  /** Such as half of a picture. */
  BROKEN("broken"),
  /** Such as a text among pictures. */
  OTHER_KIND("another kind of file"),
  /** A row of a table with too few or too many values. */
  RAGGED("ragged row");

  private final String label;

  DropReason(String label) {
    this.label = label;
  }

  public String label() {
    return label;
  }

  /** The reason with this label. */
  public static DropReason of(String label) {
    for (DropReason reason : values()) {
      if (reason.label.equals(label)) {
        return reason;
      }
    }
    throw new IllegalArgumentException("no reason is called " + label);
  }
}
