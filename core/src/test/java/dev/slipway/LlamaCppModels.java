package dev.slipway;

import static org.junit.jupiter.api.Assumptions.abort;

import dev.slipway.base.AtomicFiles;
import dev.slipway.data.archive.CacheFolder;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The folder {@code models} of llama.cpp, as it comes with llama-cpp-python's source package:
 * vocabularies and chat templates of real models. Kept in the user's cache; fetched by Python's
 * {@code pip} where it isn't there.
 */
public final class LlamaCppModels {
  private static final String VERSION = "0.3.36";
  private static final String INSIDE = "llama_cpp_python-" + VERSION + "/vendor/llama.cpp/models";

  private LlamaCppModels() {}

  /** The folder; where there is none, the test is left out. */
  public static synchronized Path folder() throws IOException, InterruptedException {
    Path folder = CacheFolder.usual().path().resolve("tests").resolve("llama-cpp-" + VERSION);
    if (!Files.isDirectory(folder)) {
      fetch(folder);
    }
    return folder;
  }

  private static void fetch(Path folder) throws IOException, InterruptedException {
    Path download = Files.createTempDirectory("llama-cpp");
    try {
      run(
          List.of(
              "python3",
              "-m",
              "pip",
              "download",
              "--quiet",
              "--no-binary",
              "llama-cpp-python",
              "--no-deps",
              "--dest",
              download.toString(),
              "llama-cpp-python==" + VERSION));
      Path archive;
      try (Stream<Path> files = Files.list(download)) {
        archive = files.findFirst().orElseThrow();
      }
      run(List.of("tar", "-xzf", archive.toString(), "-C", download.toString(), INSIDE));
      AtomicFiles.writeFolder(
          folder,
          partial -> {
            copy(download.resolve(INSIDE), partial);
            Files.createDirectory(partial.resolve("templates"));
            copy(download.resolve(INSIDE).resolve("templates"), partial.resolve("templates"));
          });
    } finally {
      AtomicFiles.delete(download);
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
  }

  private static void run(List<String> command) throws InterruptedException {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      try (InputStream output = process.getInputStream()) {
        output.transferTo(OutputStream.nullOutputStream());
      }
      if (process.waitFor(5, TimeUnit.MINUTES) && process.exitValue() == 0) {
        return;
      }
      process.destroy();
    } catch (IOException e) {
      abort("llama-cpp-python's source package can't be fetched: " + e.getMessage());
    }
    abort("llama-cpp-python's source package can't be fetched: " + command.getFirst() + " failed");
  }
}
