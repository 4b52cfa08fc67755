package dev.slipway.cli;

import dev.slipway.base.Json;
import dev.slipway.cli.display.Output;
import dev.slipway.cli.input.TextFiles;
import dev.slipway.cli.model.AdapterOption;
import dev.slipway.cli.model.DtypeOption;
import dev.slipway.cli.model.SamplingOptions;
import dev.slipway.cli.process.Shutdown;
import dev.slipway.infer.Generation;
import dev.slipway.infer.GenerationRequest;
import dev.slipway.infer.LanguageModel;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

@Command(name = "generate", mixinStandardHelpOptions = true, description = "Continues a text.")
final class GenerateCommand implements Callable<Integer> {
  /** Exactly one of the two. */
  static final class Prompt {
    @Option(names = "--prompt", paramLabel = "TEXT", description = "The text to continue.")
    private @Nullable String text;

    @Option(
        names = "--prompt-file",
        paramLabel = "FILE",
        description = "A UTF-8 file with the text to continue, or - for stdin.")
    private @Nullable String file;

    String read() {
      return text != null ? text : TextFiles.read(file == null ? "-" : file);
    }
  }

  @Parameters(paramLabel = "MODEL", description = "A model folder, a run or a GGUF file.")
  private Path model = Path.of("");

  @ArgGroup(multiplicity = "1")
  private Prompt prompt = new Prompt();

  @Option(
      names = "--max-tokens",
      defaultValue = "128",
      paramLabel = "N",
      description = "At most so many tokens (default: ${DEFAULT-VALUE}).")
  private int maxTokens;

  @Option(
      names = "--temperature",
      defaultValue = "0",
      paramLabel = "X",
      description = "0 takes the likeliest token; more is more varied (default: ${DEFAULT-VALUE}).")
  private double temperature;

  @Option(
      names = "--top-p",
      defaultValue = "1",
      paramLabel = "X",
      description = "Keep the likeliest tokens that reach this share; 1 keeps all.")
  private double topP;

  @Option(
      names = "--stop",
      paramLabel = "TEXT",
      description = "Ends the answer where it comes; may be given several times.")
  private List<String> stop = List.of();

  @Mixin private SamplingOptions sampling = new SamplingOptions();
  @Mixin private AdapterOption adapter = new AdapterOption();
  @Mixin private DtypeOption dtype = new DtypeOption();
  @Mixin private Output output = new Output();

  @Override
  public Integer call() {
    String text = prompt.read();
    GenerationRequest request =
        GenerationRequest.of(
                new GenerationRequest.Prompt.Text(text),
                maxTokens,
                sampling.with(temperature, topP))
            .withStop(stop);
    AtomicBoolean stopped = new AtomicBoolean();
    try (LanguageModel opened =
        adapter.open(model, dtype.engine(), TextFiles.mostTokens(text) + maxTokens)) {
      // Not before: while a model is opened a signal ends the process at once.
      Shutdown.onSignal(() -> stopped.set(true));
      Generation generation =
          opened.generate(
              request,
              piece -> {
                if (!output.json()) {
                  System.out.print(piece.text());
                  System.out.flush();
                }
                return !stopped.get();
              });
      if (output.json()) {
        ObjectNode document = Json.object();
        document.put("text", generation.text());
        generation.promptIds().forEach(document.putArray("prompt_ids")::add);
        generation.ids().forEach(document.putArray("ids")::add);
        document.put("finish_reason", generation.finishReason().text());
        output.print(document, () -> "");
      } else {
        System.out.println();
      }
      return stopped.get() ? Shutdown.interrupted() : 0;
    }
  }
}
