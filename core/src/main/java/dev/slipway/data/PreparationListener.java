package dev.slipway.data;

/** Is told how preparation goes, after each record, on the thread that prepares. */
@FunctionalInterface
public interface PreparationListener {
  /** For who doesn't want to know. */
  PreparationListener NONE = (phase, records, bytes, expectedBytes) -> {};

  enum Phase {
    /** Reading, cleaning, deduplicating and splitting. */
    READING,
    TOKENISING
  }

  /**
   * How far it is.
   *
   * @param records done in this phase
   * @param bytes done in this phase: of the source when reading, of cleaned text when tokenising
   * @param expectedBytes of this phase, or -1 if not known
   */
  void progress(Phase phase, long records, long bytes, long expectedBytes);
}
