package dev.slipway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.base.Json;
import dev.slipway.cli.process.Shutdown;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import tools.jackson.databind.JsonNode;

/** Runs command lines, in this process or in one of their own, and keeps what they print. */
final class Cli {
  /** The launcher's flags, with less memory. */
  private static final List<String> FLAGS =
      List.of(
          "--add-modules=jdk.incubator.vector",
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow",
          "-Dorg.bytedeco.openblas.load=mkl",
          "-XX:+UseSerialGC",
          "-Xmx1g");

  private static final long PATIENCE_SECONDS = 120;

  static {
    // No main method tells the waiting hook of this process that the work has ended.
    Shutdown.finish(0);
    System.setProperty("slipway.root", root().toString());
  }

  private Cli() {}

  /** What a command line came to. */
  record Result(int status, String out, String err) {
    /** The one JSON document on standard output. */
    JsonNode json() {
      return Json.parse(out, "standard output");
    }

    /** Asserts on a problem that a person can mend: its exit status, its code, its one line. */
    Result fails(int status, String code, String... parts) {
      assertThat(this.status).as(err).isEqualTo(status);
      List<String> lines =
          err.lines()
              .map(line -> line.replace("\u001b[2K", ""))
              .filter(line -> line.startsWith("error["))
              .toList();
      assertThat(lines).as(err).hasSize(1);
      assertThat(lines.getFirst()).startsWith("error[" + code + "]: ").contains("; ");
      assertThat(List.of(parts)).allSatisfy(part -> assertThat(err).contains(part));
      assertThat(err).doesNotContain("\tat ");
      return this;
    }

    Result succeeds() {
      assertThat(status).as(err).isZero();
      assertThat(err).doesNotContain("error[", "\tat ", "SLF4J", "WARNING");
      return this;
    }
  }

  /** In this process. */
  static synchronized Result run(Object... arguments) {
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
    ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
    try {
      System.setOut(new PrintStream(outBytes, true, StandardCharsets.UTF_8));
      System.setErr(new PrintStream(errBytes, true, StandardCharsets.UTF_8));
      int status = Slipway.run(strings(arguments).toArray(String[]::new));
      return new Result(
          status,
          outBytes.toString(StandardCharsets.UTF_8),
          errBytes.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }

  /** A command in a process of its own; what it prints goes to files. */
  record Child(Process process, Path out, Path err) {
    /** Waits until something holds that this process does. */
    Child await(BooleanSupplier condition) {
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
      while (!condition.getAsBoolean()) {
        assertThat(process.isAlive()).as("ended too early: %s", text(err)).isTrue();
        assertThat(System.nanoTime()).as(text(err)).isLessThan(end);
        pause();
      }
      return this;
    }

    /** Waits until standard error has a text. */
    Child awaitErr(String part) {
      return await(() -> text(err).contains(part));
    }

    /** Ctrl-C; SIGTERM where this process's parent made children deaf to SIGINT. */
    Child interrupt() {
      try {
        String signal = ignoresSigint() ? "-TERM" : "-INT";
        Process kill = new ProcessBuilder("kill", signal, Long.toString(process.pid())).start();
        assertThat(kill.waitFor()).isZero();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      return this;
    }

    Child kill() {
      process.destroyForcibly();
      return this;
    }

    Result result() {
      try {
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).as(text(err)).isTrue();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      } finally {
        process.destroyForcibly();
      }
      // The launcher filters the one line that the JVM itself prints about the Vector API.
      String errors =
          text(err).replace("WARNING: Using incubator modules: jdk.incubator.vector\n", "");
      return new Result(process.exitValue(), text(out), errors);
    }
  }

  /** Starts a command as a process of its own. */
  static Child start(List<String> flags, Map<String, String> environment, Object... arguments) {
    return start(System.getProperty("java.class.path"), flags, environment, arguments);
  }

  static Child start(
      String classPath, List<String> flags, Map<String, String> environment, Object... arguments) {
    try {
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(FLAGS);
      command.addAll(flags);
      command.addAll(List.of("-Dslipway.root=" + root(), "-cp", classPath));
      command.add("dev.slipway.cli.Slipway");
      command.addAll(strings(arguments));
      Path folder = Files.createDirectories(Path.of("target", "children"));
      Path out = Files.createTempFile(folder, "out", ".txt");
      Path err = Files.createTempFile(folder, "err", ".txt");
      ProcessBuilder builder =
          new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
      builder.environment().putAll(environment);
      Child child = new Child(builder.start(), out, err);
      child.process().getOutputStream().close();
      return child;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Child start(Object... arguments) {
    return start(List.of(), Map.of(), arguments);
  }

  /** The repository's root, from the module's folder that tests run in. */
  static Path root() {
    return Path.of("..").toAbsolutePath().normalize();
  }

  private static List<String> strings(Object... arguments) {
    List<String> strings = new ArrayList<>();
    for (Object argument : arguments) {
      strings.add(argument.toString());
    }
    return strings;
  }

  static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean ignoresSigint() throws IOException {
    Path status = Path.of("/proc/self/status");
    return Files.exists(status)
        && Files.readAllLines(status).stream()
            .filter(line -> line.startsWith("SigIgn:"))
            .anyMatch(line -> (Long.parseUnsignedLong(line.substring(7).strip(), 16) & 2) != 0);
  }

  private static void pause() {
    try {
      Thread.sleep(5);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
