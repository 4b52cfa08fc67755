package dev.slipway.platform.runs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunIndexTest {
  @TempDir Path home;

  @Test
  void listsEveryRunWithItsStateAndFigures() throws IOException {
    finished("alpha");
    interrupted("beta");
    failed("gamma");
    Path damaged = finished("delta");
    Files.writeString(damaged.resolve(RunFolder.ACTUAL), "{\"seconds\": ");
    Files.createDirectories(home.resolve("no-run"));

    List<RunRecord> runs = RunIndex.open(home).list();

    assertThat(runs)
        .extracting(RunRecord::id, RunRecord::status)
        .containsExactlyInAnyOrder(
            org.assertj.core.groups.Tuple.tuple("alpha", RunStatus.FINISHED),
            org.assertj.core.groups.Tuple.tuple("beta", RunStatus.INTERRUPTED),
            org.assertj.core.groups.Tuple.tuple("gamma", RunStatus.FAILED),
            org.assertj.core.groups.Tuple.tuple("delta", RunStatus.DAMAGED));
    RunRecord alpha = run(runs, "alpha");
    assertThat(alpha.name()).isEqualTo("jdk-code");
    assertThat(alpha.parameters()).isEqualTo(1_300_000L);
    assertThat(alpha.bitsPerByte()).isEqualTo(0.91);
    assertThat(alpha.duration()).isNotNull();
    assertThat(run(runs, "gamma").problems()).containsExactly("the loss is not a number");
    assertThat(run(runs, "delta").problems()).singleElement().asString().contains("actual.json");
  }

  @Test
  void showsForecastBesideActualWithTheError() throws IOException {
    finished("alpha");
    RunRecord run = RunIndex.open(home).show("alpha");
    assertThat(run.figures())
        .extracting(RunRecord.Figure::name)
        .containsExactly("parameters", "peakMemory", "seconds");
    RunRecord.Figure seconds = run.figures().getLast();
    assertThat(seconds.errorPercent()).isEqualTo(-4.0);
  }

  @Test
  void knowsTheErrorOfAForecastOfZero() {
    assertThat(new RunRecord.Figure("money", 0, 0).errorPercent()).isZero();
    assertThat(new RunRecord.Figure("money", 1, 0).errorPercent()).isNull();
  }

  @Test
  void comparesTwoRuns() throws IOException {
    finished("a");
    Path b = finished("b");
    Files.writeString(b.resolve(RunFolder.RECIPE), "name: jdk-code\nseed: 7\nmodel: {layers: 4}\n");
    Files.writeString(
        b.resolve(RunFolder.ACTUAL), "{\"status\":\"finished\",\"bitsPerByte\":0.819}");

    RunComparison comparison = RunIndex.open(home).compare("a", b.toString());

    assertThat(comparison.recipe())
        .containsExactly(
            new RunComparison.Setting("model.layers", null, "4"),
            new RunComparison.Setting("seed", "1337", "7"));
    assertThat(comparison.figures())
        .filteredOn(measure -> measure.name().equals("bitsPerByte"))
        .singleElement()
        .satisfies(measure -> assertThat(measure.changePercent()).isCloseTo(-10.0, offset(1e-9)));
    assertThat(new RunComparison.Measure("difference", 1e-7, 0.2).changePercent()).isNull();
  }

  @Test
  void aRunChangedOrDeletedIsSeenAtOnce() throws IOException {
    Path alpha = interrupted("alpha");
    interrupted("beta");
    RunIndex index = RunIndex.open(home);
    assertThat(index.list()).hasSize(2);

    Files.writeString(
        alpha.resolve(RunFolder.ACTUAL), "{\"status\":\"failed\",\"error\":\"no memory\"}");
    Files.delete(home.resolve("beta").resolve(RunFolder.RECIPE));
    Files.delete(home.resolve("beta").resolve(RunFolder.FORECAST));

    assertThat(index.list())
        .singleElement()
        .satisfies(
            run -> {
              assertThat(run.status()).isEqualTo(RunStatus.FAILED);
              assertThat(run.problems()).containsExactly("no memory");
            });
  }

  @Test
  void anIndexThatIsDeletedIsMadeAnewFromTheFolders() throws IOException {
    finished("alpha");
    List<RunRecord> before = RunIndex.open(home).list();
    for (String suffix : List.of("", "-wal", "-shm")) {
      Files.deleteIfExists(home.resolve(RunIndex.FILE + suffix));
    }
    assertThat(RunIndex.open(home).list()).isEqualTo(before);
  }

  @Test
  void anIndexDeletedUnderAnOpenOneIsMadeAnew() throws IOException {
    finished("alpha");
    RunIndex index = RunIndex.open(home);
    for (String suffix : List.of("", "-wal", "-shm")) {
      Files.deleteIfExists(home.resolve(RunIndex.FILE + suffix));
    }
    assertThat(index.list()).hasSize(1);
  }

  @Test
  void anIndexFullOfRubbishIsMadeAnew() throws IOException {
    finished("alpha");
    Files.writeString(home.resolve(RunIndex.FILE), "this is no database\n".repeat(1000));
    assertThat(RunIndex.open(home).list()).hasSize(1);
  }

  @Test
  void anIndexCutShortIsMadeAnew() throws IOException {
    for (int i = 0; i < 20; i++) {
      finished("run-" + i);
    }
    RunIndex.open(home).list();
    Path file = home.resolve(RunIndex.FILE);
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, java.util.Arrays.copyOf(bytes, bytes.length / 2));
    assertThat(RunIndex.open(home).list()).hasSize(20);
  }

  @Test
  void anIndexOfAnotherVersionIsMadeAnew() throws Exception {
    finished("alpha");
    try (Connection other = sqlite()) {
      other.createStatement().execute("CREATE TABLE run (something TEXT)");
      other.createStatement().execute("PRAGMA user_version = 99");
    }
    assertThat(RunIndex.open(home).list()).hasSize(1);
  }

  @Test
  void reindexForgetsWhatTheFoldersDoNotTell() throws Exception {
    finished("alpha");
    RunIndex index = RunIndex.open(home);
    index.list();
    try (Connection other = sqlite()) {
      other
          .createStatement()
          .execute("INSERT INTO run (id, stamp, name, status, record) VALUES ('x','','x','','{}')");
    }
    assertThat(index.reindex()).isEqualTo(1);
    assertThat(index.list()).extracting(RunRecord::id).containsExactly("alpha");
  }

  @Test
  void threadsAndIndexesAtOnceDoNotDisturbEachOther() throws Exception {
    for (int i = 0; i < 10; i++) {
      finished("run-" + i);
    }
    List<Throwable> failures = java.util.Collections.synchronizedList(new ArrayList<>());
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      threads.add(
          Thread.ofPlatform()
              .uncaughtExceptionHandler((thread, failure) -> failures.add(failure))
              .start(
                  () -> {
                    RunIndex index = RunIndex.open(home);
                    for (int j = 0; j < 5; j++) {
                      assertThat(index.reindex()).isEqualTo(10);
                      assertThat(index.list()).hasSize(10);
                    }
                  }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(failures).isEmpty();
  }

  @Test
  void aRunThatIsNotThereIsToldPlainly() {
    assertThatThrownBy(() -> RunIndex.open(home).show("nope"))
        .isInstanceOfSatisfying(
            SlipwayException.class,
            e -> {
              assertThat(e.exit()).isEqualTo(Exit.INPUT);
              assertThat(e.line())
                  .startsWith("error[run.missing]: there is no run nope")
                  .contains("slipway runs");
            });
  }

  @Test
  void aHomeThatIsAFileIsToldPlainly() throws IOException {
    Path file = Files.writeString(home.resolve("file"), "x");
    assertThatThrownBy(() -> RunIndex.open(file))
        .isInstanceOfSatisfying(
            SlipwayException.class, e -> assertThat(e.code()).isEqualTo("index.unusable"));
  }

  @Test
  void everythingHalfWrittenOrStrangeIsAProblemNotAnException() throws IOException {
    Path run = Files.createDirectories(home.resolve("strange"));
    Files.write(run.resolve(RunFolder.RECIPE), new byte[] {(byte) 0xff, 0, '{', '['});
    Files.writeString(run.resolve(RunFolder.FORECAST), "[1, 2]");
    Files.writeString(run.resolve(RunFolder.EVENTS), "{\"event\":\"step\"}\n{\"eve");
    Files.createDirectories(run.resolve(RunFolder.MODEL));
    RunRecord record = RunFolder.read(run);
    assertThat(record.status()).isEqualTo(RunStatus.DAMAGED);
    assertThat(record.problems()).hasSize(5);
    assertThat(record.problems()).anyMatch(problem -> problem.contains("forecast.json"));
  }

  private static org.assertj.core.data.Offset<Double> offset(double value) {
    return org.assertj.core.data.Offset.offset(value);
  }

  private Connection sqlite() throws Exception {
    return DriverManager.getConnection("jdbc:sqlite:" + home.resolve(RunIndex.FILE));
  }

  private static RunRecord run(List<RunRecord> runs, String id) {
    return runs.stream().filter(run -> run.id().equals(id)).findFirst().orElseThrow();
  }

  private Path interrupted(String id) throws IOException {
    Path run = Files.createDirectories(home.resolve(id));
    Files.writeString(run.resolve(RunFolder.RECIPE), "name: jdk-code\nseed: 1337\n");
    Files.writeString(
        run.resolve(RunFolder.FORECAST),
        "{\"parameters\": 1300000, \"seconds\": 480, \"memory\": {\"weights\": 600, \"data\": 300}}");
    return run;
  }

  private Path failed(String id) throws IOException {
    Path run = interrupted(id);
    Files.writeString(
        run.resolve(RunFolder.EVENTS),
        """
        {"time":"2026-01-01T00:00:00Z","event":"started"}
        {"time":"2026-01-01T00:01:00Z","event":"failed","error":"the loss is not a number"}
        """);
    return run;
  }

  private Path finished(String id) throws IOException {
    Path run = interrupted(id);
    Files.writeString(
        run.resolve(RunFolder.ACTUAL),
        "{\"status\": \"finished\", \"parameters\": 1300000, \"seconds\": 500, \"bitsPerByte\":"
            + " 0.91, \"memory\": {\"peak_bytes\": 1000}}");
    Path model = Files.createDirectories(run.resolve(RunFolder.MODEL));
    for (String file : List.of("config.json", "model.safetensors", "tokenizer.json")) {
      Files.writeString(model.resolve(file), "{}");
    }
    return run;
  }
}
