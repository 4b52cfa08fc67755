package dev.slipway.cli;

import dev.slipway.cli.display.Display;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jline.terminal.Terminal;
import org.jline.utils.WCWidth;
import org.jspecify.annotations.Nullable;

/**
 * A conversation as a person sees it at a terminal: answers as they come, broken between words, and
 * in quiet colours what the model did not say. Control characters of an answer are left out: a
 * model must not move the cursor.
 */
final class ChatScreen implements ChatSession.Listener {
  /** Before each message, in the colour of {@link Display}'s labels. */
  static final String PROMPT = "\u001b[36m>\u001b[0m ";

  private static final String DIM = "\u001b[2m";
  private static final String RED = "\u001b[31m";
  private static final String PLAIN = "\u001b[0m";
  private static final int NARROWEST = 20;
  private static final int TAB = 4;

  /** What a line of help explains, and the room behind it. */
  private static final Pattern TERM = Pattern.compile("/\\S+( [A-Z]+)? {2,}");

  private final Terminal terminal;

  /** Where the cursor is, and the word that ends there. */
  private int column;

  private int wordWidth;
  private final StringBuilder word = new StringBuilder();

  ChatScreen(Terminal terminal) {
    this.terminal = terminal;
  }

  /** The last column stays free: what a terminal does there differs. 0 where lines don't end. */
  private int width() {
    int columns = terminal.getSize().getColumns();
    boolean moves = !Terminal.TYPE_DUMB.equals(terminal.getType()) && columns > 0;
    return moves ? Math.max(NARROWEST, columns) - 1 : 0;
  }

  @Override
  public void piece(String text) {
    int width = width();
    text.codePoints().forEach(c -> put(c, width));
    terminal.flush();
  }

  @Override
  public void end(@Nullable String note) {
    line(column > 0 ? "\n" : "");
    if (note == null) {
      line("\n");
      terminal.flush();
    } else {
      note(note);
    }
  }

  @Override
  public void note(String text) {
    lines(DIM, text);
  }

  @Override
  public void problem(String text) {
    lines(RED, text);
  }

  private void lines(String colour, String text) {
    int width = width();
    boolean coloured = width > 0;
    for (String one : text.strip().split("\n", -1)) {
      print(coloured ? colour : "");
      Matcher term = TERM.matcher(one);
      int indent = term.lookingAt() ? term.end() : 0;
      int spaces = 0;
      for (String part : one.split("(?<= )(?! )")) {
        String shown = part.stripTrailing();
        if (width > 0 && column > indent && column + spaces + shown.length() > width) {
          line("\n");
          spaces = indent;
        }
        (" ".repeat(spaces) + shown).codePoints().forEach(c -> put(c, width));
        spaces = part.length() - shown.length();
      }
      print(coloured ? PLAIN : "");
      line("\n");
    }
    line("\n");
    terminal.flush();
  }

  private void put(int c, int width) {
    if (c == '\n') {
      line("\n");
      return;
    }
    if (c == '\t') {
      put(' ', width);
      while (column % TAB != 0) {
        put(' ', width);
      }
      return;
    }
    int cells = WCWidth.wcwidth(c);
    if (cells < 0) {
      return; // no character that shows
    }
    boolean breaks = Character.isWhitespace(c);
    if (width > 0 && column + cells > width) {
      if (breaks) {
        line("\n"); // stands for the space
        return;
      }
      boolean moves = wordWidth > 0 && wordWidth < column;
      String moved = moves ? word.toString() : "";
      int movedWidth = moves ? wordWidth : 0;
      print(moves ? "\u001b[" + movedWidth + "D\u001b[K" : "");
      line("\n");
      print(moved);
      column = movedWidth;
      word.append(moved);
      wordWidth = movedWidth;
    }
    print(Character.toString(c));
    column += cells;
    if (breaks || cells > 1) {
      word.setLength(0); // scripts of wide characters break anywhere
      wordWidth = 0;
    } else {
      word.appendCodePoint(c);
      wordWidth += cells;
    }
  }

  private void line(String end) {
    print(end);
    column = 0;
    word.setLength(0);
    wordWidth = 0;
  }

  private void print(String text) {
    terminal.writer().print(text);
  }
}
