package dev.slipway.cli;

import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.recipe.examples.Blueprint;
import dev.slipway.task.Predictor;
import dev.slipway.task.TaskFolder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
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
          "A file (picture, sound, text, .json, .jsonl) or a JSON object; may be given several times.")
  private List<String> inputs = List.of();

  @Option(
      names = "--top",
      defaultValue = "5",
      paramLabel = "N",
      description =
          "How many classes or items an answer lists at most (default: ${DEFAULT-VALUE}).")
  private int top;

  @Mixin private Output output = new Output();

  private record Asked(String name, Predictor.Request request) {}

  @Override
  public Integer call() {
    Path folder = ModelPath.folder(model);
    if (!TaskFolder.is(folder)) {
      throw new SlipwayException(
          Exit.INPUT,
          "predict.no-task",
          folder + " has no task.json, expected a model that was trained for a task",
          "for a language model use `slipway generate`");
    }
    try (Predictor predictor = Predictor.open(folder, Blueprint::open)) {
      List<Asked> asked = new ArrayList<>();
      inputs.forEach(input -> asked.addAll(read(predictor, input)));
      ObjectNode document = Json.object();
      ArrayNode answers = document.putArray("predictions");
      StringBuilder text = new StringBuilder();
      for (Asked one : asked) {
        ObjectNode answer = one.request.answer(top);
        answers.add(Json.object().put("input", one.name).setAll(answer));
        text.append(one.name).append(": ").append(sentence(answer)).append('\n');
      }
      output.print(document, text::toString);
      return 0;
    }
  }

  private static List<Asked> read(Predictor predictor, String input) {
    if (input.stripLeading().startsWith("{")) {
      return List.of(new Asked("input", predictor.read(Json.parse(input, "--input"))));
    }
    Path file = Path.of(input);
    byte[] bytes = bytes(file);
    String name = file.toString().toLowerCase(Locale.ROOT);
    if (name.endsWith(".jsonl")) {
      List<Asked> asked = new ArrayList<>();
      List<String> lines = new String(bytes, StandardCharsets.UTF_8).lines().toList();
      for (int i = 0; i < lines.size(); i++) {
        if (!lines.get(i).isBlank()) {
          String place = file + ":" + (i + 1);
          asked.add(new Asked(place, predictor.read(Json.parse(lines.get(i), place))));
        }
      }
      return asked;
    }
    if (name.endsWith(".json")) {
      JsonNode json = Json.parse(new String(bytes, StandardCharsets.UTF_8), input);
      return List.of(new Asked(input, predictor.read(json)));
    }
    return List.of(new Asked(input, predictor.read(bytes)));
  }

  private static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new SlipwayException(
          Exit.INPUT,
          "predict.input-unreadable",
          file
              + " can't be read ("
              + e.getClass().getSimpleName()
              + "), expected a file or a JSON object",
          "check the path",
          e);
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
