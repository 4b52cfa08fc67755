package dev.slipway.train;

import dev.slipway.base.AtomicFiles;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A run's {@code events.jsonl}: one line an event, {@code {"time":…,"event":"step","step":1,…}},
 * with the event's fields in snake case. Each line goes to the operating system at once, so that a
 * kill tears at most the last.
 *
 * <p>When a run goes on, the lines of steps after its checkpoint go away, and the file reads as if
 * nothing had happened but for a line that says {@code resumed}. Lines of other kinds that others
 * wrote stay.
 */
public final class EventLog implements TrainListener, AutoCloseable {
  private static final JsonMapper SNAKE =
      Json.MAPPER.rebuild().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build();

  /** The last words of a process, void once another goes on. */
  private static final Set<String> LAST_WORDS =
      Set.of("early_stopped", "interrupted", "finished", "failed");

  private static final Set<String> OURS =
      Set.of(
          "started",
          "resumed",
          "first_batch",
          "checkpoint_damaged",
          "step",
          "evaluated",
          "layers_watched",
          "checkpointed");

  private final Path file;
  private final InstantSource clock;
  private @Nullable FileOutputStream out;

  /**
   * @param file written on; made with the first event
   * @param clock for the lines' times
   */
  public EventLog(Path file, InstantSource clock) {
    this.file = file;
    this.clock = clock;
  }

  @Override
  public void on(TrainEvent event) {
    switch (event) {
      case TrainEvent.Started _ -> keepUpTo(-1);
      case TrainEvent.Resumed(long step, long _, boolean _) -> keepUpTo(step);
      case TrainEvent.FirstBatch _,
          TrainEvent.CheckpointDamaged _,
          TrainEvent.StepDone _,
          TrainEvent.Evaluated _,
          TrainEvent.LayersWatched _,
          TrainEvent.Checkpointed _,
          TrainEvent.EarlyStopped _,
          TrainEvent.BestRestored _,
          TrainEvent.Interrupted _,
          TrainEvent.Finished _,
          TrainEvent.Failed _ -> {}
    }
    append(line(event));
    if (event instanceof TrainEvent.Checkpointed) {
      sync();
    }
  }

  private String line(TrainEvent event) {
    ObjectNode line = Json.object();
    line.put("time", clock.instant().truncatedTo(ChronoUnit.MILLIS).toString());
    line.put("event", name(event));
    line.setAll((ObjectNode) SNAKE.valueToTree(event));
    return Json.line(line) + "\n";
  }

  private static String name(TrainEvent event) {
    return switch (event) {
      case TrainEvent.Started _ -> "started";
      case TrainEvent.Resumed _ -> "resumed";
      case TrainEvent.FirstBatch _ -> "first_batch";
      case TrainEvent.CheckpointDamaged _ -> "checkpoint_damaged";
      case TrainEvent.StepDone _ -> "step";
      case TrainEvent.Evaluated _ -> "evaluated";
      case TrainEvent.LayersWatched _ -> "layers_watched";
      case TrainEvent.Checkpointed _ -> "checkpointed";
      case TrainEvent.EarlyStopped _ -> "early_stopped";
      case TrainEvent.BestRestored _ -> "best_restored";
      case TrainEvent.Interrupted _ -> "interrupted";
      case TrainEvent.Finished _ -> "finished";
      case TrainEvent.Failed _ -> "failed";
    };
  }

  /** Mends a torn end and drops what was told of steps after {@code step}. */
  private void keepUpTo(long step) {
    if (!Files.exists(file)) {
      return;
    }
    closeOut();
    List<String> kept = new ArrayList<>();
    try {
      String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
      for (String line : text.split("\n")) {
        if (holds(line, step)) {
          kept.add(line);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    AtomicFiles.write(file, kept.isEmpty() ? "" : String.join("\n", kept) + "\n");
  }

  private boolean holds(String line, long step) {
    JsonNode event;
    try {
      event = Json.parse(line, file.toString());
    } catch (SlipwayException e) {
      return false; // torn by a kill
    }
    String name = event.path("event").asString("");
    if (LAST_WORDS.contains(name)) {
      return false;
    }
    return event.isObject() && (!OURS.contains(name) || event.path("step").asLong() <= step);
  }

  private void append(String line) {
    try {
      if (out == null) {
        Files.createDirectories(file.toAbsolutePath().getParent());
        out = new FileOutputStream(file.toFile(), true);
      }
      out.write(line.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw AtomicFiles.problem(file, e);
    }
  }

  private void sync() {
    try {
      if (out != null) {
        out.getFD().sync();
      }
    } catch (IOException e) {
      throw AtomicFiles.problem(file, e);
    }
  }

  private void closeOut() {
    try {
      if (out != null) {
        out.close();
        out = null;
      }
    } catch (IOException e) {
      throw AtomicFiles.problem(file, e);
    }
  }

  @Override
  public void close() {
    closeOut();
  }
}
