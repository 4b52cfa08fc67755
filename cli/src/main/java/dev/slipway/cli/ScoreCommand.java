package dev.slipway.cli;

import dev.slipway.base.Json;
import dev.slipway.infer.LanguageModel;
import dev.slipway.infer.Score;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

@Command(
    name = "score",
    mixinStandardHelpOptions = true,
    description =
        "How likely a text is to a model: log-probabilities, perplexity and bits per byte.")
final class ScoreCommand implements Callable<Integer> {
  @Parameters(paramLabel = "MODEL", description = "A model folder, a run or a GGUF file.")
  private Path model = Path.of("");

  @Option(
      names = "--text",
      required = true,
      paramLabel = "FILE",
      description = "A UTF-8 file, or - for stdin.")
  private String text = "";

  @Mixin private AdapterOption adapter = new AdapterOption();
  @Mixin private DtypeOption dtype = new DtypeOption();
  @Mixin private Output output = new Output();

  @Override
  public Integer call() {
    String content = TextFiles.read(text);
    try (LanguageModel opened =
        adapter.open(model, dtype.engine(), TextFiles.mostTokens(content))) {
      Score score = opened.score(content);
      ObjectNode document = Json.object();
      score.ids().forEach(document.putArray("ids")::add);
      score.logprobs().forEach(document.putArray("logprobs")::add);
      // An empty text has no likelihood: JSON has no NaN, so these are null.
      putFinite(document, "nll_per_token", score.nllPerToken());
      putFinite(document, "perplexity", score.perplexity());
      putFinite(document, "bits_per_byte", score.bitsPerByte());
      output.print(
          document,
          () ->
              String.format(
                  Locale.ROOT,
                  "%,d tokens   nll per token %.4f   perplexity %.3f   bits per byte %.4f%n",
                  score.ids().size(),
                  score.nllPerToken(),
                  score.perplexity(),
                  score.bitsPerByte()));
      return 0;
    }
  }

  private static void putFinite(ObjectNode document, String name, double value) {
    if (Double.isFinite(value)) {
      document.put(name, value);
    } else {
      document.putNull(name);
    }
  }
}
