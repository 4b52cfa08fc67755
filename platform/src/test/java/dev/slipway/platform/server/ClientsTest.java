package dev.slipway.platform.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Clients that no one here wrote, each installed from its registry into a folder of the build's and
 * run as a program of its own.
 */
class ClientsTest {
  private static final Path SCRIPTS = Path.of("src/test/clients").toAbsolutePath();
  private static final Path INSTALLED = Path.of("target/clients").toAbsolutePath();
  private static final String OPENAI = "openai@7.59.0";

  @TempDir Path folder;

  @Test
  void openAiForNode() throws Exception {
    Path place = Files.createDirectories(INSTALLED.resolve("node"));
    Programs.requireProgram("npm");
    if (!Files.exists(place.resolve("node_modules/openai/package.json"))) {
      Files.writeString(place.resolve("package.json"), "{\"private\": true, \"type\": \"module\"}");
      Programs.install(place, "npm", "install", "--no-audit", "--no-fund", OPENAI);
    }
    Files.copy(
        SCRIPTS.resolve("openai_client.mjs"),
        place.resolve("openai_client.mjs"),
        StandardCopyOption.REPLACE_EXISTING);
    try (ModelServer server = tiny()) {
      assertThat(
              held(Programs.run(place, "node", "openai_client.mjs", server.address().toString())))
          .hasSize(14);
    }
  }

  @Test
  void langChain4jAndSpringAi() throws Exception {
    Path place = Files.createDirectories(INSTALLED.resolve("java"));
    Path classpath = place.resolve("classpath.txt");
    if (!Files.exists(classpath)) {
      Programs.requireProgram("mvn");
      Files.copy(
          SCRIPTS.resolve("pom.xml"),
          place.resolve("pom.xml"),
          StandardCopyOption.REPLACE_EXISTING);
      Programs.install(
          place,
          "mvn",
          "-q",
          "-B",
          "org.apache.maven.plugins:maven-dependency-plugin:3.9.0:build-classpath",
          "-Dmdep.outputFile=" + classpath);
    }
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    try (ModelServer server = tiny()) {
      for (String client : List.of("LangChain4jClient", "SpringAiClient")) {
        assertThat(
                held(
                    Programs.run(
                        place,
                        java,
                        "-cp",
                        Files.readString(classpath).strip(),
                        SCRIPTS.resolve(client + ".java").toString(),
                        server.address().toString(),
                        "tiny")))
            .as(client)
            .hasSizeGreaterThan(5);
      }
    }
  }

  private ModelServer tiny() throws InterruptedException {
    ModelServer server =
        TinyModel.serve(folder.resolve("tiny"), ServeOptions.DEFAULT.withPort(0), List.of());
    server.awaitReady();
    return server;
  }

  private static Stream<String> held(String said) {
    return said.lines().filter(line -> line.startsWith("ok "));
  }
}
