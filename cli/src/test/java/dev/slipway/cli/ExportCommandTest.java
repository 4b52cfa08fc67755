package dev.slipway.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.slipway.base.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A run as a GGUF file, opened by Slipway and by llama.cpp. */
class ExportCommandTest {
  private static final String PROMPT = "list map key";

  @TempDir Path folder;

  private Path exported(String type) {
    Path file = folder.resolve(type + ".gguf");
    JsonNode document =
        Cli.run("export", TinyRun.finished(), "--type", type, "--out", file, "--json")
            .succeeds()
            .json();
    assertThat(document.path("type").asString()).isEqualTo(type);
    assertThat(document.path("bytes").asLong()).isEqualTo(file.toFile().length());
    return file;
  }

  private static JsonNode greedy(Path model) {
    return Cli.run("generate", model, "--prompt", PROMPT, "--max-tokens", 12, "--json")
        .succeeds()
        .json();
  }

  @Test
  void aFileAnswersAsItsFolder() {
    assertThat(greedy(exported("f16"))).isEqualTo(greedy(TinyRun.finished()));
    Path text = TinyRun.text(folder.resolve("score.txt"), 1);
    double whole = perplexity(TinyRun.finished(), text);
    assertThat(perplexity(exported("q8_0"), text)).isCloseTo(whole, within(0.005 * whole));
    assertThat(perplexity(exported("q4_k_m"), text)).isCloseTo(whole, within(0.05 * whole));
  }

  private static double perplexity(Path model, Path text) {
    return Cli.run("score", model, "--text", text, "--json")
        .succeeds()
        .json()
        .path("perplexity")
        .asDouble();
  }

  /**
   * Needs a Python with llama-cpp-python: that of {@code SLIPWAY_LLAMA_PYTHON}, or {@code
   * SLIPWAY_PYTHON} where it has it. {@code SLIPWAY_LLAMA_INSTALL=true} makes one below {@code
   * target/}, from PyPI; that builds llama.cpp, and takes minutes once.
   */
  @Test
  void llamaCppGivesTheSame() throws IOException, InterruptedException {
    String python = pythonWithLlamaCpp();
    assumeTrue(
        hasLlamaCpp(python),
        "neither SLIPWAY_LLAMA_PYTHON nor SLIPWAY_PYTHON names a Python with llama-cpp-python, and"
            + " SLIPWAY_LLAMA_INSTALL is not true");
    Path text = TinyRun.write(folder.resolve("score.txt"), "index list map key list map index key");
    JsonNode ours = greedy(TinyRun.finished());
    JsonNode theirs = llamaCpp(python, exported("f16"), text);
    assertThat(theirs.path("ids")).isEqualTo(ours.path("prompt_ids"));
    assertThat(theirs.path("greedy")).isEqualTo(ours.path("ids"));
    double whole = perplexity(TinyRun.finished(), text);
    assertThat(llamaCpp(python, exported("q8_0"), text).path("perplexity").asDouble())
        .isCloseTo(whole, within(0.005 * whole));
    assertThat(llamaCpp(python, exported("q4_k_m"), text).path("perplexity").asDouble())
        .isCloseTo(whole, within(0.05 * whole));
  }

  private static String pythonWithLlamaCpp() throws IOException, InterruptedException {
    String named = System.getenv("SLIPWAY_LLAMA_PYTHON");
    if (named != null) {
      assertThat(hasLlamaCpp(named)).as("SLIPWAY_LLAMA_PYTHON has llama-cpp-python").isTrue();
      return named;
    }
    String usual = Optional.ofNullable(System.getenv("SLIPWAY_PYTHON")).orElse("python3");
    if (hasLlamaCpp(usual) || !"true".equals(System.getenv("SLIPWAY_LLAMA_INSTALL"))) {
      return usual;
    }
    Path made = Path.of("target", "llama-python").toAbsolutePath();
    String python = made.resolve("bin/python").toString();
    if (!hasLlamaCpp(python)) {
      carryOut(made, usual, "-m", "venv", made.toString());
      carryOut(
          made, python, "-m", "pip", "install", "-q", "-r", "../reference/llama-requirements.txt");
    }
    return python;
  }

  private static void carryOut(Path log, String... command)
      throws IOException, InterruptedException {
    Path told = log.resolveSibling("llama-python.log");
    int status =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(told.toFile())
            .start()
            .waitFor();
    assertThat(status).as(Files.readString(told)).isZero();
  }

  private static boolean hasLlamaCpp(String python) throws InterruptedException {
    try {
      return new ProcessBuilder(python, "-c", "import llama_cpp")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false;
    }
  }

  private static JsonNode llamaCpp(String python, Path file, Path text)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                python,
                "../reference/llama_cpp_check.py",
                file.toString(),
                PROMPT,
                text.toString(),
                "12")
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isZero();
    return Json.parse(out.lines().toList().getLast(), "llama.cpp");
  }

  @Test
  void refusesWhatItCannotWrite() throws IOException {
    Path file = folder.resolve("x.gguf");
    Cli.run("export", TinyRun.finished(), "--type", "q3", "--out", file)
        .fails(2, "export.unknown-type", "q4_k_m");
    Cli.run("export", TinyRun.finished(), "--format", "onnx", "--out", file)
        .fails(2, "export.unknown-format");
    Cli.run("export", folder.resolve("none"), "--out", file).fails(3, "model.missing");
    assertThat(Files.exists(file)).isFalse();
  }
}
