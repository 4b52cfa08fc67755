package dev.slipway.cli;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.cli.display.Display;
import dev.slipway.cli.display.Output;
import dev.slipway.cli.model.AdaptedModel;
import dev.slipway.cli.model.AdapterOption;
import dev.slipway.cli.model.DtypeOption;
import dev.slipway.cli.model.SamplingOptions;
import dev.slipway.cli.process.Shutdown;
import dev.slipway.infer.LanguageModel;
import dev.slipway.infer.Sampling;
import dev.slipway.model.ModelFiles;
import dev.slipway.model.pretrained.ModelFolder;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.reader.impl.DefaultParser;
import org.jline.reader.impl.completer.StringsCompleter;
import org.jline.terminal.Attributes;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "chat",
    mixinStandardHelpOptions = true,
    description = "Talks with a model in the terminal; from a pipe, each line is a message.",
    footer = {"%nWithin the conversation:", "/system, /reset, /save FILE, /help, /exit"})
final class ChatCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "MODEL",
      description = "A model folder, a run or a GGUF file, with a chat template.")
  private Path model = Path.of("");

  @Option(
      names = "--system",
      paramLabel = "TEXT",
      description = "What the model is told before the conversation.")
  private @Nullable String system;

  @Option(
      names = "--max-tokens",
      defaultValue = "0",
      paramLabel = "N",
      description = "Of an answer at most; 0 for as many as the context has room for.")
  private int maxTokens;

  @Option(
      names = "--context",
      defaultValue = "8192",
      paramLabel = "N",
      description =
          "Of the conversation at most, for which memory is set aside (default: ${DEFAULT-VALUE}, or the model's own).")
  private int context;

  @Option(
      names = "--temperature",
      defaultValue = "0.7",
      paramLabel = "X",
      description = "0 takes the likeliest token; more is more varied (default: ${DEFAULT-VALUE}).")
  private double temperature;

  @Option(
      names = "--top-p",
      defaultValue = "0.95",
      paramLabel = "X",
      description =
          "Keep the likeliest tokens that reach this share; 1 keeps all (default: ${DEFAULT-VALUE}).")
  private double topP;

  @Mixin private SamplingOptions sampling = new SamplingOptions();
  @Mixin private AdapterOption adapter = new AdapterOption();
  @Mixin private DtypeOption dtype = new DtypeOption();
  @Mixin private Output output = new Output();

  @Override
  public Integer call() throws IOException {
    Sampling drawing = sampling.with(temperature, topP);
    if (maxTokens < 0) {
      throw new SlipwayException(
          Exit.USAGE,
          "generate.bad-request",
          "--max-tokens is " + maxTokens + ", expected 0 or more",
          "give another value");
    }
    AdaptedModel named = adapter.named(model);
    ModelFiles files = ModelFolder.at(named.text());
    if (!files.hasChatTemplates()) {
      throw new SlipwayException(
          Exit.INPUT,
          "chat.no-template",
          named.base() + " has no chat template",
          "use a model that was tuned for conversations, or continue texts with `slipway generate`");
    }
    // Without a console on both sides it is a pipe.
    boolean typed = System.console() != null && System.console().isTerminal() && !output.json();
    if (typed) {
      Display display = Display.standard();
      display.phase("chat");
      display.progress("loading " + named.base());
    }
    try (LanguageModel opened = named.open(dtype.engine(), context)) {
      Conversing conversing =
          out -> new ChatSession(opened, files.chatTemplates(), system, maxTokens, drawing, out);
      if (!typed) {
        return piped(conversing);
      }
      Display.endLine(System.err);
      return interactive(conversing);
    }
  }

  /** Begins a conversation whose answers go somewhere. */
  interface Conversing {
    ChatSession begin(ChatSession.Listener out);
  }

  private static int interactive(Conversing conversing) throws IOException {
    try (Terminal terminal = TerminalBuilder.builder().build()) {
      return interactive(conversing, terminal);
    }
  }

  static int interactive(Conversing conversing, Terminal terminal) {
    ChatScreen screen = new ChatScreen(terminal);
    ChatSession session = conversing.begin(screen);
    LineReader reader =
        LineReaderBuilder.builder()
            .terminal(terminal)
            .parser(new DefaultParser().escapeChars(null).quoteChars(new char[0]))
            .completer(new StringsCompleter("/system", "/reset", "/save", "/help", "/exit"))
            .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
            .build();
    screen.note("/help lists what can be said beside messages; Ctrl-D ends.");
    // What is typed while an answer comes would stand within it.
    Attributes quiet = terminal.getAttributes();
    quiet.setLocalFlag(Attributes.LocalFlag.ECHO, false);
    Attributes before = terminal.getAttributes();
    terminal.setAttributes(quiet);
    terminal.handle(Terminal.Signal.INT, _ -> session.stop());
    try {
      while (true) {
        try {
          if (!session.take(reader.readLine(ChatScreen.PROMPT))) {
            return 0;
          }
        } catch (UserInterruptException e) {
          screen.note("Ctrl-D ends.");
        }
      }
    } catch (EndOfFileException e) {
      return 0;
    } finally {
      terminal.setAttributes(before);
    }
  }

  private int piped(Conversing conversing) {
    AtomicBoolean interrupted = new AtomicBoolean();
    AtomicBoolean failed = new AtomicBoolean();
    ChatSession session =
        conversing.begin(
            ChatSession.plain(
                text -> {
                  if (!output.json()) {
                    System.out.print(text);
                    System.out.flush();
                  }
                },
                text -> {
                  failed.set(true);
                  System.err.println(text);
                }));
    Shutdown.onSignal(
        () -> {
          interrupted.set(true);
          session.stop();
        });
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    try {
      String line = lines.readLine();
      while (line != null && session.take(line) && !interrupted.get()) {
        line = lines.readLine();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (output.json()) {
      output.print(session.document(), () -> "");
    }
    return interrupted.get() ? Shutdown.interrupted() : failed.get() ? Exit.INPUT.status() : 0;
  }
}
