package dev.slipway.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TensorBoardWriterTest {
  private static final Instant TIME = Instant.parse("2026-01-02T03:04:05.500Z");

  @TempDir Path folder;

  private static TrainEvent.StepDone step(long step) {
    return new TrainEvent.StepDone(step, 1.0 / step, 1e-3, 0.5, 10, 10 * step, 0.25, 40);
  }

  /** {@code reference/tensorboard_events.py} wrote these with TensorBoard's own writer. */
  @Test
  void bytesAreTensorBoards() throws IOException {
    SequencedMap<String, Double> scalars = new LinkedHashMap<>();
    scalars.put("train/loss", 2.5);
    scalars.put("train/learning_rate", 0.001);
    List<String> expected;
    try (var in = getClass().getResourceAsStream("tensorboard.hex")) {
      expected =
          new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.US_ASCII)
              .lines()
              .toList();
    }
    assertThat(hex(TensorBoardWriter.fileVersion(TIME))).isEqualTo(expected.get(0));
    assertThat(hex(TensorBoardWriter.scalars(TIME, 300, scalars))).isEqualTo(expected.get(1));
  }

  private static String hex(byte[] event) {
    return HexFormat.of().formatHex(TensorBoardWriter.frame(event));
  }

  @Test
  void tensorBoardItselfReadsARunThatWasKilledAndWentOn() throws Exception {
    try (TensorBoardWriter writer = new TensorBoardWriter(folder, InstantSource.fixed(TIME))) {
      writer.on(new TrainEvent.Started(0, 5, 1));
      for (int step = 1; step <= 4; step++) {
        writer.on(step(step));
      }
      writer.on(new TrainEvent.Evaluated(4, 0.75, true, 1));
    }
    Path file = folder.resolve(TensorBoardWriter.FILE);
    Files.write(file, new byte[] {42, 0, 0, 0}, StandardOpenOption.APPEND);
    try (TensorBoardWriter writer = new TensorBoardWriter(folder, InstantSource.fixed(TIME))) {
      writer.on(new TrainEvent.Resumed(2, 5, true));
      for (int step = 3; step <= 5; step++) {
        writer.on(step(step));
      }
      writer.on(new TrainEvent.Evaluated(5, 0.5, true, 1));
    }
    String script =
        """
        import sys
        from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
        events = EventAccumulator(sys.argv[1]); events.Reload()
        for tag in sorted(events.Tags()["scalars"]):
            print(tag, [(e.step, round(e.value, 4)) for e in events.Scalars(tag)])
        """;
    String python = python();
    assumeTrue(
        python != null,
        "skipped: no Python with TensorBoard (name one in the environment: SLIPWAY_PYTHON)");
    Process process =
        new ProcessBuilder(python, "-c", script, folder.toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isZero();
    assertThat(printed.lines())
        .containsExactly(
            "train/grad_norm [(1, 0.5), (2, 0.5), (3, 0.5), (4, 0.5), (5, 0.5)]",
            "train/learning_rate [(1, 0.001), (2, 0.001), (3, 0.001), (4, 0.001), (5, 0.001)]",
            "train/loss [(1, 1.0), (2, 0.5), (3, 0.3333), (4, 0.25), (5, 0.2)]",
            "train/targets_per_second [(1, 40.0), (2, 40.0), (3, 40.0), (4, 40.0), (5, 40.0)]",
            "validation/loss [(5, 0.5)]");
  }

  private static @Nullable String python() throws IOException, InterruptedException {
    String named = System.getenv("SLIPWAY_PYTHON");
    for (String candidate : named == null ? List.of("python3") : List.of(named, "python3")) {
      try {
        Process process =
            new ProcessBuilder(candidate, "-c", "import tensorboard")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (process.waitFor() == 0) {
          return candidate;
        }
      } catch (IOException e) {
        continue; // no such program
      }
    }
    return null;
  }
}
