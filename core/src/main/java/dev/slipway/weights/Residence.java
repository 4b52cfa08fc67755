package dev.slipway.weights;

/** Where the bytes of an opened file of weights are. */
public enum Residence {
  /**
   * In the file, mapped: opened at once, and memory that other processes and the system's cache
   * share. A file that is replaced or deleted stays as it was; one that is cut off in place takes
   * the process with it, since no such page can be read.
   */
  MAPPED,
  /**
   * Mapped as well, for who reads it once and closes it: of a file that is cut off meanwhile the
   * rest reads as zeros, and closing it says so ({@code weights.truncated}).
   */
  MAPPED_ONCE,
  /** In memory of their own, read when the file is opened: whatever befalls the file later. */
  COPIED
}
