package dev.slipway.recipe.examples;

import dev.slipway.base.Json;
import dev.slipway.eval.report.TaskSection;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** What the training watch told, from {@code events.jsonl}. */
final class WatchedLayers {
  private WatchedLayers() {}

  static Optional<TaskSection> section(Path events) {
    List<JsonNode> looks = new ArrayList<>();
    try (Stream<String> lines = Files.lines(events, StandardCharsets.UTF_8)) {
      lines
          .filter(line -> line.contains("\"layers_watched\""))
          .map(line -> Json.parse(line, events.toString()))
          .filter(event -> event.has("parameters") && event.has("diagnoses"))
          .forEach(looks::add);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (looks.isEmpty()) {
      return Optional.empty();
    }
    Set<String> troubles = new LinkedHashSet<>();
    for (JsonNode look : looks) {
      look.path("diagnoses")
          .forEach(
              one ->
                  troubles.add(
                      "Step "
                          + look.path("step").asLong()
                          + ", layer "
                          + one.path("layer").asString("")
                          + ": "
                          + one.path("sentence").asString("")
                          + "; "
                          + one.path("advice").asString("")
                          + "."));
    }
    JsonNode last = looks.getLast();
    List<TaskSection.WatchedLayer> layers = new ArrayList<>();
    last.path("parameters")
        .forEach(
            layer ->
                layers.add(
                    new TaskSection.WatchedLayer(
                        layer.path("layer").asString(""),
                        layer.path("gradient_norm").asDouble(),
                        layer.path("update_ratio").asDouble(),
                        dead(last, layer.path("layer").asString("")),
                        "")));
    return Optional.of(new TaskSection.Watch(List.copyOf(troubles), layers));
  }

  private static double dead(JsonNode look, String layer) {
    for (JsonNode output : look.path("outputs")) {
      if (output.path("layer").asString("").equals(layer)) {
        return output.path("dead").asDouble();
      }
    }
    return Double.NaN;
  }
}
