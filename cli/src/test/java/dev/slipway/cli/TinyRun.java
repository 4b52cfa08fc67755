package dev.slipway.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Generated text, recipes that take seconds, and one finished run that tests share. */
final class TinyRun {
  private static final String[] WORDS =
      ("alpha beta gamma delta epsilon int for while return public static void class new this value"
              + " index list map key Straße naïve 数 İstanbul 👩‍💻")
          .split(" ");

  private static @Nullable Path finished;

  private TinyRun() {}

  /** Paragraphs of random words, some hundred bytes a line. */
  static Path text(Path file, int paragraphs) {
    SplittableRandom random = new SplittableRandom(paragraphs);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < paragraphs; i++) {
      for (int line = 0; line < 12; line++) {
        for (int word = 0; word < 14; word++) {
          text.append(WORDS[random.nextInt(WORDS.length)]).append(word == 13 ? '\n' : ' ');
        }
      }
      text.append('\n');
    }
    return write(file, text.toString());
  }

  /** A recipe of explicit sizes. */
  static Path recipe(Path folder, Path text, int steps) {
    return write(
        folder.resolve("recipe.yaml"),
        """
        name: tiny
        budget: { time: 30s }
        data:
          source: { text: { path: "%s" } }
          split: { validation: 5%%, test: 10%% }
        tokenizer: { bpe: { vocabulary: 400 } }
        model: { gpt: { size: { layers: 2, hidden: 32, heads: 2 }, context: 32 } }
        train: { steps: %d, batch: 4, validate: { every: %d steps, batches: 2 } }
        evaluate: [bits-per-byte, accuracy]
        """
            .formatted(text.toAbsolutePath(), steps, Math.max(1, steps / 2)));
  }

  /** A finished run below {@code runs/} of a folder of this module's, made once a process. */
  static synchronized Path finished() {
    Path known = finished;
    if (known == null) {
      try {
        Path folder =
            Files.createTempDirectory(
                Files.createDirectories(Path.of("target", "tiny").toAbsolutePath()), "run");
        Path run = folder.resolve("runs/tiny");
        Cli.run(
                "run",
                recipe(folder, text(folder.resolve("text.txt"), 120), 12),
                "--out",
                run,
                "--json")
            .succeeds();
        known = run;
        finished = run;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return known;
  }

  static Path write(Path file, String text) {
    return write(file, text.getBytes(StandardCharsets.UTF_8));
  }

  static Path write(Path file, byte[] bytes) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      return Files.write(file, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
