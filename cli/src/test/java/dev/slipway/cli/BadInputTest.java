package dev.slipway.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each bad input with the sentence, the code and the exit status that it gets. */
class BadInputTest {
  private static final int INPUT = 3;

  @TempDir Path folder;

  private Path file(String kind) throws IOException {
    Path file = folder.resolve(kind);
    switch (kind) {
      case "missing" -> {}
      case "empty" -> TinyRun.write(file, "");
      case "huge" -> {
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
          sparse.setLength(3L << 30);
        }
      }
      case "binary" -> TinyRun.write(file, new byte[] {(byte) 0xff, 0, 1, (byte) 0xfe, 0, 0});
      case "latin" ->
          TinyRun.write(file, "café\n".repeat(200).getBytes(StandardCharsets.ISO_8859_1));
      case "folder" -> Files.createDirectory(file);
      case "unreadable" -> {
        assumeFalse(
            "root".equals(System.getProperty("user.name")), "root may read everything: skipped");
        TinyRun.write(file, "text");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("---------"));
      }
      default -> throw new IllegalArgumentException(kind);
    }
    return file;
  }

  static Stream<Arguments> texts() {
    return Stream.of(
        Arguments.of("missing", "file.missing", "is not there, expected a text file; check"),
        Arguments.of("huge", "file.too-large", "3.2 GB, expected at most 1 GB of text; split it"),
        Arguments.of("binary", "file.not-utf8", "is not UTF-8 text; convert it"),
        Arguments.of("latin", "file.not-utf8", "is not UTF-8 text; convert it"),
        Arguments.of("folder", "file.is-folder", "is a folder, expected a text file"),
        Arguments.of("unreadable", "file.no-permission", "may not be read"));
  }

  @ParameterizedTest
  @MethodSource("texts")
  void texts(String kind, String code, String sentence) throws IOException {
    Path file = file(kind);
    Path run = TinyRun.finished();
    for (Cli.Result result :
        List.of(
            Cli.run("score", run, "--text", file, "--json"),
            Cli.run("tokenize", run, "--text", file, "--json"),
            Cli.run("detokenize", run, "--ids", file, "--json"),
            Cli.run("generate", run, "--prompt-file", file, "--json"))) {
      result.fails(INPUT, code, file.toString(), sentence);
      assertThat(result.json().path("error").path("code").stringValue()).isEqualTo(code);
    }
  }

  static Stream<Arguments> sources() {
    return Stream.of(
        Arguments.of("missing", "data.source-missing", "there is no"),
        Arguments.of("empty", "data.source-empty", "is empty"),
        Arguments.of("huge", "data.source-not-text", "is binary"),
        Arguments.of("binary", "data.source-not-text", "is binary"),
        Arguments.of("folder", "data.source-empty", "the folder has no files"),
        Arguments.of("unreadable", "data.source-unreadable", "unreadable"));
  }

  @ParameterizedTest
  @MethodSource("sources")
  void sources(String kind, String code, String sentence) throws IOException {
    Path file = file(kind);
    Path run = folder.resolve("run");
    Path tokenizer = folder.resolve("tokenizer");
    Cli.run("eval", TinyRun.finished(), "--data", file, "--json")
        .fails(INPUT, code, file.toString(), sentence);
    Cli.run("tokenizer", "train", "--source", file, "--out", tokenizer)
        .fails(INPUT, code, file.toString(), sentence);
    Cli.run("launch", "--no-serve", "--source", file, "--out", run)
        .fails(INPUT, code, file.toString(), sentence);
    assertThat(tokenizer).doesNotExist();
    assertThat(run).as("nothing is left of a run that did not begin").doesNotExist();
  }

  @Test
  void aSourceInAnotherEncodingSaysSo() throws IOException {
    Path file = file("latin");
    Cli.run("eval", TinyRun.finished(), "--data", file)
        .fails(INPUT, "data.no-text", file.toString(), "no UTF-8 text", "iconv");
    Cli.run("run", TinyRun.recipe(folder, file, 5), "--out", folder.resolve("run"))
        .fails(INPUT, "data.nothing-left", "not UTF-8");
  }

  @Test
  void emptyTextsHaveAnswers() throws IOException {
    Path empty = file("empty");
    assertThat(
            Cli.run("score", TinyRun.finished(), "--text", empty, "--json")
                .succeeds()
                .json()
                .path("perplexity")
                .isNull())
        .isTrue();
    assertThat(Cli.run("score", TinyRun.finished(), "--text", empty).succeeds().out())
        .contains("too short")
        .doesNotContain("NaN");
    assertThat(
            Cli.run(
                    "generate",
                    TinyRun.finished(),
                    "--prompt-file",
                    empty,
                    "--max-tokens",
                    2,
                    "--json")
                .succeeds()
                .json()
                .path("prompt_ids")
                .toString())
        .isEqualTo("[0]");
    Cli.run("detokenize", TinyRun.finished(), "--ids", empty).fails(INPUT, "ids.not-an-array");
  }

  @Test
  void idsThatAreNone() {
    Path run = TinyRun.finished();
    for (String ids : List.of("[1, -1]", "[1, 1.5]", "[1, 999999]", "[1, \"2\"]", "[1, 1e30]")) {
      Cli.run("detokenize", run, "--ids", TinyRun.write(folder.resolve("ids.json"), ids))
          .fails(INPUT, "ids.out-of-range", "id 1 of ", "expected a whole number from 0 to ");
    }
    Cli.run("detokenize", run, "--ids", TinyRun.write(folder.resolve("ids.json"), "{\"ids\": 3}"))
        .fails(INPUT, "ids.not-an-array");
    Cli.run("detokenize", run, "--ids", TinyRun.write(folder.resolve("ids.json"), "no json"))
        .fails(INPUT, "json.malformed", "ids.json", "line 1");
  }

  @Test
  void tenMistakesOfARecipeAreToldAtOnce() {
    Path recipe =
        TinyRun.write(
            folder.resolve("recipe.yaml"),
            """
            nam: x
            seed: twelve
            budget: { time: soon, price-per-hour: -1 }
            data: { source: { zipp: { path: a.zip } }, deduplicate: fuzzy }
            tokenizer: { bpe: { vocabulary: 5 } }
            model: { gpt: { size: { layers: 2, hidden: 33, heads: 2 }, layout: mamba } }
            train: { batch: 0, optimizer: lion }
            """);
    Cli.Result result =
        Cli.run("run", recipe, "--out", folder.resolve("run"), "--json")
            .fails(
                2,
                "recipe.invalid",
                "recipe.yaml:1:1: ",
                "name",
                "twelve",
                "soon",
                "-1",
                "zip",
                "fuzzy",
                "vocabulary",
                "mamba",
                "batch",
                "lion");
    assertThat(result.json().path("error").path("details").size()).isGreaterThanOrEqualTo(10);
    assertThat(folder.resolve("run")).doesNotExist();
  }

  @Test
  void recipesThatAreNone() throws IOException {
    Cli.run("run", file("missing")).fails(INPUT, "yaml.missing", "there is no file");
    Cli.run("run", file("empty")).fails(2, "yaml.malformed", "nothing, expected a document");
    Cli.run("plan", file("binary")).fails(INPUT, "yaml.unreadable", "not UTF-8");
    Cli.run("plan", file("huge")).fails(INPUT, "yaml.unreadable", "expected at most");
    Cli.run("plan", TinyRun.write(folder.resolve("r.yaml"), "a: [1"))
        .fails(2, "yaml.malformed", "r.yaml:1:");
  }

  @Test
  void aSecondIsTooLittleAndTenDaysAreNotTooMuch() {
    Path text = TinyRun.text(folder.resolve("text.txt"), 60);
    Path recipe =
        TinyRun.write(
            folder.resolve("auto.yaml"),
            "data: { source: { text: { path: \"" + text + "\" } } }\n");
    Cli.run("plan", recipe, "--set", "budget.time=1s")
        .fails(
            2, "plan.budget-too-small", "too small for even the smallest model, expected at least")
        .fails(2, "plan.budget-too-small", "set budget.time to more");
    Cli.Result days = Cli.run("plan", recipe, "--set", "budget.time=10d", "--json").succeeds();
    assertThat(days.json().path("forecast").path("parameters").asLong()).isGreaterThan(100_000);
    Cli.run("plan", recipe, "--set", "budget.time=0s").fails(2, "recipe.invalid", "budget.time");
  }

  @Test
  void aFolderForTheRunThatCanNotBe() throws IOException {
    Path recipe = TinyRun.recipe(folder, TinyRun.text(folder.resolve("text.txt"), 20), 5);
    Path file = TinyRun.write(folder.resolve("file"), "x");
    Cli.run("run", recipe, "--out", file).fails(2, "run.folder-is-file", file + " is a file");
    Cli.run("run", recipe, "--out", file.resolve("run")).fails(4, "run.folder", "Not a directory");
    Cli.run("run", recipe, "--out", folder)
        .fails(2, "run.folder-not-empty", "expected a new or empty folder", "slipway resume");
    assumeFalse(
        "root".equals(System.getProperty("user.name")), "root may write everywhere: skipped");
    Path closed = Files.createDirectory(folder.resolve("closed"));
    Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("r-xr-xr-x"));
    Cli.run("run", recipe, "--out", closed.resolve("run"))
        .fails(4, "run.no-permission", "permission");
  }

  @Test
  void aJdkWithoutItsSourcesSaysWhatToInstall() {
    Path run = folder.resolve("run");
    Cli.run(
            "launch",
            "--no-serve",
            "--set",
            "data.source.zip.path=" + folder.resolve("lib/src.zip"),
            "--out",
            run)
        .fails(INPUT, "data.no-java-sources", "install", "--source PATH");
    assertThat(run).doesNotExist();
  }

  @Test
  void aPortInUse() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Cli.run("serve", TinyRun.finished(), "--port", taken.getLocalPort())
          .fails(
              4, "serve.port-in-use", "another program listens on", "--port 0 takes any free one");
    }
    Cli.run("serve", TinyRun.finished(), "--port", 99999).fails(2, "serve.option", "65535");
    Cli.run("serve", TinyRun.finished(), "--tokens-per-minute", 5)
        .fails(2, "serve.option", "without --keys");
    Cli.run("serve", TinyRun.finished(), "--name", " ").fails(2, "serve.models", "expected a name");
  }

  @Test
  void modelsThatAreNone() throws IOException {
    Cli.run("serve", file("missing")).fails(INPUT, "model.missing", "slipway runs");
    Cli.run("score", file("folder"), "--text", file("empty"))
        .fails(INPUT, "model.not-a-model", "neither config.json nor model/config.json");
    Cli.run("resume", file("missing")).fails(INPUT, "run.missing", "is no run");
    Cli.run("generate", TinyRun.finished(), "--prompt", "x", "--temperature", "-1")
        .fails(2, "generate.bad-sampling", "temperature is -1.0, expected 0 to 100");
    Cli.run("generate", TinyRun.finished(), "--prompt", "x", "--max-tokens", "many")
        .fails(2, "usage", "many");
  }

  @ParameterizedTest
  @ValueSource(ints = {120, 600})
  void aFullDiskStopsTheRunCleanly(int kilobytes) throws IOException, InterruptedException {
    Path disk = Files.createDirectory(folder.resolve("disk"));
    Process mount =
        new ProcessBuilder(
                "mount", "-t", "tmpfs", "-o", "size=" + kilobytes + "k", "tmpfs", disk.toString())
            .redirectErrorStream(true)
            .start();
    mount.getInputStream().readAllBytes();
    assumeTrue(mount.waitFor() == 0, "no small file system can be mounted here: skipped");
    try {
      Path recipe = TinyRun.recipe(folder, TinyRun.text(folder.resolve("text.txt"), 400), 5);
      Cli.run("run", recipe, "--out", disk.resolve("run"))
          .fails(4, "file.disk-full", "the disk is full", "free some space");
    } finally {
      new ProcessBuilder("umount", disk.toString()).start().waitFor();
    }
  }
}
