package dev.slipway.bench;

import dev.slipway.base.Json;
import dev.slipway.eval.metric.classification.BinaryScores;
import dev.slipway.eval.metric.classification.ClassCounts;
import dev.slipway.eval.metric.classification.Probabilities;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;
import tools.jackson.databind.JsonNode;

/**
 * Metrics of two classes on the same rows beside scikit-learn, in turn; checks that both give the
 * same numbers. The scores have all 53 bits, so that hardly two are equal.
 */
public final class MetricsBench {
  private static final int PEER_REPEATS = 2;

  private MetricsBench() {}

  /** Arguments: rows, rounds. */
  public static void main(String[] args) throws IOException, InterruptedException {
    int rows = args.length > 0 ? Integer.parseInt(args[0]) : 10_000_000;
    int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 3;
    int[] truth = new int[rows];
    int[] predicted = new int[rows];
    double[] scores = new double[rows];
    SplittableRandom random = new SplittableRandom(1);
    for (int row = 0; row < rows; row++) {
      truth[row] = random.nextDouble() < 0.4 ? 1 : 0;
      // Calibrated nowhere and overlapping everywhere, within (0, 1).
      scores[row] = (0.3 * truth[row] + random.nextDouble()) / 1.3;
      predicted[row] = scores[row] >= 0.5 ? 1 : 0;
    }
    Path folder = Files.createTempDirectory("slipway-bench");
    Path truthFile = folder.resolve("truth.bin");
    Path scoresFile = folder.resolve("scores.bin");
    write(truthFile, scoresFile, truth, scores);

    List<Timed> metrics =
        List.of(
            new Timed("roc-auc", () -> BinaryScores.of(truth, scores).rocAuc().orNaN()),
            new Timed(
                "average-precision",
                () -> BinaryScores.of(truth, scores).averagePrecision().orNaN()),
            new Timed("f1", () -> ClassCounts.of(truth, predicted, 2).f1(1)),
            new Timed("log-loss", () -> Probabilities.logLoss(truth, scores)));
    String version = "";
    try {
      for (int round = 0; round < rounds; round++) {
        metrics.forEach(Timed::measure);
        JsonNode peer = peer(truthFile, scoresFile);
        version = peer.path("version").asString();
        metrics.forEach(timed -> timed.compare(peer.path(timed.name)));
      }
    } finally {
      for (Path file : List.of(truthFile, scoresFile, folder)) {
        Files.delete(file);
      }
    }
    print("%,d rows, two threads, %d rounds in turn", rows, rounds);
    print("%s; Java %s; %s", processor(), Runtime.version(), version);
    print("the same numbers to 1e-9 in every round");
    print(
        "%-20s %10s %12s %14s %8s %14s",
        "", "Slipway", "first call", "scikit-learn", "ratio", "with the first");
    for (Timed timed : metrics) {
      double own = median(timed.ours);
      double other = median(timed.peers);
      double first = timed.ours.getFirst();
      print(
          "%-20s %8.3f s %10.3f s %12.3f s %8.1f %14.1f",
          timed.name, own, first, other, other / own, other / first);
    }
  }

  /** A metric with the seconds of every call, ours and the peer's. */
  private static final class Timed {
    private final String name;
    private final DoubleSupplier metric;
    private final List<Double> ours = new ArrayList<>();
    private final List<Double> peers = new ArrayList<>();
    private double value;

    Timed(String name, DoubleSupplier metric) {
      this.name = name;
      this.metric = metric;
    }

    void measure() {
      for (int repeat = 0; repeat < PEER_REPEATS; repeat++) {
        long began = System.nanoTime();
        value = metric.getAsDouble();
        ours.add((System.nanoTime() - began) / 1e9);
      }
    }

    void compare(JsonNode peer) {
      double expected = peer.path("value").asDouble();
      if (!(Math.abs(value - expected) <= 1e-9)) {
        throw new IllegalStateException(name + " is " + value + " and " + expected);
      }
      peer.path("seconds").forEach(seconds -> peers.add(seconds.asDouble()));
    }
  }

  private static void write(Path truthFile, Path scoresFile, int[] truth, double[] scores)
      throws IOException {
    int block = 1 << 16;
    try (OutputStream out = Files.newOutputStream(truthFile);
        OutputStream numbers = Files.newOutputStream(scoresFile)) {
      for (int from = 0; from < truth.length; from += block) {
        int to = Math.min(truth.length, from + block);
        byte[] bytes = new byte[to - from];
        ByteBuffer doubles = ByteBuffer.allocate(8 * (to - from)).order(ByteOrder.LITTLE_ENDIAN);
        for (int row = from; row < to; row++) {
          bytes[row - from] = (byte) truth[row];
          doubles.putDouble(scores[row]);
        }
        out.write(bytes);
        numbers.write(doubles.array());
      }
    }
  }

  private static JsonNode peer(Path truth, Path scores) throws IOException, InterruptedException {
    String python = System.getenv().getOrDefault("PYTHON", "python3");
    Process process =
        new ProcessBuilder(
                python,
                "bench/peers/metrics.py",
                truth.toString(),
                scores.toString(),
                Integer.toString(PEER_REPEATS))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String output;
    try (InputStream in = process.getInputStream()) {
      output = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    if (process.waitFor() != 0) {
      throw new IllegalStateException("the peer failed; is PYTHON one with its requirements?");
    }
    return Json.parse(output, "the peer's output");
  }

  private static String processor() throws IOException {
    Path info = Path.of("/proc/cpuinfo");
    if (!Files.exists(info)) {
      return System.getProperty("os.arch");
    }
    return Files.readAllLines(info).stream()
        .filter(line -> line.startsWith("model name"))
        .findFirst()
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .orElse(System.getProperty("os.arch"));
  }

  private static double median(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).toArray();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  private static void print(String format, Object... values) {
    System.out.printf(Locale.ROOT, format + "%n", values);
  }
}
