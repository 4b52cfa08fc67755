package dev.slipway.bench;

import dev.slipway.base.Json;
import dev.slipway.tokenizer.BpeConfig;
import dev.slipway.tokenizer.BpeTrainer;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** Whole runs of the built command, and what they took in memory beside their own forecasts. */
final class WholeRuns {
  private static final int VOCABULARY = 32_000;

  /** Words of a text, as a review of IMDB has them. */
  private static final int WORDS = 230;

  private WholeRuns() {}

  /** Bytes of a run. */
  record Peak(long forecast, long actual) {}

  /** Tunes a decoder on the beginnings of Slipway's own pages. */
  static Peak ofDecoder(Path model, String method, String precision, int rows, int columns)
      throws IOException, InterruptedException {
    Path texts = Files.createDirectories(work().resolve("texts"));
    for (Path page : pages()) {
      String text = Files.readString(page);
      Files.writeString(
          texts.resolve(page.getFileName()), text.substring(0, Math.min(3000, text.length())));
    }
    Path tokenizer = model.resolve("tokenizer.json");
    if (!Files.exists(tokenizer)) {
      Files.writeString(
          tokenizer,
          BpeTrainer.train(
                  TokenizerBench.javaSources(12_000_000).iterator(), BpeConfig.ofSize(VOCABULARY))
              .json());
    }
    return run(
        model.getFileName() + "-" + method,
        """
        name: memory
        data: { source: { folder: { path: "%s" } }, split: { validation: 20%%, test: 20%% } }
        model: { pretrained: { path: "%s", context: %d } }
        tune: %s
        evaluate: [ { retention: { size: 4KB } } ]
        train:
          steps: 3
          batch: %d
          accumulate: 1
          activation-checkpointing: false
          precision: %s
          learning-rate: 1e-5
          validate: { every: 3 steps, batches: 1 }
        """
            .formatted(texts, model.toAbsolutePath(), columns, decoder(method), rows, precision));
  }

  private static String decoder(String method) {
    return switch (method) {
      case "full" -> "full";
      case "dora" -> "{ lora: { rank: 8, alpha: 16, targets: all-linear, decomposed: true } }";
      case "lora", "qlora" -> "{ " + method + ": { rank: 8, alpha: 16, targets: all-linear } }";
      default -> "{ " + method + ": { virtual-tokens: 20 } }";
    };
  }

  /** Tunes an encoder to tell two kinds of texts apart, 30 steps of 32. */
  static Peak ofEncoder(String model, String method, String precision, int records)
      throws IOException, InterruptedException {
    Path file = work().resolve("records-" + records + ".jsonl");
    if (!Files.exists(file)) {
      write(file, records);
    }
    return run(
        "encoder-" + method + "-" + precision + "-" + records,
        """
        name: memory
        seed: 1
        data:
          source: { records: { path: "%s" } }
          inputs: [ { tokens: { field: text, length: 128, keep: ends } } ]
          split: { validation: 4%%, test: 4%% }
        task: { binary: label }
        model: { pretrained: "%s" }
        tune: %s
        train:
          steps: 30
          batch: 32
          precision: %s
          learning-rate: 1e-4
          validate: { every: 30 steps, batches: 10 }
        evaluate: [ metrics ]
        """
            .formatted(file, model, encoder(method), precision));
  }

  private static String encoder(String method) {
    return switch (method) {
      case "full" -> "full";
      case "lora" -> "{ lora: { rank: 8, alpha: 16 } }";
      case "pfeiffer" -> "{ pfeiffer: { size: 48 } }";
      case "frozen" -> "{ full: { freeze: [ \"bert.embeddings.*\", \"bert.encoder.*\" ] } }";
      default -> throw new IllegalArgumentException("no method is named " + method);
    };
  }

  /** Words of Slipway's pages, drawn anew for each record. */
  private static void write(Path file, int records) throws IOException {
    List<String> words = new ArrayList<>();
    for (Path page : pages()) {
      words.addAll(List.of(Files.readString(page).split("[^A-Za-z]+")));
    }
    SplittableRandom random = new SplittableRandom(1);
    try (BufferedWriter out = Files.newBufferedWriter(file)) {
      for (int i = 0; i < records; i++) {
        StringBuilder text = new StringBuilder();
        int count = WORDS / 2 + random.nextInt(WORDS);
        for (int w = 0; w < count; w++) {
          text.append(words.get(random.nextInt(words.size()))).append(' ');
        }
        out.write(Json.line(Map.of("text", text.toString(), "label", i % 2 == 0 ? "even" : "odd")));
        out.write('\n');
      }
    }
  }

  private static Path work() throws IOException {
    return Files.createDirectories(Path.of("target/tune-memory").toAbsolutePath());
  }

  private static List<Path> pages() throws IOException {
    try (Stream<Path> pages = Files.list(Path.of("docs"))) {
      return pages.filter(page -> page.toString().endsWith(".md")).sorted().toList();
    }
  }

  private static Peak run(String name, String recipe) throws IOException, InterruptedException {
    Path file = Files.writeString(work().resolve("recipe.yaml"), recipe);
    Path run = work().resolve(name);
    if (Files.exists(run)) {
      try (Stream<Path> files = Files.walk(run)) {
        for (Path each : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(each);
        }
      }
    }
    Process process =
        new ProcessBuilder("./slipway", "run", file.toString(), "--out", run.toString())
            .redirectErrorStream(true)
            .start();
    String told = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(told);
    }
    JsonNode memory = Json.read(run.resolve("forecast.json")).path("memory");
    return new Peak(
        memory.properties().stream().mapToLong(part -> part.getValue().asLong()).sum(),
        Json.read(run.resolve("actual.json")).path("peakMemory").asLong());
  }
}
