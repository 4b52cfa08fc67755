package dev.slipway.data;

/** What happens to records that are alike. */
public enum Deduplicate {
  NONE,
  /**
   * Of records whose cleaned texts have the same SHA-256 the first stays, in the order of the
   * source.
   */
  EXACT
}
