package dev.slipway.platform.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** OpenAI's own Python client against a real model, where there is a Python that has it. */
class OpenAiClientTest {
  @TempDir Path folder;

  @Test
  void theOfficialClientFindsNothingAmiss() throws Exception {
    try (ModelServer server =
        TinyModel.serve(folder, ServeOptions.DEFAULT.withPort(0), List.of())) {
      assertThat(told(server, "openai_client.py").lines().filter(line -> line.startsWith("ok ")))
          .hasSizeGreaterThan(40);
    }
  }

  @Test
  void theOfficialClientReadsVectors() throws Exception {
    try (ModelServer server =
        ModelServer.startEmbedding(
            ServeOptions.DEFAULT.withPort(0), "toy", EmbeddingsTest.Lengths::new, List.of())) {
      assertThat(told(server, "embeddings_client.py")).isEmpty();
    }
  }

  /** What a script of the client says, which must end well. */
  private static String told(ModelServer server, String script)
      throws IOException, InterruptedException {
    Optional<String> python = python();
    assumeTrue(
        python.isPresent(),
        "skipped: no Python with the openai package; SLIPWAY_PYTHON names one, and"
            + " src/test/python/requirements.txt what it needs");
    server.awaitReady();
    Process client =
        new ProcessBuilder(
                python.get(),
                Path.of("src/test/python", script).toAbsolutePath().toString(),
                server.address().toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(client.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(client.exitValue()).as(said).isZero();
    return said;
  }

  private static Optional<String> python() {
    return Stream.of(String.valueOf(System.getenv("SLIPWAY_PYTHON")), "python3")
        .filter(OpenAiClientTest::hasClient)
        .findFirst();
  }

  private static boolean hasClient(String python) {
    try {
      Process process =
          new ProcessBuilder(python, "-c", "import openai")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor(30, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException e) {
      return false; // no such program
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
