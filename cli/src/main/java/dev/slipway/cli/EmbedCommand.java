package dev.slipway.cli;

import dev.slipway.base.Json;
import dev.slipway.cli.display.Output;
import dev.slipway.cli.input.TextLinesOption;
import dev.slipway.cli.model.DtypeOption;
import dev.slipway.cli.model.ModelPath;
import dev.slipway.infer.Embedder;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

@Command(
    name = "embed",
    mixinStandardHelpOptions = true,
    description =
        "Vectors of texts, as a sentence-transformers folder says, else the mean over tokens.")
final class EmbedCommand implements Callable<Integer> {
  @Parameters(paramLabel = "MODEL", description = "A model folder, a run or a GGUF file.")
  private Path model = Path.of("");

  @Mixin private TextLinesOption text = new TextLinesOption();

  @Mixin private DtypeOption dtype = new DtypeOption();

  @Mixin private Output output = new Output();

  @Override
  public Integer call() {
    List<String> texts = text.all();
    try (Embedder embedder = Embedder.open(ModelPath.folder(model), dtype.type())) {
      List<float[]> vectors = embedder.embed(texts);
      ObjectNode document = Json.object();
      ArrayNode embeddings = document.putArray("embeddings");
      StringBuilder plain = new StringBuilder();
      for (float[] vector : vectors) {
        ArrayNode row = embeddings.addArray();
        for (int i = 0; i < vector.length; i++) {
          row.add(vector[i]);
          plain.append(i == 0 ? "" : "\t").append(vector[i]);
        }
        plain.append('\n');
      }
      output.print(document, plain::toString);
      return 0;
    }
  }
}
