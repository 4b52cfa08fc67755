package dev.slipway.base.binding;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import java.util.List;

/**
 * A mistake in a document.
 *
 * @param place where
 * @param path keys from the root, such as {@code train.checkpoint.keep}; empty for the document
 * @param came what is there
 * @param expected what could be there, with the allowed values
 * @param hint what was probably meant, or empty
 */
public record Problem(Place place, String path, String came, String expected, String hint) {
  public String line() {
    return place
        + ": "
        + (path.isEmpty() ? "" : path + ": ")
        + came
        + ", expected "
        + expected
        + (hint.isEmpty() ? "" : "; " + hint);
  }

  /** One exception for all of them. */
  public static SlipwayException exception(String code, String source, List<Problem> problems) {
    if (problems.size() == 1) {
      Problem only = problems.getFirst();
      return new SlipwayException(
          Exit.USAGE,
          code,
          new Problem(only.place, only.path, only.came, only.expected, "").line(),
          only.hint.isEmpty() ? "change it there" : only.hint);
    }
    return new SlipwayException(
        Exit.USAGE,
        code,
        source + " has " + problems.size() + " mistakes, expected none",
        "mend each of the lines that follow",
        problems.stream().map(Problem::line).toList());
  }
}
