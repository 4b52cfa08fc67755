package dev.slipway.bench;

import dev.slipway.base.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A server in a process of its own, as its users start it. */
final class SlipwayServer implements AutoCloseable {
  private final Process process;
  private final URI address;

  private SlipwayServer(Process process, URI address) {
    this.process = process;
    this.address = address;
  }

  static SlipwayServer start(Path folder, List<String> options) throws IOException {
    List<String> command =
        new ArrayList<>(List.of("./slipway", "serve", folder.toString(), "--port", "0", "--json"));
    command.addAll(options);
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
    String line = out.readLine();
    if (line == null) {
      throw new IOException(String.join(" ", command) + " did not start");
    }
    return new SlipwayServer(
        process, URI.create(Json.parse(line, "the server's output").path("address").asString()));
  }

  URI address() {
    return address;
  }

  /** Of the launcher and the Java that it started. */
  List<Long> pids() {
    return Stream.concat(Stream.of(process.toHandle()), process.descendants())
        .map(ProcessHandle::pid)
        .toList();
  }

  /** Has it read its models anew. */
  void hangUp() throws IOException, InterruptedException {
    for (long pid : pids()) {
      // Not the launcher's shell, which would end by it.
      if (Files.readString(Path.of("/proc/" + pid + "/comm")).startsWith("java")) {
        new ProcessBuilder("kill", "-HUP", Long.toString(pid)).start().waitFor();
      }
    }
  }

  /** Resident memory of all of it. */
  long residentMegabytes() throws IOException {
    long megabytes = 0;
    for (long pid : pids()) {
      for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
        if (line.startsWith("VmRSS:")) {
          megabytes += Long.parseLong(line.replaceAll("\\D", "")) / 1024;
        }
      }
    }
    return megabytes;
  }

  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroy);
    process.destroy();
    try {
      if (!process.waitFor(20, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
