package dev.slipway.platform.server;

import dev.slipway.base.Json;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import tools.jackson.databind.node.ObjectNode;

/**
 * A stream's events that differ in their text alone: what stands around it is written once, since a
 * token is told hundreds of times a second on the cores that compute the next one.
 */
final class ChunkLine {
  /** Stands for the text. */
  static final String MARK = "\0";

  private final byte[] before;
  private final byte[] after;

  private ChunkLine(byte[] before, byte[] after) {
    this.before = before;
    this.after = after;
  }

  /**
   * @param chunk a piece whose text is {@link #MARK}
   */
  static ChunkLine around(ObjectNode chunk) {
    String event = eventText(Json.line(chunk));
    String mark = Json.line(MARK);
    int at = event.lastIndexOf(mark);
    // The quotes stay around the text.
    return new ChunkLine(
        utf8(event.substring(0, at + 1)), utf8(event.substring(at + mark.length() - 1)));
  }

  /** A server-sent event with data of one line. */
  static byte[] event(String data) {
    return utf8(eventText(data));
  }

  private static String eventText(String data) {
    return "data: " + data + "\n\n";
  }

  /** The event with a text, in the bytes that go to the client. */
  byte[] of(String text) {
    byte[] inside = utf8(isPlain(text) ? text : escaped(text));
    byte[] event = Arrays.copyOf(before, before.length + inside.length + after.length);
    System.arraycopy(inside, 0, event, before.length, inside.length);
    System.arraycopy(after, 0, event, before.length + inside.length, after.length);
    return event;
  }

  /** Whether a text stands in JSON as it is: nearly all do, and need no writer of JSON. */
  private static boolean isPlain(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ' ' || c == '"' || c == '\\') {
        return false;
      }
    }
    return true;
  }

  private static String escaped(String text) {
    String quoted = Json.line(text);
    return quoted.substring(1, quoted.length() - 1);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
