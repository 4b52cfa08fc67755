package dev.slipway.platform.toolcall;

import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import java.util.function.Predicate;

/**
 * Reads one call, {@code {"name": …, "arguments": {…}}} in any order, character by character:
 * arguments are passed on as they come once the name is known, in the model's own spelling.
 */
final class CallScanner {
  private enum State {
    START,
    KEY,
    IN_KEY,
    COLON,
    VALUE,
    IN_VALUE,
    DONE,
    BROKEN
  }

  private final Predicate<String> known;
  private final ToolCallParser.Sink sink;
  private final StringBuilder raw = new StringBuilder();
  private final StringBuilder word = new StringBuilder();
  private final StringBuilder early = new StringBuilder();
  private State state = State.START;
  private String key = "";
  private boolean alone;
  private boolean named;
  private boolean argued;

  // The value that is read: how deep within it, and whether within a string.
  private int depth;
  private boolean quoted;
  private boolean escaped;
  private char first;

  CallScanner(Predicate<String> known, ToolCallParser.Sink sink) {
    this.known = known;
    this.sink = sink;
  }

  /** Arguments alone, of a call whose name came already. */
  static CallScanner ofArguments(String name, ToolCallParser.Sink sink) {
    CallScanner scanner = new CallScanner(_ -> true, sink);
    sink.call(name);
    scanner.alone = true;
    scanner.named = true;
    scanner.key = "arguments";
    scanner.state = State.VALUE;
    return scanner;
  }

  boolean isDone() {
    return state == State.DONE;
  }

  /** Whether it is no call; where {@link #isNamed} it was one up to here. */
  boolean isBroken() {
    return state == State.BROKEN;
  }

  boolean isNamed() {
    return named;
  }

  /** All that came. */
  String raw() {
    return raw.toString();
  }

  /** Reads on to the call's end; gives how many characters were taken. */
  int feed(CharSequence text) {
    int from = 0;
    StringBuilder passed = new StringBuilder();
    while (from < text.length() && state != State.DONE && state != State.BROKEN) {
      char c = text.charAt(from++);
      raw.append(c);
      take(c, passed);
    }
    flush(passed);
    return from;
  }

  private void flush(StringBuilder passed) {
    if (!passed.isEmpty()) {
      if (named) {
        sink.arguments(passed.toString());
      } else {
        early.append(passed);
      }
      passed.setLength(0);
    }
  }

  private void take(char c, StringBuilder passed) {
    switch (state) {
      case START -> {
        if (!isSpace(c)) {
          state = c == '{' ? State.KEY : State.BROKEN;
        }
      }
      case KEY -> {
        if (c == '"') {
          word.setLength(0);
          word.append(c);
          state = State.IN_KEY;
        } else if (c == '}') {
          finish();
        } else if (c != ',' && !isSpace(c)) {
          state = State.BROKEN;
        }
      }
      case IN_KEY -> {
        word.append(c);
        if (stringEnds(c)) {
          key = text(word);
          state = State.COLON;
        }
      }
      case COLON -> {
        if (c == ':') {
          state = State.VALUE;
        } else if (!isSpace(c)) {
          state = State.BROKEN;
        }
      }
      case VALUE -> {
        if (!isSpace(c)) {
          begin(c, passed);
        }
      }
      case IN_VALUE -> within(c, passed);
      case DONE, BROKEN -> throw new IllegalStateException("it ended before");
    }
  }

  private void begin(char c, StringBuilder passed) {
    first = c;
    depth = c == '{' || c == '[' ? 1 : 0;
    quoted = c == '"';
    escaped = false;
    word.setLength(0);
    word.append(c);
    state = State.IN_VALUE;
    if (streams()) {
      passed.append(c);
    }
  }

  /** Arguments that are an object come as they are; all else is looked at once it is whole. */
  private boolean streams() {
    return isArguments() && first == '{';
  }

  private boolean isArguments() {
    return key.equals("arguments") || key.equals("parameters");
  }

  private void within(char c, StringBuilder passed) {
    boolean plain = first != '{' && first != '[' && first != '"';
    if (plain && (c == ',' || c == '}')) {
      state = State.KEY;
      value(passed);
      if (c == '}' && state == State.KEY) {
        finish();
      }
      return;
    }
    if (streams()) {
      passed.append(c);
    } else {
      word.append(c);
    }
    if (quoted) {
      quoted = !stringEnds(c);
    } else if (c == '"') {
      quoted = true;
    } else if (c == '{' || c == '[') {
      depth++;
    } else if (c == '}' || c == ']') {
      depth--;
    }
    if (!plain && depth == 0 && !quoted) {
      state = alone ? State.DONE : State.KEY;
      value(passed);
    }
  }

  private boolean stringEnds(char c) {
    if (escaped) {
      escaped = false;
      return false;
    }
    escaped = c == '\\';
    return c == '"';
  }

  private void value(StringBuilder passed) {
    if (key.equals("name")) {
      String name = first == '"' ? text(word) : null;
      if (named || name == null || name.isEmpty() || !known.test(name)) {
        state = State.BROKEN;
        return;
      }
      named = true;
      sink.call(name);
      sink.arguments(early.toString());
    } else if (isArguments()) {
      argued = true;
      if (!streams()) {
        // Some models write the object as a text of JSON, or null for none.
        passed.append(first == '"' ? text(word) : word.toString().equals("null") ? "{}" : word);
      }
      flush(passed);
    }
  }

  private void finish() {
    if (!named) {
      state = State.BROKEN;
      return;
    }
    if (!argued) {
      sink.arguments("{}");
    }
    state = State.DONE;
  }

  private static String text(StringBuilder json) {
    try {
      return Json.parse(json.toString(), "a call").asString("");
    } catch (SlipwayException e) {
      return ""; // no JSON: no name that anyone knows
    }
  }

  private static boolean isSpace(char c) {
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
  }
}
