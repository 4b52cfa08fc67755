package dev.slipway.cli;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.cli.display.Problems;
import dev.slipway.cli.process.LogLines;
import dev.slipway.cli.process.OptimisingCompiler;
import dev.slipway.cli.process.Shutdown;
import dev.slipway.cli.process.StandardError;
import dev.slipway.tensor.Engine;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** {@code slipway}: the program. */
@Command(
    name = "slipway",
    version = "slipway 0.1.0",
    mixinStandardHelpOptions = true,
    description = "Builds and launches large models on the JVM.",
    synopsisSubcommandLabel = "COMMAND",
    footerHeading = "%nExit codes:%n",
    footer = {
      "  0  done           2  command line or recipe wrong    4  memory, disk, port or permission   6  run held by another process",
      "  1  bug in Slipway  3  input missing or malformed      5  training came to no good end       130 stopped by Ctrl-C",
      "",
      "  ./slipway build   builds;   ./slipway test   runs all tests.",
      "  Every command takes --json: one JSON document on stdout, progress on stderr."
    })
public final class Slipway implements Runnable {
  private static final List<Class<?>> COMMANDS =
      List.of(
          LaunchCommand.class,
          RunCommand.class,
          ResumeCommand.class,
          PlanCommand.class,
          EvalCommand.class,
          PredictCommand.class,
          MetricsCommand.class,
          GenerateCommand.class,
          ChatCommand.class,
          ScoreCommand.class,
          EmbedCommand.class,
          SearchCommand.class,
          RerankCommand.class,
          TokenizeCommand.class,
          DetokenizeCommand.class,
          ExportCommand.class,
          TokenizerCommand.class,
          ServeCommand.class,
          KeysCommand.class,
          AuditCommand.class,
          FeedbackCommand.class,
          PullCommand.class,
          MergeCommand.class,
          RunsCommand.class,
          RecipeCommand.class,
          DoctorCommand.class);

  @Spec private CommandSpec spec;

  Slipway() {
    this.spec = CommandSpec.create();
  }

  public static void main(String[] args) {
    // What is written must not depend on the machine's language: no comma as a decimal point, no
    // dotless i.
    Locale.setDefault(Locale.ROOT);
    LogLines.areDated();
    boolean serves = args.length > 0 && args[0].equals("serve");
    if (serves) {
      // The libraries take half a second, beside which all else comes up; who needs them hears what
      // went wrong.
      Thread.ofPlatform().daemon().name("slipway-libraries").start(Engine::loads);
    }
    StandardError.restore();
    if (serves) {
      OptimisingCompiler.yields();
    }
    System.setOut(
        new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8));
    int status = run(args);
    System.out.flush();
    // libtorch's and the server's own threads are not ours to join.
    Runtime.getRuntime().halt(Shutdown.finish(status));
  }

  /** Runs one command line and gives the exit code. */
  static int run(String... args) {
    try {
      return commandLine(args).execute(args);
    } catch (Error e) {
      // Picocli hands on exceptions only; untold, the end of this thread would leave a process that
      // waits for it (Shutdown).
      return Problems.tell(e, Arrays.asList(args).contains("--json"));
    }
  }

  /** With all commands. */
  static CommandLine commandLine() {
    return commandLine(COMMANDS);
  }

  /**
   * With the command alone that is asked for: to read the options of all takes a tenth of a second.
   */
  private static CommandLine commandLine(String... args) {
    List<Class<?>> asked =
        args.length == 0
            ? List.of()
            : COMMANDS.stream()
                .filter(command -> command.getAnnotation(Command.class).name().equals(args[0]))
                .toList();
    return commandLine(asked.isEmpty() ? COMMANDS : asked);
  }

  private static CommandLine commandLine(List<Class<?>> commands) {
    CommandLine line = new CommandLine(new Slipway());
    commands.forEach(line::addSubcommand);
    line.setUsageHelpWidth(120);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setExecutionExceptionHandler(Slipway::tell);
    line.setParameterExceptionHandler(Slipway::tellUsage);
    return line;
  }

  @Override
  public void run() {
    spec.commandLine().usage(System.out);
  }

  private static int tellUsage(ParameterException e, String[] args) {
    String command = e.getCommandLine().getCommandSpec().qualifiedName();
    SlipwayException problem =
        new SlipwayException(
            Exit.USAGE, "usage", sentence(e), "see `" + command + " --help`" + suggestion(e));
    return Problems.tell(problem, Arrays.asList(args).contains("--json"));
  }

  private static String sentence(ParameterException e) {
    if (e instanceof CommandLine.UnmatchedArgumentException unmatched
        && !unmatched.isUnknownOption()) {
      String word = unmatched.getUnmatched().getFirst();
      CommandLine line = e.getCommandLine();
      return line.getSubcommands().isEmpty()
          ? "'" + word + "' came, expected nothing further"
          : "there is no command '" + line.getCommandSpec().qualifiedName() + " " + word + "'";
    }
    return String.valueOf(e.getMessage())
        .replaceFirst("^Error: ", "")
        .replaceFirst("is not an? (int|long)$", "is no whole number")
        .replaceFirst("is not an? (float|double)$", "is no number");
  }

  private static String suggestion(ParameterException e) {
    if (e instanceof CommandLine.UnmatchedArgumentException unmatched
        && !unmatched.getSuggestions().isEmpty()) {
      return "; did you mean " + String.join(" or ", unmatched.getSuggestions()) + "?";
    }
    return "";
  }

  private static int tell(Exception e, CommandLine line, ParseResult result) {
    return Problems.tell(e, result.originalArgs().contains("--json"));
  }
}
