package dev.slipway.platform.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Programs that tests run beside the service. */
final class Programs {
  private Programs() {}

  static void requireProgram(String name) {
    boolean found =
        Stream.concat(
                Stream.of(""),
                Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)))
            .anyMatch(place -> Files.isExecutable(Path.of(place, name)));
    assumeTrue(found, "skipped: there is no " + name + " on the PATH");
  }

  /** Skips the test where nothing can be installed, as without a network. */
  static void install(Path place, String... command) throws IOException, InterruptedException {
    Result result = program(place, 300, command);
    assumeTrue(
        result.status == 0,
        String.format(
            Locale.ROOT,
            "skipped: %s could not install a client, as where there is no network: %s",
            command[0],
            result.said.lines().filter(line -> !line.isBlank()).findFirst().orElse("")));
  }

  /**
   * A Python of its own with what a file of requirements names, from PyPI; one that was made before
   * is taken again while the file is the same. Skips the test where it can't be had.
   *
   * @param name of its folder
   */
  static Path python(String name, Path requirements) throws IOException, InterruptedException {
    Path place =
        Files.createDirectories(Path.of("target/clients", name).toAbsolutePath().normalize());
    Path done = place.resolve("requirements.txt");
    String wanted = Files.readString(requirements);
    if (!Files.exists(done) || !Files.readString(done).equals(wanted)) {
      String python = System.getenv().getOrDefault("SLIPWAY_PYTHON", "python3");
      if (python.equals("python3")) {
        requireProgram(python);
      }
      install(place, python, "-m", "venv", ".");
      install(
          place,
          place.resolve("bin/pip").toString(),
          "install",
          "--quiet",
          "-r",
          requirements.toAbsolutePath().toString());
      Files.writeString(done, wanted);
    }
    return place;
  }

  /** What it said, once it ended well. */
  static String run(Path place, String... command) throws IOException, InterruptedException {
    Result result = program(place, 120, command);
    assertThat(result.status).as(result.said).isZero();
    return result.said;
  }

  private record Result(int status, String said) {}

  private static Result program(Path place, int seconds, String... command)
      throws IOException, InterruptedException {
    Path said = Files.createTempFile("client", ".txt");
    try {
      Process process =
          new ProcessBuilder(command)
              .directory(place.toFile())
              .redirectErrorStream(true)
              .redirectOutput(said.toFile())
              .start();
      process.getOutputStream().close();
      if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().waitFor();
        return new Result(-1, "no end within " + seconds + " s: " + Files.readString(said));
      }
      return new Result(
          process.exitValue(), new String(Files.readAllBytes(said), StandardCharsets.UTF_8));
    } finally {
      Files.delete(said);
    }
  }
}
