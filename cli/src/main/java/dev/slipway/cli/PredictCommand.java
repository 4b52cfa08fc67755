package dev.slipway.cli;

import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.cli.display.Output;
import dev.slipway.cli.input.PredictInputs;
import dev.slipway.cli.model.ModelPath;
import dev.slipway.recipe.examples.Blueprint;
import dev.slipway.task.Predictor;
import dev.slipway.task.TaskFolder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

@Command(
    name = "predict",
    mixinStandardHelpOptions = true,
    description =
        "Answers inputs with a model of any task but language: pictures, sounds, texts, rows.")
final class PredictCommand implements Callable<Integer> {
  @Parameters(paramLabel = "MODEL|RUN", description = "A model folder or a run.")
  private Path model = Path.of("");

  @Option(
      names = "--input",
      required = true,
      paramLabel = "INPUT",
      description =
          "A file (picture, sound, text, .json, .jsonl), a table (.csv, .tsv, .parquet; each row is answered), a JSON object, or, where the model takes one text, the text itself; may be given several times.")
  private List<String> inputs = List.of();

  @Option(
      names = "--top",
      defaultValue = "5",
      paramLabel = "N",
      description =
          "How many classes or items an answer lists at most (default: ${DEFAULT-VALUE}).")
  private int top;

  @Mixin private Output output = new Output();

  @Override
  public Integer call() {
    Path folder = ModelPath.folder(model);
    if (!TaskFolder.is(folder) && !TaskFolder.isPublished(folder)) {
      throw new SlipwayException(
          Exit.INPUT,
          "predict.no-task",
          folder
              + " has no task.json, expected a model that was trained for a task, or a published BERT or RoBERTa with a head for classification, tagging or answering questions",
          "for a language model use `slipway generate`");
    }
    try (Predictor predictor = Predictor.open(folder, Blueprint::open)) {
      List<PredictInputs.Asked> asked = new ArrayList<>();
      inputs.forEach(input -> asked.addAll(PredictInputs.read(predictor, input)));
      ObjectNode document = Json.object();
      ArrayNode answers = document.putArray("predictions");
      StringBuilder text = new StringBuilder();
      for (PredictInputs.Asked one : asked) {
        List<ObjectNode> found = one.answers().apply(top);
        for (int i = 0; i < found.size(); i++) {
          String name = one.names().get(i);
          answers.add(Json.object().put("input", name).setAll(found.get(i)));
          text.append(name).append(": ").append(sentence(found.get(i))).append('\n');
        }
      }
      output.print(document, text::toString);
      return 0;
    }
  }

  private static String sentence(ObjectNode answer) {
    StringBuilder text = new StringBuilder();
    for (String key : answer.propertyNames()) {
      JsonNode value = answer.path(key);
      if (key.equals("items")) {
        for (JsonNode one : value) {
          text.append(text.isEmpty() ? "" : ", ").append(one.path("item").asString(""));
          text.append(' ').append(value(one.path("score")));
        }
      }
      if (value.isValueNode()) {
        text.append(text.isEmpty() ? "" : ", ").append(key).append(' ').append(value(value));
      }
    }
    return text.isEmpty() ? Json.line(answer) : text.toString();
  }

  private static @Nullable String value(JsonNode value) {
    return value.isNumber() && !value.isIntegralNumber()
        ? String.format(Locale.ROOT, "%.4f", value.asDouble())
        : value.asString();
  }
}
