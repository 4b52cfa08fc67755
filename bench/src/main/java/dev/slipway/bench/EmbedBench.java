package dev.slipway.bench;

import dev.slipway.infer.Embedder;
import dev.slipway.tensor.Engine;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * Sentence embeddings a second, from texts to vectors, beside sentence-transformers on the same
 * machine in the same minutes: both are warm and take all sentences in turn; the median of the
 * pairs' ratios counts.
 *
 * <p>Arguments: {@code MODEL}, then any of {@code sentences=2000 rounds=7 batch=32 text=FILE}. The
 * Python is {@code $PYTHON}.
 */
public final class EmbedBench {
  private EmbedBench() {}

  public static void main(String[] args) throws IOException {
    Map<String, String> given = TaskTraining.arguments(Arrays.copyOfRange(args, 1, args.length));
    int count = Integer.parseInt(given.getOrDefault("sentences", "2000"));
    int rounds = Integer.parseInt(given.getOrDefault("rounds", "7"));
    String batch = given.getOrDefault("batch", "32");
    Path work = Files.createTempDirectory("slipway-embed");
    try {
      Path text =
          given.containsKey("text")
              ? Path.of(given.get("text"))
              : sentences(count, work.resolve("sentences.txt"));
      compare(Path.of(args[0]), text, work.resolve("vectors.bin"), batch, rounds);
    } finally {
      Files.deleteIfExists(work.resolve("sentences.txt"));
      Files.deleteIfExists(work.resolve("vectors.bin"));
      Files.delete(work);
    }
  }

  private static Path sentences(int count, Path target) throws IOException {
    String data = Objects.requireNonNull(System.getenv("SLIPWAY_DATASETS"), "SLIPWAY_DATASETS");
    Process process =
        python(
            "--sentences", data + "/aclImdb_v1.tar.gz", String.valueOf(count), target.toString());
    try {
      if (process.waitFor() != 0) {
        throw new IOException("bench/peers/embed.py gave no sentences");
      }
    } catch (InterruptedException e) {
      process.destroy();
      throw new IOException(e);
    }
    return target;
  }

  private static Process python(String... args) throws IOException {
    String[] command = new String[args.length + 2];
    command[0] = System.getenv().getOrDefault("PYTHON", "python3");
    command[1] = "bench/peers/embed.py";
    System.arraycopy(args, 0, command, 2, args.length);
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
  }

  private static void compare(Path model, Path text, Path vectors, String batch, int rounds)
      throws IOException {
    Engine.setThreads(2);
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    List<String> texts = Files.readString(text).lines().toList();
    Process process = python(model.toString(), text.toString(), vectors.toString(), batch);
    try (Embedder embedder = Embedder.open(model);
        BufferedReader answers =
            new BufferedReader(
                new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        PrintWriter commands =
            new PrintWriter(process.getOutputStream(), true, StandardCharsets.UTF_8)) {
      if (!"ready".equals(answers.readLine())) {
        throw new IOException("bench/peers/embed.py did not start");
      }
      List<float[]> ours = embedder.embed(texts);
      for (int i = 0; i < 2; i++) {
        ours = embedder.embed(texts);
      }
      long tokens = 0;
      for (int[] ids : embedder.tokenizer().encodeBatch(texts, true)) {
        tokens += Math.min(ids.length, embedder.longest());
      }
      out.printf(
          Locale.ROOT,
          "%,d sentences, %.1f tokens each; largest difference of a value %.1e%n",
          texts.size(),
          (double) tokens / texts.size(),
          difference(ours, vectors));
      double[] ratios = new double[rounds];
      double[] speeds = new double[rounds];
      double[] theirs = new double[rounds];
      for (int round = 0; round < rounds; round++) {
        commands.println("round");
        theirs[round] = texts.size() / Double.parseDouble(answers.readLine());
        long began = System.nanoTime();
        embedder.embed(texts);
        speeds[round] = texts.size() * 1e9 / (System.nanoTime() - began);
        ratios[round] = speeds[round] / theirs[round];
      }
      commands.println("quit");
      Arrays.sort(ratios);
      out.printf(
          Locale.ROOT,
          "Slipway %.0f, sentence-transformers %.0f sentences a second (medians); ratio %.2f (%.2f to %.2f)%n",
          median(speeds),
          median(theirs),
          ratios[rounds / 2],
          ratios[0],
          ratios[rounds - 1]);
    } finally {
      process.destroy();
    }
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private static double difference(List<float[]> ours, Path vectors) throws IOException {
    ByteBuffer theirs = ByteBuffer.wrap(Files.readAllBytes(vectors)).order(ByteOrder.LITTLE_ENDIAN);
    double largest = 0;
    for (float[] vector : ours) {
      for (float value : vector) {
        largest = Math.max(largest, Math.abs(value - theirs.getFloat()));
      }
    }
    if (theirs.hasRemaining()) {
      throw new IOException("the peer gave more values than we did");
    }
    return largest;
  }
}
