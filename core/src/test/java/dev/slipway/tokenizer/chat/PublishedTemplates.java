package dev.slipway.tokenizer.chat;

import static org.junit.jupiter.api.Assumptions.abort;

import dev.slipway.base.AtomicFiles;
import dev.slipway.data.archive.CacheFolder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The templates of real models that come with llama-cpp-python's source package, kept in the user's
 * cache; fetched by Python's {@code pip} where they aren't there.
 */
final class PublishedTemplates {
  private static final String VERSION = "0.3.36";
  private static final String INSIDE =
      "llama_cpp_python-" + VERSION + "/vendor/llama.cpp/models/templates";

  private PublishedTemplates() {}

  /** The folder; where there is none, the test is left out. */
  static Path folder() throws IOException, InterruptedException {
    Path folder = CacheFolder.usual().path().resolve("tests").resolve("chat-templates-" + VERSION);
    if (!Files.isDirectory(folder)) {
      fetch(folder);
    }
    return folder;
  }

  private static void fetch(Path folder) throws IOException, InterruptedException {
    Path download = Files.createTempDirectory("templates");
    try {
      run(
          List.of(
              "python3",
              "-m",
              "pip",
              "download",
              "--quiet",
              "--no-binary",
              ":all:",
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
            try (Stream<Path> files = Files.list(download.resolve(INSIDE))) {
              for (Path file : files.toList()) {
                Files.copy(file, partial.resolve(file.getFileName()));
              }
            }
          });
    } finally {
      AtomicFiles.delete(download);
    }
  }

  private static void run(List<String> command) throws InterruptedException {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      try (InputStream output = process.getInputStream()) {
        output.transferTo(java.io.OutputStream.nullOutputStream());
      }
      if (process.waitFor(5, TimeUnit.MINUTES) && process.exitValue() == 0) {
        return;
      }
      process.destroy();
    } catch (IOException e) {
      abort("the published chat templates can't be fetched: " + e.getMessage());
    }
    abort("the published chat templates can't be fetched: " + command.getFirst() + " failed");
  }
}
