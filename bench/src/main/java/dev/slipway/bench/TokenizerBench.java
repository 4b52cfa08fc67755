package dev.slipway.bench;

import dev.slipway.base.Hashing;
import dev.slipway.base.Json;
import dev.slipway.tokenizer.BpeConfig;
import dev.slipway.tokenizer.BpeTokenizer;
import dev.slipway.tokenizer.BpeTrainer;
import dev.slipway.tokenizer.Tokenizers;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import tools.jackson.databind.JsonNode;

/**
 * Trains a byte-level BPE on the JDK's own sources and encodes them, beside Hugging Face's {@code
 * tokenizers}, in turn; checks that both give the same tokenizer and the same ids.
 */
public final class TokenizerBench {
  private static final int DEFAULT_ROUNDS = 5;

  private TokenizerBench() {}

  /** Arguments: megabytes, vocabulary, rounds. */
  public static void main(String[] args) throws IOException, InterruptedException {
    int megabytes = args.length > 0 ? Integer.parseInt(args[0]) : 29;
    int vocabulary = args.length > 1 ? Integer.parseInt(args[1]) : 4096;
    int rounds = args.length > 2 ? Integer.parseInt(args[2]) : DEFAULT_ROUNDS;
    List<String> documents = javaSources(megabytes * 1_000_000L);
    long bytes = 0;
    StringBuilder lines = new StringBuilder();
    for (String document : documents) {
      bytes += document.getBytes(StandardCharsets.UTF_8).length;
      lines.append(Json.line(document)).append('\n');
    }
    Path folder = Files.createTempDirectory("slipway-bench");
    Path corpus = Files.writeString(folder.resolve("corpus.jsonl"), lines);
    double[][] ours = new double[2][rounds];
    double[][] peers = new double[3][rounds];
    String version = "";
    for (int round = 0; round < rounds; round++) {
      long began = System.nanoTime();
      BpeTokenizer tokenizer = BpeTrainer.train(documents.iterator(), BpeConfig.ofSize(vocabulary));
      ours[0][round] = secondsSince(began);
      began = System.nanoTime();
      List<int[]> ids = tokenizer.encodeBatch(documents, true);
      ours[1][round] = secondsSince(began);

      Path saved = folder.resolve("tokenizer.json");
      JsonNode peer = peer(corpus, vocabulary, saved);
      peers[0][round] = peer.path("train").asDouble();
      peers[1][round] = peer.path("encode").asDouble();
      peers[2][round] = peer.path("encode_fast").asDouble();
      version = peer.path("version").asString();
      check(
          Tokenizers.open(saved).fingerprint().equals(tokenizer.fingerprint()),
          "the two trained different tokenizers");
      check(digest(ids).equals(peer.path("ids").asString()), "the two gave different ids");
    }
    for (Path file : List.of(corpus, folder.resolve("tokenizer.json"), folder)) {
      Files.delete(file);
    }
    double size = bytes / 1e6;
    print(
        "%d Java files, %.1f MB, vocabulary %d, two threads, %d rounds in turn",
        documents.size(), size, vocabulary, rounds);
    print(
        "%s %s, %s; Java %s; %s",
        System.getProperty("os.name"),
        System.getProperty("os.arch"),
        processor(),
        Runtime.version(),
        version);
    print("the same tokenizer and the same ids in every round");
    print("%-34s %10s %12s %14s %8s", "", "Slipway", "first round", "Hugging Face", "ratio");
    report("train", size, ours[0], peers[0]);
    report("encode (peer: encode_batch)", size, ours[1], peers[1]);
    report("encode (peer: encode_batch_fast)", size, ours[1], peers[2]);
  }

  private static void report(String what, double size, double[] ours, double[] peers) {
    print(
        "%-34s %5.1f MB/s %7.1f MB/s %9.1f MB/s %8.2f",
        what,
        size / median(ours),
        size / ours[0],
        size / median(peers),
        median(peers) / median(ours));
  }

  private static void print(String format, Object... values) {
    System.out.printf(Locale.ROOT, format + "%n", values);
  }

  private static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalStateException(otherwise);
    }
  }

  private static double secondsSince(long began) {
    return (System.nanoTime() - began) / 1e9;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  static List<String> javaSources(long atMost) throws IOException {
    List<String> documents = new ArrayList<>();
    long bytes = 0;
    Path zip = Path.of(System.getProperty("java.home"), "lib", "src.zip");
    try (ZipFile sources = new ZipFile(zip.toFile())) {
      List<? extends ZipEntry> entries =
          sources.stream()
              .filter(entry -> entry.getName().matches("java\\.base/java/.*\\.java"))
              .toList();
      List<? extends ZipEntry> more =
          sources.stream()
              .filter(entry -> entry.getName().endsWith(".java"))
              .filter(entry -> !entry.getName().startsWith("java.base/java/"))
              .toList();
      for (ZipEntry entry :
          IntStream.range(0, entries.size() + more.size())
              .mapToObj(i -> i < entries.size() ? entries.get(i) : more.get(i - entries.size()))
              .toList()) {
        if (bytes + entry.getSize() > atMost) {
          break;
        }
        try (InputStream in = sources.getInputStream(entry)) {
          documents.add(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
        bytes += entry.getSize();
      }
    }
    return documents;
  }

  private static JsonNode peer(Path corpus, int vocabulary, Path saved)
      throws IOException, InterruptedException {
    String python = System.getenv().getOrDefault("PYTHON", "python3");
    Process process =
        new ProcessBuilder(
                python,
                "bench/peers/tokenizer.py",
                corpus.toString(),
                String.valueOf(vocabulary),
                saved.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    check(process.waitFor() == 0, "the peer failed");
    return Json.parse(output, "the peer's output");
  }

  private static String digest(List<int[]> idLists) {
    MessageDigest digest = Hashing.digest();
    for (int[] ids : idLists) {
      ByteBuffer buffer = ByteBuffer.allocate(4 * ids.length);
      IntStream.of(ids).forEach(buffer::putInt);
      digest.update(buffer.array());
    }
    return Hashing.hex(digest.digest());
  }

  private static String processor() throws IOException {
    Path file = Path.of("/proc/cpuinfo");
    if (!Files.isReadable(file)) {
      return "unknown processor";
    }
    return Files.readAllLines(file).stream()
        .filter(line -> line.startsWith("model name"))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst()
        .orElse("unknown processor");
  }
}
