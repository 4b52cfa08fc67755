package dev.slipway.recipe.run;

import dev.slipway.base.AtomicFiles;
import dev.slipway.base.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Runs stages, tells about them, and keeps each one's seconds in a file, over every process that
 * worked on the run.
 */
public final class Phases {
  private final Path file;
  private final RunListener listener;
  private final Map<Phase, Double> seconds = new EnumMap<>(Phase.class);

  public Phases(Path file, RunListener listener) {
    this.file = file;
    this.listener = listener;
    if (Files.exists(file)) {
      JsonNode saved = Json.read(file);
      for (Phase phase : Phase.values()) {
        if (saved.has(phase.word())) {
          seconds.put(phase, saved.path(phase.word()).asDouble());
        }
      }
    }
  }

  public void tell(RunEvent event) {
    listener.on(event);
  }

  /**
   * Runs a stage.
   *
   * @param there whether its product is there already
   * @param work is told that, and gives the product
   * @param summary of the product, for people
   */
  public <T> T run(
      Phase phase, boolean there, Function<Boolean, T> work, Function<T, String> summary) {
    long start = System.nanoTime();
    tell(new RunEvent.PhaseStarted(phase));
    T product = work.apply(there);
    double took = (System.nanoTime() - start) / 1e9;
    if (!there) {
      add(phase, took);
    }
    tell(new RunEvent.PhaseFinished(phase, there, took, summary.apply(product)));
    return product;
  }

  /** Adds to a phase's seconds and writes them down. */
  public void add(Phase phase, double more) {
    seconds.merge(phase, more, Double::sum);
    ObjectNode document = Json.object();
    seconds.forEach((name, value) -> document.put(name.word(), value));
    AtomicFiles.write(file, Json.write(document));
  }

  public double seconds(Phase phase) {
    return seconds.getOrDefault(phase, 0.0);
  }
}
