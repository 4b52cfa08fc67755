package dev.slipway.cli.display;

import dev.slipway.base.Json;
import java.util.function.Supplier;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** What every command prints: one JSON document on stdout when asked for, else text for people. */
public final class Output {
  @Option(
      names = "--json",
      description = "Print one JSON document to stdout; progress goes to stderr.")
  private boolean json;

  /** Whether a document is asked for. */
  public boolean json() {
    return json;
  }

  /** Prints the document, or the text that takes its place for people. */
  public void print(JsonNode document, Supplier<String> text) {
    if (json) {
      System.out.println(Json.MAPPER.writeValueAsString(document));
    } else {
      System.out.print(text.get());
    }
  }
}
