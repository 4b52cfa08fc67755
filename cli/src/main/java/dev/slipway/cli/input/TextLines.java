package dev.slipway.cli.input;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Texts of a file that has one a line, without blank ones.
 *
 * @param numbers of their lines from 1, blank ones counted, so that a line is found again
 */
public record TextLines(List<String> texts, List<Integer> numbers) {
  /**
   * @param file as the user names it, or {@code -} for standard input
   * @throws SlipwayException {@code search.no-texts}
   */
  static TextLines read(String file) {
    List<String> lines = of(TextFiles.read(file));
    List<Integer> numbers =
        IntStream.rangeClosed(1, lines.size())
            .filter(number -> !lines.get(number - 1).isBlank())
            .boxed()
            .toList();
    if (numbers.isEmpty()) {
      throw new SlipwayException(
          Exit.INPUT,
          "search.no-texts",
          file + " has no line with text, expected a text a line",
          "check the file");
    }
    return new TextLines(numbers.stream().map(number -> lines.get(number - 1)).toList(), numbers);
  }

  /** What line feeds divide; one at the end begins no further text. */
  public static List<String> of(String content) {
    List<String> lines = new ArrayList<>();
    int from = 0;
    for (int to = content.indexOf('\n'); to >= 0; to = content.indexOf('\n', from)) {
      lines.add(content.substring(from, to));
      from = to + 1;
    }
    if (from < content.length()) {
      lines.add(content.substring(from));
    }
    return lines;
  }
}
