package dev.slipway.cli;

import dev.slipway.base.Json;
import dev.slipway.tokenizer.Tokenizer;
import dev.slipway.tokenizer.Tokenizers;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

@Command(
    name = "tokenize",
    mixinStandardHelpOptions = true,
    description = "The token ids of a text, with the special tokens that the model puts around it.")
final class TokenizeCommand implements Callable<Integer> {
  @Parameters(paramLabel = "MODEL", description = "A model folder, a run, or a tokenizer.json.")
  private Path model = Path.of("");

  @Option(
      names = "--text",
      required = true,
      paramLabel = "FILE",
      description = "A UTF-8 file, or - for stdin.")
  private String text = "";

  @Mixin private Output output = new Output();

  @Override
  public Integer call() {
    Tokenizer tokenizer = open(model);
    int[] ids = tokenizer.encodeWithSpecialTokens(TextFiles.read(text));
    ObjectNode document = Json.object();
    ArrayNode idArray = document.putArray("ids");
    ArrayNode tokens = document.putArray("tokens");
    StringBuilder lines = new StringBuilder();
    for (int id : ids) {
      idArray.add(id);
      tokens.add(tokenizer.token(id));
      lines.append(id).append('\t').append(tokenizer.token(id)).append('\n');
    }
    output.print(document, lines::toString);
    return 0;
  }

  static Tokenizer open(Path model) {
    return Tokenizers.open(model.toString().endsWith(".json") ? model : ModelPath.folder(model));
  }
}
