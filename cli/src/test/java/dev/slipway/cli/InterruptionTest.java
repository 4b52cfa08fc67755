package dev.slipway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.base.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ctrl-C in every stage, kill -9, and two processes on one run. */
class InterruptionTest {
  /** On a terminal the current line is shown at once, so that a test sees each stage begin. */
  private static final List<String> TERMINAL = List.of("-Dslipway.terminal=200");

  @TempDir Path folder;
  private Path run;

  @BeforeEach
  void start() {
    run = folder.resolve("run");
  }

  private Cli.Child command(Object... arguments) {
    return Cli.start(TERMINAL, Map.of(), arguments);
  }

  private static Cli.Child stopped(Cli.Child child, String line) {
    child.awaitErr("  " + line).interrupt();
    child.result().fails(130, "run.interrupted", "go on with `slipway resume ");
    return child;
  }

  private boolean hasCheckpoint() {
    return !Stream.of(
            Objects.requireNonNullElse(run.resolve("checkpoints").toFile().list(), new String[0]))
        .filter(name -> name.matches("step-[0-9]+"))
        .toList()
        .isEmpty();
  }

  private void nothingIsHalfWritten() throws IOException {
    try (Stream<Path> files = Files.walk(run)) {
      assertThat(files.map(Path::toString).filter(name -> name.contains("partial"))).isEmpty();
    }
  }

  private byte[] weights(Path of) throws IOException {
    return Files.readAllBytes(of.resolve("model/model.safetensors"));
  }

  /** The same recipe, with nothing left open, from beginning to end. */
  private byte[] undisturbed() throws IOException {
    Path other = folder.resolve("undisturbed");
    Cli.run("run", run.resolve("recipe.yaml"), "--out", other).succeeds();
    return weights(other);
  }

  @Test
  void afterCtrlCInEachStageResumeEndsWithTheSameBytes() throws IOException {
    Path recipe = TinyRun.recipe(folder, TinyRun.text(folder.resolve("text.txt"), 3000), 150);
    stopped(command("run", recipe, "--out", run), "data ");
    nothingIsHalfWritten();
    assertThat(run.resolve("prepared/documents")).doesNotExist();
    for (String stage : List.of("tokenizer ", "tokens ", "train ", "evaluate ")) {
      stopped(command("resume", run), stage);
      nothingIsHalfWritten();
      assertThat(run.resolve("model")).doesNotExist();
    }
    assertThat(Cli.run("runs", "show", run).succeeds().out()).doesNotContain("held by");
    Cli.run("generate", run, "--prompt", "x").fails(3, "model.unfinished", "slipway resume");
    assertThat(
            command("resume", run, "--json").result().succeeds().json().path("run").stringValue())
        .isEqualTo(run.toString());
    assertThat(weights(run)).isEqualTo(undisturbed());
  }

  @Test
  void afterKillMinusNineResumeEndsWithTheSameBytes() throws IOException {
    Path recipe = TinyRun.recipe(folder, TinyRun.text(folder.resolve("text.txt"), 100), 400);
    command("run", recipe, "--set", "train.checkpoint.every=200ms", "--out", run)
        .await(this::hasCheckpoint)
        .kill()
        .result();
    Cli.Child second = command("resume", run).awaitErr("  train ");
    Cli.run("resume", run)
        .fails(6, "run.locked", "process " + second.process().pid(), "slipway resume " + run);
    second.kill().result();
    assertThat(run.resolve("model")).doesNotExist();
    Cli.run("resume", run).succeeds();
    assertThat(weights(run)).isEqualTo(undisturbed());
    Cli.Result again = Cli.run("resume", run, "--json").succeeds();
    assertThat(again.json().path("actual").path("status").stringValue()).isEqualTo("finished");
  }

  @Test
  void ctrlCEndsTheServerAndLeavesItsPortFree() throws IOException, InterruptedException {
    Cli.Child child =
        Cli.start("serve", TinyRun.finished(), "--port", 0, "--json").awaitErr("Ctrl-C");
    child.await(() -> read(child.out()).endsWith("\n"));
    URI address = URI.create(Json.parse(read(child.out()), "out").path("address").stringValue());
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> answer =
          client.send(
              HttpRequest.newBuilder(address.resolve("/v1/completions"))
                  .POST(
                      HttpRequest.BodyPublishers.ofString(
                          "{\"prompt\":\"alpha\",\"max_tokens\":3,\"model\":\"tiny\"}"))
                  .header("Content-Type", "application/json")
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }
    Cli.Result ended = child.interrupt().result().succeeds();
    assertThat(Json.parse(ended.out(), "out").propertyNames()).containsExactly("address", "model");
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
