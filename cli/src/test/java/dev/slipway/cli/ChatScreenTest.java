package dev.slipway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.terminal.impl.ExternalTerminal;
import org.junit.jupiter.api.Test;

class ChatScreenTest {
  /** What a terminal of some columns is sent. */
  private static String sent(int columns, Consumer<ChatScreen> says) throws IOException {
    ByteArrayOutputStream screen = new ByteArrayOutputStream();
    try (Terminal terminal =
        new ExternalTerminal(
            "test",
            "xterm-256color",
            new ByteArrayInputStream(new byte[0]),
            screen,
            StandardCharsets.UTF_8)) {
      terminal.setSize(Size.of(columns, 24));
      says.accept(new ChatScreen(terminal));
    }
    return screen.toString(StandardCharsets.UTF_8).replace("\r\n", "\n");
  }

  /** A word that reaches the edge is taken back and stands on the next line, as it streams. */
  @Test
  void linesAreBrokenBetweenWords() throws IOException {
    String sent =
        sent(
            20,
            screen -> {
              for (String piece : "a ramp for new shi,ps at sea".split(",")) {
                screen.piece(piece);
              }
              screen.end(null);
            });
    assertThat(sent).isEqualTo("a ramp for new ship\u001b[4D\u001b[K\nships at sea\n\n");
  }

  @Test
  void whatHasNoSpacesIsBrokenWhereTheLineEnds() throws IOException {
    assertThat(sent(20, screen -> screen.piece("x".repeat(25))))
        .isEqualTo("x".repeat(19) + "\n" + "x".repeat(6));
    assertThat(sent(20, screen -> screen.piece("船".repeat(12))))
        .isEqualTo("船".repeat(9) + "\n" + "船".repeat(3));
  }

  @Test
  void aModelDoesNotMoveTheCursor() throws IOException {
    assertThat(sent(80, screen -> screen.piece("a\u001b[2J\u0007b\tc\nd")))
        .isEqualTo("a[2Jb   c\nd");
  }

  @Test
  void helpKeepsItsColumnsInANarrowTerminal() throws IOException {
    String sent =
        sent(40, screen -> screen.note(ChatSession.HELP)).replaceAll("\u001b\\[\\d?m", "");
    assertThat(sent.lines()).allSatisfy(line -> assertThat(line.length()).isLessThan(40));
    assertThat(sent)
        .startsWith(
            """
            /system TEXT   what the model is told
                           before the conversation;
                           without TEXT nothing
            /reset         begins a new
                           conversation
            """);
  }

  @Test
  void whyAnAnswerEndedStandsBelowIt() throws IOException {
    assertThat(
            sent(
                80,
                screen -> {
                  screen.piece("a ramp");
                  screen.end("(stopped)");
                }))
        .isEqualTo("a ramp\n\u001b[2m(stopped)\u001b[0m\n\n");
  }
}
