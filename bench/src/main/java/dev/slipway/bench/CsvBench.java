package dev.slipway.bench;

import dev.slipway.base.Json;
import dev.slipway.data.example.Encoded;
import dev.slipway.data.example.ExampleBatch;
import dev.slipway.data.example.ExampleBatches;
import dev.slipway.data.example.Values;
import dev.slipway.data.feature.Augmented;
import dev.slipway.data.feature.Feature;
import dev.slipway.data.feature.FeatureConfig;
import dev.slipway.data.table.CsvConfig;
import dev.slipway.data.table.CsvReader;
import dev.slipway.data.table.TableExamples;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/**
 * Reads a CSV, fills and scales its numbers, gives its categories ids, and takes one epoch of
 * shuffled batches, beside pandas and PyTorch's DataLoader, in turn. Both must come to the same
 * columns.
 */
public final class CsvBench {
  private static final List<String> NUMBERS =
      List.of("n1", "n2", "n3", "n4", "n5", "n6", "n7", "n8");
  private static final List<String> CATEGORIES = List.of("c1", "c2", "c3", "c4");

  private CsvBench() {}

  private record Ours(double read, double prepared, double seconds, double square, int ids) {}

  /** Arguments: rows, rounds, rows of a batch. */
  public static void main(String[] args) throws IOException, InterruptedException {
    int rows = args.length > 0 ? Integer.parseInt(args[0]) : 5_000_000;
    int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 3;
    int batch = args.length > 2 ? Integer.parseInt(args[2]) : 1024;
    Path folder = Files.createTempDirectory("slipway-bench");
    Path file = folder.resolve("rows.csv");
    try {
      generate(file, rows);
      double megabytes = Files.size(file) / 1e6;
      double[][] ours = new double[3][rounds];
      double[][] peers = new double[4][rounds];
      String version = "";
      for (int round = 0; round < rounds; round++) {
        Ours own = run(file, rows, batch);
        JsonNode peer = peer(file, batch);
        check(peer.path("rows").asInt() == rows, "the peer saw other rows");
        check(
            Math.abs(own.square - peer.path("square").asDouble()) < 1e-4 * own.square,
            "the numbers differ");
        check(own.ids == peer.path("ids").asInt(), "the categories differ");
        ours[0][round] = own.read;
        ours[1][round] = own.prepared;
        ours[2][round] = own.seconds;
        peers[0][round] = peer.path("read").asDouble();
        peers[1][round] = peer.path("prepared").asDouble();
        peers[2][round] = peer.path("seconds").asDouble();
        peers[3][round] = peer.path("seconds_by_row").asDouble();
        version = peer.path("version").asString();
      }
      print(
          "%,d rows of 8 numbers and 4 categories, %.0f MB, batches of %d, %d rounds in turn",
          rows, megabytes, batch, rounds);
      print("Java %s; %s; the same numbers and ids in every round", Runtime.version(), version);
      print("%-44s %10s %10s %8s", "seconds until", "Slipway", "peer", "ratio");
      report("the file is read", rows, ours[0], peers[0]);
      report("its columns are filled, scaled and numbered", rows, ours[1], peers[1]);
      report("an epoch of batches (peer: BatchSampler)", rows, ours[2], peers[2]);
      report("the same (peer: TensorDataset, by row)", rows, ours[2], peers[3]);
    } finally {
      Files.deleteIfExists(file);
      Files.delete(folder);
    }
  }

  private static Ours run(Path file, int rows, int batch) {
    long began = System.nanoTime();
    TableExamples examples = TableExamples.of(CsvReader.read(file, CsvConfig.usual()));
    double read = secondsSince(began);
    int[] all = IntStream.range(0, examples.size()).toArray();
    Feature numbers = FeatureConfig.Numbers.of(NUMBERS).fit(examples, all);
    Feature categories = FeatureConfig.Categories.of(CATEGORIES).fit(examples, all);
    SequencedMap<String, Encoded> inputs = new LinkedHashMap<>();
    inputs.put(numbers.name(), numbers.encode(examples, Augmented.NOT));
    inputs.put(categories.name(), categories.encode(examples, Augmented.NOT));
    double prepared = secondsSince(began);
    ExampleBatches batches =
        ExampleBatches.shuffled(
            new ExampleBatches.EncodedExamples(examples, inputs, new LinkedHashMap<>()),
            all,
            batch,
            1);
    long seen = 0;
    double total = 0;
    for (long i = 0; i < batches.batchesPerEpoch(); i++) {
      ExampleBatch one = batches.batch(i);
      seen += one.rows();
      if (one.inputs().get(numbers.name()) instanceof Values.Floats(float[] values, long[] _)) {
        total += values[0];
      }
    }
    double seconds = secondsSince(began);
    check(seen == rows && Double.isFinite(total), "rows are missing");
    double square = 0;
    int[] largest = new int[CATEGORIES.size()];
    for (int from = 0; from < all.length; from += 100_000) {
      int[] part = Arrays.copyOfRange(all, from, Math.min(all.length, from + 100_000));
      if (inputs.get(numbers.name()).gather(part, null)
          instanceof Values.Floats(float[] values, long[] _)) {
        for (float value : values) {
          square += (double) value * value;
        }
      }
      if (inputs.get(categories.name()).gather(part, null)
          instanceof Values.Ids(int[] ids, long[] _, int[] _)) {
        for (int i = 0; i < ids.length; i++) {
          int column = i % largest.length;
          largest[column] = Math.max(largest[column], ids[i]);
        }
      }
    }
    return new Ours(read, prepared, seconds, square, Arrays.stream(largest).sum());
  }

  private static void generate(Path file, int rows) throws IOException {
    SplittableRandom random = new SplittableRandom(11);
    int[] levels = {5, 40, 300, 2000};
    try (BufferedWriter out = Files.newBufferedWriter(file, StandardCharsets.UTF_8)) {
      out.write(String.join(",", NUMBERS) + "," + String.join(",", CATEGORIES) + "\n");
      StringBuilder row = new StringBuilder();
      for (int i = 0; i < rows; i++) {
        row.setLength(0);
        for (int n = 0; n < NUMBERS.size(); n++) {
          if (random.nextInt(20) > 0) {
            if (n % 2 == 0) {
              row.append(random.nextInt(100_000));
            } else {
              long thousandths = (long) (random.nextGaussian() * 50_000);
              row.append(thousandths / 1000.0);
            }
          }
          row.append(',');
        }
        for (int c = 0; c < levels.length; c++) {
          row.append("level-").append(random.nextInt(levels[c])).append(c == 3 ? '\n' : ',');
        }
        out.append(row);
      }
    }
  }

  private static JsonNode peer(Path file, int batch) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                System.getenv().getOrDefault("PYTHON", "python3"),
                "bench/peers/tables.py",
                file.toString(),
                String.valueOf(batch))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    check(process.waitFor() == 0, "the peer failed");
    return Json.parse(output, "the peer's output");
  }

  private static void report(String what, int rows, double[] ours, double[] peers) {
    double own = median(ours);
    double other = median(peers);
    print("%-44s %8.2f s %8.2f s %8.2f", what, own, other, other / own);
    print("%-44s %,10.0f %,10.0f", "  rows a second", rows / own, rows / other);
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
    return sorted[sorted.length / 2];
  }
}
