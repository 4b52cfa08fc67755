package dev.slipway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.base.Json;
import dev.slipway.infer.LanguageModel;
import dev.slipway.infer.Sampling;
import dev.slipway.model.pretrained.ModelFolder;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jline.terminal.Terminal;
import org.jline.terminal.impl.DumbTerminal;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** {@code slipway chat}, from a pipe and at a terminal, with a tiny model that has a template. */
class ChatTest {
  private static final Path MODEL =
      Cli.root().resolve("core/src/test/resources/dev/slipway/model/published/gpt2");

  @TempDir private Path folder;

  private static synchronized Cli.Result says(String lines, Object... more) {
    InputStream before = System.in;
    System.setIn(new ByteArrayInputStream(lines.getBytes(StandardCharsets.UTF_8)));
    try {
      Object[] arguments = new Object[more.length + 2];
      arguments[0] = "chat";
      arguments[1] = MODEL;
      System.arraycopy(more, 0, arguments, 2, more.length);
      return Cli.run(arguments);
    } finally {
      System.setIn(before);
    }
  }

  @Test
  void answersEachLineOfAPipe() {
    JsonNode messages =
        says("the hull\n\n sea \n", "--max-tokens", 5, "--system", "be brief", "--json")
            .succeeds()
            .json()
            .get("messages");
    assertThat(messages.size()).isEqualTo(5);
    assertThat(messages.get(0).toString())
        .isEqualTo("{\"role\":\"system\",\"content\":\"be brief\"}");
    assertThat(messages.get(1).get("content").stringValue()).isEqualTo("the hull");
    assertThat(messages.get(3).get("content").stringValue()).isEqualTo("sea");
    String first = messages.get(2).get("content").stringValue();
    assertThat(first).isNotEmpty();
    // The same words by themselves, as they are printed.
    assertThat(says("the hull\n", "--max-tokens", 5, "--system", "be brief").succeeds().out())
        .isEqualTo(first + "\n(5 tokens: --max-tokens allows more)\n");
  }

  @Test
  void commandsChangeTheConversation() throws IOException {
    Path saved = folder.resolve("saved.jsonl");
    String out =
        says(
                "/help\n/save "
                    + saved
                    + "\n/system be brief\n//slash\n/SAVE "
                    + saved
                    + "\n/reset\n/nothing\n/save\n/exit\nnever\n",
                "--max-tokens",
                2)
            .succeeds()
            .out();
    assertThat(out)
        .contains("/system TEXT", "Nothing was said yet.", "The model is told: be brief")
        .contains("Saved 2 messages in " + saved, "A new conversation.")
        .contains("There is no /nothing; /help lists", "Name a file: /save FILE");
    JsonNode messages = Json.parse(Files.readString(saved), "saved").get("messages");
    assertThat(messages.size()).isEqualTo(3);
    assertThat(messages.get(1).get("content").stringValue()).isEqualTo("/slash");
    assertThat(Files.readAllLines(saved)).hasSize(1);
  }

  @Test
  void aMessageThatIsTooLongIsToldAndForgotten() {
    String lines = "the sea ".repeat(200) + "\nhull\n";
    Cli.Result result = says(lines, "--max-tokens", 1);
    result.fails(3, "generate.prompt-too-long", "the prompt has", "expected at most 128");
    assertThat(result.out())
        .as("the next line is answered")
        .endsWith("(1 tokens: --max-tokens allows more)\n")
        .doesNotContain("error");
    Cli.Result document = says(lines, "--max-tokens", 1, "--json");
    document.fails(3, "generate.prompt-too-long");
    assertThat(document.json().get("messages").size()).isEqualTo(2);
  }

  @Test
  void refusesWhatCanNotTalk() {
    Path llama = MODEL.resolveSibling("llama");
    Cli.run("chat", llama).fails(3, "chat.no-template", "no chat template", "slipway generate");
    Cli.run("chat", MODEL, "--max-tokens", -1).fails(2, "generate.bad-request");
  }

  @Test
  void controlCStopsAnAnswerAtATerminal() throws IOException {
    ByteArrayOutputStream screen = new ByteArrayOutputStream();
    byte[] typed = "the hull\n/exit\n".getBytes(StandardCharsets.UTF_8);
    try (LanguageModel model = LanguageModel.open(MODEL);
        Terminal terminal =
            new DumbTerminal(
                "test", "dumb", new ByteArrayInputStream(typed), screen, StandardCharsets.UTF_8)) {
      ChatSession[] session = new ChatSession[1];
      int status =
          ChatCommand.interactive(
              out -> {
                session[0] =
                    new ChatSession(
                        model,
                        ModelFolder.at(MODEL).chatTemplates(),
                        null,
                        0,
                        Sampling.GREEDY.withTemperature(1).withSeed(3),
                        new Interrupting(out, terminal));
                return session[0];
              },
              terminal);
      assertThat(status).isZero();
      JsonNode messages = session[0].document().get("messages");
      assertThat(messages.size()).isEqualTo(2);
      assertThat(model.tokenizer().encode(messages.get(1).get("content").stringValue()).length)
          .isLessThan(20);
    }
    assertThat(screen.toString(StandardCharsets.UTF_8))
        .contains("/help lists what can be said", "(stopped)");
  }

  @Test
  void theSameConversationGivesTheSameAnswers() {
    List<String> twice =
        List.of(
            says("a\nb\n", "--max-tokens", 6, "--seed", 5).succeeds().out(),
            says("a\nb\n", "--max-tokens", 6, "--seed", 5).succeeds().out());
    assertThat(twice.getFirst()).isEqualTo(twice.getLast());
    assertThat(says("a\nb\n", "--max-tokens", 6, "--seed", 6).succeeds().out())
        .isNotEqualTo(twice.getFirst());
  }

  /** Ctrl-C with the first words. */
  private record Interrupting(ChatSession.Listener to, Terminal terminal)
      implements ChatSession.Listener {
    @Override
    public void piece(String text) {
      to.piece(text);
      terminal.raise(Terminal.Signal.INT);
    }

    @Override
    public void end(@Nullable String note) {
      to.end(note);
    }

    @Override
    public void note(String text) {
      to.note(text);
    }

    @Override
    public void problem(String text) {
      to.problem(text);
    }
  }
}
