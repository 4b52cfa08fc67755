package dev.slipway.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.base.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventLogTest {
  private static final InstantSource CLOCK =
      InstantSource.fixed(Instant.parse("2026-01-02T03:04:05.678Z"));

  @TempDir Path folder;

  private static TrainEvent.StepDone step(long step) {
    return new TrainEvent.StepDone(step, 1.0 / step, 1e-3, 0.5, 10, 10 * step, 0.25, 40);
  }

  private Path file() {
    return folder.resolve("run/events.jsonl");
  }

  private List<String> kinds() throws IOException {
    return Files.readAllLines(file()).stream()
        .map(line -> Json.parse(line, "events"))
        .map(event -> event.get("event").asString() + " " + event.path("step").asString("-"))
        .toList();
  }

  @Test
  void writesALineAnEvent() throws IOException {
    try (EventLog log = new EventLog(file(), CLOCK)) {
      log.on(new TrainEvent.Started(0, 10, 1234));
      log.on(step(4));
    }
    assertThat(Files.readString(file()))
        .isEqualTo(
            """
            {"time":"2026-01-02T03:04:05.678Z","event":"started","step":0,"steps":10,"parameters":1234}
            {"time":"2026-01-02T03:04:05.678Z","event":"step","step":4,"loss":0.25,"learning_rate":0.001,"grad_norm":0.5,"targets":10,"total_targets":40,"seconds":0.25,"targets_per_second":40.0}
            """);
  }

  @Test
  void goingOnMakesItReadAsIfNothingHadHappened() throws IOException {
    Files.createDirectories(file().getParent());
    Files.writeString(file(), "{\"event\":\"prepared\",\"records\":7}\n");
    try (EventLog log = new EventLog(file(), CLOCK)) {
      log.on(new TrainEvent.Started(0, 10, 1234));
      log.on(step(1));
      log.on(step(2));
      log.on(new TrainEvent.Evaluated(2, 0.5, true, 1));
      log.on(step(3));
      log.on(new TrainEvent.Checkpointed(2, 99, 0.1));
      log.on(step(4));
      log.on(new TrainEvent.Failed(4, "file.disk-full", "the disk is full"));
    }
    Files.writeString(
        file(), "{\"time\":\"2026-01-02T03:04:05.678Z\",\"event\":\"st", StandardOpenOption.APPEND);
    try (EventLog log = new EventLog(file(), CLOCK)) {
      log.on(new TrainEvent.Resumed(2, 10, true));
      log.on(step(3));
    }
    assertThat(kinds())
        .containsExactly(
            "prepared -",
            "started 0",
            "step 1",
            "step 2",
            "evaluated 2",
            "checkpointed 2",
            "resumed 2",
            "step 3");
  }

  @Test
  void beginningAgainDropsAllThatWasTrained() throws IOException {
    try (EventLog log = new EventLog(file(), CLOCK)) {
      log.on(new TrainEvent.Started(0, 10, 1234));
      log.on(step(1));
    }
    try (EventLog log = new EventLog(file(), CLOCK)) {
      log.on(new TrainEvent.Started(0, 10, 1234));
    }
    assertThat(kinds()).containsExactly("started 0");
  }
}
