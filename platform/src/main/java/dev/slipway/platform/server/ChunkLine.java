package dev.slipway.platform.server;

import dev.slipway.base.Json;
import tools.jackson.databind.node.ObjectNode;

/**
 * A stream's pieces that differ in their text alone: what stands around it is written once, since a
 * token is told hundreds of times a second on the cores that compute the next one.
 */
final class ChunkLine {
  /** Stands for the text. */
  static final String MARK = "\0";

  private final String before;
  private final String after;

  private ChunkLine(String before, String after) {
    this.before = before;
    this.after = after;
  }

  /**
   * @param chunk a piece whose text is {@link #MARK}
   */
  static ChunkLine around(ObjectNode chunk) {
    String line = Json.line(chunk);
    String mark = Json.line(MARK);
    int at = line.lastIndexOf(mark);
    return new ChunkLine(line.substring(0, at), line.substring(at + mark.length()));
  }

  /** The piece with a text, as a line of JSON. */
  String of(String text) {
    return before + Json.line(text) + after;
  }
}
