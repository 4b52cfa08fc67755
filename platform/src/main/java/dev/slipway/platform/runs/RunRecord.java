package dev.slipway.platform.runs;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a run's folder tells.
 *
 * @param id the folder's name, by which the run is called
 * @param folder absolute
 * @param name as its recipe says, or the id
 * @param status how it stands
 * @param started when its recipe was written or its first event happened
 * @param ended when the last thing happened in it; null while it runs
 * @param parameters of the model
 * @param bitsPerByte on held-out text
 * @param forecast every number of {@code forecast.json}, by its path such as {@code memory.weights}
 * @param actual every number of {@code actual.json}
 * @param recipe every value of {@code recipe.yaml}, by its path
 * @param problems why the run failed or what of it is damaged, a sentence each
 * @param holder who works on it just now
 */
public record RunRecord(
    String id,
    Path folder,
    String name,
    RunStatus status,
    @Nullable Instant started,
    @Nullable Instant ended,
    @Nullable Long parameters,
    @Nullable Double bitsPerByte,
    SortedMap<String, Double> forecast,
    SortedMap<String, Double> actual,
    SortedMap<String, String> recipe,
    List<String> problems,
    @Nullable String holder) {

  public RunRecord {
    forecast = new TreeMap<>(forecast);
    actual = new TreeMap<>(actual);
    recipe = new TreeMap<>(recipe);
    problems = List.copyOf(problems);
  }

  /** From its start to its end; null when either is not known. */
  public @Nullable Duration duration() {
    return started == null || ended == null ? null : Duration.between(started, ended);
  }

  /** What was forecast and really came, for each number that both files have. */
  public List<Figure> figures() {
    List<Figure> figures = new ArrayList<>();
    forecast.forEach(
        (name, before) -> {
          Double measured = actual.get(name);
          if (measured != null) {
            figures.add(new Figure(name, before, measured));
          }
        });
    return figures;
  }

  /**
   * A number forecast before the run beside the one measured.
   *
   * @param name its path in both files
   */
  public record Figure(String name, double forecast, double actual) {
    /** (forecast − actual) / |actual| in percent; null when nothing was measured but zero. */
    public @Nullable Double errorPercent() {
      if (forecast == actual) {
        return 0.0;
      }
      return actual == 0 ? null : 100 * (forecast - actual) / Math.abs(actual);
    }
  }

  RunRecord withLiveState(RunStatus status, @Nullable Instant ended, @Nullable String holder) {
    return new RunRecord(
        id,
        folder,
        name,
        status,
        started,
        ended,
        parameters,
        bitsPerByte,
        forecast,
        actual,
        recipe,
        problems,
        holder);
  }
}
