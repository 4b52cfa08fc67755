package dev.slipway.platform.toolcall;

import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Tells an answer's calls from its text while it comes. What begins like a call and is none stays
 * text. Not for several threads.
 */
public final class ToolCallParser {
  /** Hears what came. */
  public interface Sink {
    void content(String text);

    /** A call begins. */
    void call(String name);

    /** More of the last call's arguments, as JSON. */
    void arguments(String more);
  }

  private enum Mode {
    /** Nothing but space came. */
    BEGIN,
    TEXT,
    /** Behind the word that begins calls. */
    OPENED,
    CALL,
    /** Behind a call. */
    AFTER
  }

  private final ToolConvention convention;
  private final Predicate<String> known;
  private final Sink sink;
  private final StringBuilder held = new StringBuilder();
  private Mode mode;
  private @Nullable CallScanner scanner;

  /**
   * @param known whether there is such a tool; asked where bare JSON could be anything
   * @param opened whether {@link ToolConvention#opening} stands before the answer already
   */
  public ToolCallParser(
      ToolConvention convention, Predicate<String> known, boolean opened, Sink sink) {
    this.convention = convention;
    this.known = convention == ToolConvention.LLAMA ? known : _ -> true;
    this.sink = sink;
    mode = opened ? Mode.OPENED : Mode.BEGIN;
  }

  /**
   * More of the answer.
   *
   * @param marked whether the token that begins calls came with it, which texts leave out
   */
  public void feed(String text, boolean marked) {
    if (marked && (mode == Mode.BEGIN || mode == Mode.TEXT)) {
      flushText();
      mode = Mode.OPENED;
    }
    held.append(text);
    while (advance()) {
      continue;
    }
  }

  /** The answer ends: what was held back is text. */
  public void end() {
    CallScanner open = scanner;
    if (open != null && !open.isNamed()) {
      giveBack(open);
    }
    if (mode == Mode.BEGIN || mode == Mode.TEXT) {
      flushText();
    }
  }

  /** Takes a step; false when more has to come first. */
  private boolean advance() {
    return switch (mode) {
      case BEGIN -> begin();
      case TEXT -> text();
      case OPENED -> opened();
      case CALL -> call();
      case AFTER -> after();
    };
  }

  private boolean begin() {
    int at = spaces();
    if (at == held.length()) {
      return false;
    }
    boolean bare = convention == ToolConvention.LLAMA && held.charAt(at) == '{';
    mode = bare ? Mode.OPENED : Mode.TEXT;
    return true;
  }

  private boolean text() {
    String marker = convention.begin();
    int at = marker.isEmpty() ? -1 : held.indexOf(marker);
    if (at >= 0) {
      String before = held.substring(0, at).stripTrailing();
      if (!before.isEmpty()) {
        sink.content(before);
      }
      held.delete(0, at + marker.length());
      mode = Mode.OPENED;
      return true;
    }
    int end = held.length();
    int begun = Math.min(end, Math.max(0, marker.length() - 1));
    while (begun > 0 && !marker.startsWith(held.substring(end - begun))) {
      begun--;
    }
    end -= begun;
    // Space before a call is no text of the answer: it waits for what follows.
    while (!marker.isEmpty() && end > 0 && Character.isWhitespace(held.charAt(end - 1))) {
      end--;
    }
    if (end > 0) {
      sink.content(held.substring(0, end));
      held.delete(0, end);
    }
    return false;
  }

  private boolean opened() {
    int at = spaces();
    if (convention.listed() && held.indexOf(convention.begin(), at) == at) {
      held.delete(0, at + convention.begin().length());
      return true;
    }
    if (convention.listed() && at < held.length() && held.charAt(at) == '[') {
      held.delete(0, at + 1);
      return true;
    }
    if (at == held.length()) {
      return false;
    }
    if (convention.listed() && isName(held.charAt(at))) {
      return named(at);
    }
    held.delete(0, at);
    scanner = new CallScanner(known, sink);
    mode = Mode.CALL;
    return true;
  }

  /** Mistral's later form: a name, and the object of its arguments. */
  private boolean named(int from) {
    int brace = held.indexOf("{");
    if (brace < 0) {
      return false;
    }
    String name = held.substring(from, brace).replace("[ARGS]", "").strip();
    held.delete(0, brace);
    scanner = CallScanner.ofArguments(name, sink);
    mode = Mode.CALL;
    return true;
  }

  private boolean call() {
    CallScanner open = scanner;
    if (open == null || held.isEmpty()) {
      return false;
    }
    held.delete(0, open.feed(held));
    if (open.isDone()) {
      scanner = null;
      mode = Mode.AFTER;
    } else if (open.isBroken()) {
      if (!open.isNamed()) {
        giveBack(open);
      }
      scanner = null;
      mode = Mode.TEXT;
    }
    return !held.isEmpty();
  }

  private void giveBack(CallScanner open) {
    sink.content(convention.begin() + open.raw());
  }

  private boolean after() {
    held.delete(0, spaces());
    if (held.isEmpty()) {
      return false;
    }
    char c = held.charAt(0);
    if (convention == ToolConvention.HERMES) {
      String end = convention.end();
      if (held.indexOf(end) == 0) {
        held.delete(0, end.length());
        return true;
      }
      if (end.startsWith(held.toString()) || convention.begin().startsWith(held.toString())) {
        return false;
      }
      mode = Mode.TEXT;
      return true;
    }
    if (c == ';' || c == ',' || c == ']') {
      held.deleteCharAt(0);
      return true;
    }
    mode = c == '{' || convention.listed() ? Mode.OPENED : Mode.TEXT;
    return true;
  }

  private void flushText() {
    if (!held.isEmpty()) {
      sink.content(held.toString());
      held.setLength(0);
    }
  }

  private int spaces() {
    int at = 0;
    while (at < held.length() && Character.isWhitespace(held.charAt(at))) {
      at++;
    }
    return at;
  }

  private static boolean isName(char c) {
    return Character.isLetterOrDigit(c) || c == '_' || c == '-' || c == '.';
  }
}
