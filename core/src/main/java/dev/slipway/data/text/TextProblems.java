package dev.slipway.data.text;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The sentences about texts. */
final class TextProblems {
  private TextProblems() {}

  static SlipwayException lengths(String source, int sources, String target, int targets) {
    return new SlipwayException(
        Exit.INPUT,
        "data.parallel-lengths",
        String.format(
            Locale.ROOT,
            "%s has %,d lines and %s has %,d, expected as many",
            source,
            sources,
            target,
            targets),
        "give the two files that belong together, a translation a line");
  }

  static SlipwayException failed(Path path, Exception cause) {
    return new SlipwayException(
        Exit.INPUT,
        "data.text-failed",
        "reading " + path + " failed: " + cause,
        "check that it is there, whole, and that you may read it",
        cause);
  }

  static SlipwayException noneLeft(String origin, int dropped, String first) {
    return new SlipwayException(
        Exit.INPUT,
        "data.no-examples",
        origin
            + (dropped == 0
                ? " has no examples"
                : String.format(
                    Locale.ROOT,
                    ": all %,d records were left out, the first as %s",
                    dropped,
                    first)),
        "give a source with some that can be taken");
  }

  static SlipwayException malformed(
      String name, long line, String what, @Nullable Exception cause) {
    return new SlipwayException(
        Exit.INPUT,
        "data.jsonl-malformed",
        "line " + line + " of " + name + " " + what,
        "mend or delete that line",
        cause);
  }
}
