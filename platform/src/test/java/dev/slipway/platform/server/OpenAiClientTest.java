package dev.slipway.platform.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** OpenAI's own Python client, installed from PyPI, against a real model. */
class OpenAiClientTest {
  private static final Path SCRIPTS = Path.of("src/test/python").toAbsolutePath();

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
        ModelServer.start(
            ServeOptions.DEFAULT.withPort(0),
            new Servable.Encoder("toy", EmbeddingsTest.Lengths::new),
            List.of())) {
      assertThat(told(server, "embeddings_client.py")).isEmpty();
    }
  }

  /** What a script of the client says, which must end well. */
  private static String told(ModelServer server, String script)
      throws IOException, InterruptedException {
    Path place = Programs.python("openai", SCRIPTS.resolve("requirements.txt"));
    server.awaitReady();
    return Programs.run(
        place,
        place.resolve("bin/python").toString(),
        SCRIPTS.resolve(script).toString(),
        server.address().toString());
  }
}
