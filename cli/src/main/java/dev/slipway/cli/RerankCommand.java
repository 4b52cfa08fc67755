package dev.slipway.cli;

import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.cli.display.Output;
import dev.slipway.cli.input.TextLines;
import dev.slipway.cli.input.TextLinesOption;
import dev.slipway.cli.model.ModelPath;
import dev.slipway.infer.CrossEncoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

@Command(
    name = "rerank",
    mixinStandardHelpOptions = true,
    description =
        "Texts in the order in which they answer a question, by a cross-encoder that reads both together.")
final class RerankCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "MODEL",
      description =
          "The folder of a BERT or RoBERTa model with one label, or of a CrossEncoder, causal ones included.")
  private Path model = Path.of("");

  @Mixin private TextLinesOption text = new TextLinesOption();

  @Option(
      names = "--query",
      required = true,
      paramLabel = "TEXT",
      description = "What the texts are to answer; may be given several times.")
  private List<String> queries = List.of();

  @Option(
      names = "--top",
      defaultValue = "0",
      paramLabel = "N",
      description = "How many texts are told; 0 tells all (default: ${DEFAULT-VALUE}).")
  private int top;

  @Mixin private Output output = new Output();

  @Override
  public Integer call() {
    if (top < 0) {
      throw new SlipwayException(
          Exit.USAGE, "usage", "--top is " + top + ", expected at least 0", "give a larger number");
    }
    TextLines lines = text.read();
    List<String> texts = lines.texts();
    ObjectNode document = Json.object();
    ArrayNode results = document.putArray("results");
    StringBuilder plain = new StringBuilder();
    try (CrossEncoder encoder = open(model)) {
      for (String query : queries) {
        List<Double> scores = encoder.scores(List.of(query), texts).scores();
        ArrayNode hits = results.addObject().put("query", query).putArray("hits");
        plain.append(queries.size() > 1 ? query + "\n" : "");
        IntStream.range(0, texts.size())
            .boxed()
            .sorted(Comparator.comparingDouble((Integer i) -> -scores.get(i)).thenComparing(i -> i))
            .limit(top == 0 ? texts.size() : top)
            .forEach(
                i -> {
                  double score = scores.get(i);
                  hits.addObject()
                      .put("line", lines.numbers().get(i))
                      .put("score", score)
                      .put("text", texts.get(i));
                  plain.append(String.format(Locale.ROOT, "%.4f  %s%n", score, texts.get(i)));
                });
      }
    }
    output.print(document, plain::toString);
    return 0;
  }

  /**
   * Opens what a command line names.
   *
   * @throws SlipwayException {@code model.no-cross-encoder}
   */
  static CrossEncoder open(Path model) {
    Path folder = ModelPath.folder(model);
    if (!CrossEncoder.is(folder)) {
      throw new SlipwayException(
          Exit.INPUT,
          "model.no-cross-encoder",
          folder
              + architecture(folder)
              + " is no cross-encoder, expected a BERT or RoBERTa model for sequence classification with one label, or a decoder whose modules.json has a LogitScore",
          "choose such a model, add what docs/search.md names for Qwen3-Reranker, or `slipway search`, which compares vectors");
    }
    return CrossEncoder.open(folder);
  }

  private static String architecture(Path folder) {
    Path config = folder.resolve("config.json");
    String name =
        Files.isRegularFile(config)
            ? Json.read(config).path("architectures").path(0).asString("")
            : "";
    return name.isEmpty() ? "" : " (" + name + ")";
  }
}
