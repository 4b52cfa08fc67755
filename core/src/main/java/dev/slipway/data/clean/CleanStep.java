package dev.slipway.data.clean;

/** One step of cleaning; steps are applied in the order of the recipe. */
public sealed interface CleanStep {
  /**
   * Makes texts that mean the same the same bytes. Always: a byte order mark at the beginning goes,
   * CRLF and CR become LF, and the text ends with exactly one LF.
   *
   * @param trailingBlanks whether spaces and tabs at line ends go (default true): in code they mean
   *     nothing; in Markdown two of them break a line
   * @param unicode whether to compose characters (Unicode NFC, UAX 15; default false): prose gains,
   *     but in code it would change what a string literal or a character class means, and what a
   *     user types into the served model is not composed either
   */
  record Normalise(boolean trailingBlanks, boolean unicode) implements CleanStep {
    public static final Normalise CODE = new Normalise(true, false);
  }

  /** Takes off what many files repeat at their top. */
  record StripHeader(Header header) implements CleanStep {}

  /** What a repeated header is; see {@link LicenceHeader}. */
  enum Header {
    LICENCE
  }

  /**
   * Drops records. Sizes are those of the text at this step, in bytes of UTF-8.
   *
   * @param shorterThan drops what has fewer bytes; 0 drops nothing
   * @param longerThan drops what has more bytes; 0 drops nothing
   * @param generated whether to drop what a program wrote, judged by the text as it came, since the
   *     mark may stand in the header; see {@link GeneratedText}
   */
  record Drop(long shorterThan, long longerThan, boolean generated) implements CleanStep {
    public Drop {
      if (shorterThan < 0 || longerThan < 0) {
        throw new IllegalArgumentException(
            "sizes are at least 0, and " + shorterThan + ", " + longerThan + " came");
      }
      if (longerThan > 0 && longerThan < shorterThan) {
        throw new IllegalArgumentException(
            "shorter-than %d and longer-than %d would drop everything"
                .formatted(shorterThan, longerThan));
      }
    }
  }
}
