package dev.slipway.cli;

import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.cli.display.Output;
import dev.slipway.cli.input.TextFiles;
import dev.slipway.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

@Command(
    name = "detokenize",
    mixinStandardHelpOptions = true,
    description = "The text of token ids.")
final class DetokenizeCommand implements Callable<Integer> {
  @Parameters(paramLabel = "MODEL", description = "A model folder, a run, or a tokenizer.json.")
  private Path model = Path.of("");

  @Option(
      names = "--ids",
      required = true,
      paramLabel = "FILE",
      description =
          "A JSON array of ids, or an object with \"ids\" as `tokenize --json` prints it; - for stdin.")
  private String ids = "";

  @Option(names = "--skip-special-tokens", description = "Leave special tokens out of the text.")
  private boolean skipSpecialTokens;

  @Mixin private Output output = new Output();

  @Override
  public Integer call() {
    Tokenizer tokenizer = TokenizeCommand.open(model);
    JsonNode document = Json.parse(TextFiles.read(ids), ids);
    JsonNode array = document.isObject() ? document.path("ids") : document;
    if (!array.isArray()) {
      throw new SlipwayException(
          Exit.INPUT,
          "ids.not-an-array",
          ids + " has no array of ids",
          "give [1, 2, …] or {\"ids\": [1, 2, …]}");
    }
    int[] values =
        IntStream.range(0, array.size())
            .map(i -> id(array.get(i), i, tokenizer.vocabularySize()))
            .toArray();
    String text = tokenizer.decode(values, skipSpecialTokens);
    output.print(Json.object().put("text", text), () -> text);
    return 0;
  }

  private int id(JsonNode node, int index, int vocabularySize) {
    if (!node.isIntegralNumber()
        || !node.canConvertToInt()
        || node.intValue() < 0
        || node.intValue() >= vocabularySize) {
      throw new SlipwayException(
          Exit.INPUT,
          "ids.out-of-range",
          "id "
              + index
              + " of "
              + ids
              + " is "
              + node
              + ", expected a whole number from 0 to "
              + (vocabularySize - 1),
          "use ids of this model's tokenizer");
    }
    return node.intValue();
  }
}
