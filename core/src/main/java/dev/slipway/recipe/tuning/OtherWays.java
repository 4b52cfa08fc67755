package dev.slipway.recipe.tuning;

import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.eval.report.ReportData.Way;
import dev.slipway.recipe.Recipe;
import dev.slipway.recipe.RecipeDocument;
import dev.slipway.recipe.run.RunPaths;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Runs beside a run that tuned the same model on the same data, by whatever way. */
final class OtherWays {
  private OtherWays() {}

  /**
   * The run itself and those beside it, the best first.
   *
   * @param recipe of the run, resolved
   * @param own what it came to
   */
  static List<Way> with(RunPaths paths, Recipe recipe, Way own) {
    List<Way> ways = new ArrayList<>(List.of(own));
    Path root = paths.root().toAbsolutePath().normalize();
    Path folder = root.getParent();
    if (folder != null && Files.isReadable(folder)) {
      try (Stream<Path> runs = Files.list(folder)) {
        runs.filter(run -> !run.equals(root))
            .flatMap(run -> way(new RunPaths(run), recipe).stream())
            .forEach(ways::add);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    ways.sort(Comparator.comparingDouble(Way::bitsPerByte).thenComparing(Way::run));
    return ways;
  }

  private static Optional<Way> way(RunPaths run, Recipe recipe) {
    if (!Files.exists(run.recipe()) || !Files.exists(run.actual())) {
      return Optional.empty();
    }
    Recipe other;
    JsonNode actual;
    try {
      other = RecipeDocument.read(run.recipe(), List.of());
      actual = Json.read(run.actual());
    } catch (SlipwayException e) {
      return Optional.empty(); // another version's, or a broken one, is none to compare with
    }
    boolean same =
        other.data().equals(recipe.data())
            && other.model().equals(recipe.model())
            && other.task().equals(recipe.task())
            && other.seed() == recipe.seed();
    if (!same || !actual.path("bitsPerByte").isNumber()) {
      return Optional.empty();
    }
    return Optional.of(
        new Way(
            other.name(),
            TuningReport.method(other.tune()),
            actual.path("parameters").asLong(),
            actual.at("/seconds/train").asDouble(),
            actual.path("peakMemory").asLong(),
            actual.path("bitsPerByte").asDouble(),
            forgetting(actual),
            false));
  }

  /** The first text that it was not tuned for. */
  private static @Nullable Double forgetting(JsonNode actual) {
    for (JsonNode retention : actual.path("retention")) {
      return retention.path("difference").asDouble();
    }
    return null;
  }
}
