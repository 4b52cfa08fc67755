package dev.slipway.recipe.examples;

import dev.slipway.base.Json;
import dev.slipway.eval.report.TaskSection;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SequencedMap;
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
    return Optional.of(new TaskSection.Watch(troubles(looks), layers));
  }

  /** What was seen of a layer: when, and how it was the last time. */
  private record Trouble(long first, long last, int looks, String sentence) {}

  /** A sentence for each kind of trouble of each layer, however often it was seen. */
  private static List<String> troubles(List<JsonNode> looks) {
    SequencedMap<List<String>, Trouble> troubles = new LinkedHashMap<>();
    for (JsonNode look : looks) {
      long step = look.path("step").asLong();
      for (JsonNode one : look.path("diagnoses")) {
        String sentence =
            one.path("sentence").asString("") + "; " + one.path("advice").asString("");
        troubles.merge(
            List.of(one.path("layer").asString(""), one.path("kind").asString("")),
            new Trouble(step, step, 1, sentence),
            (seen, now) -> new Trouble(seen.first, now.last, seen.looks + 1, now.sentence));
      }
    }
    List<String> sentences = new ArrayList<>();
    troubles.forEach(
        (of, seen) ->
            sentences.add(
                seen.looks == 1
                    ? String.format(
                        Locale.ROOT,
                        "Layer %s, step %,d: %s.",
                        of.getFirst(),
                        seen.first,
                        seen.sentence)
                    : String.format(
                        Locale.ROOT,
                        "Layer %s, at %d of %d looks from step %,d to %,d: %s.",
                        of.getFirst(),
                        seen.looks,
                        looks.size(),
                        seen.first,
                        seen.last,
                        seen.sentence)));
    return sentences;
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
