package dev.slipway.cli.input;

import java.util.List;
import picocli.CommandLine.Option;

/** A file that has a text a line. */
public final class TextLinesOption {
  @Option(
      names = "--text",
      required = true,
      paramLabel = "FILE",
      description = "A UTF-8 file with a text a line, or - for stdin.")
  private String file = "";

  /** All lines, blank ones, too. */
  public List<String> all() {
    return TextLines.of(TextFiles.read(file));
  }

  /** Those with text, of which there is one at least. */
  public TextLines read() {
    return TextLines.read(file);
  }
}
