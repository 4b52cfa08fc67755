package dev.slipway.bench;

import dev.slipway.base.Json;
import dev.slipway.data.archive.FileTree;
import dev.slipway.data.augment.EncodedPictures;
import dev.slipway.data.augment.Fill;
import dev.slipway.data.augment.PictureStep;
import dev.slipway.data.example.Draw;
import dev.slipway.data.example.ExampleSet;
import dev.slipway.data.example.Values;
import dev.slipway.data.media.GivenSplits;
import dev.slipway.data.media.MediaFolder;
import dev.slipway.data.picture.PictureSettings;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * Feeds JPEG files as augmented batches, beside torchvision with two workers, an epoch each in
 * turn.
 */
public final class PicturesBench {
  private static final int BATCH = 64;
  private static final int SIDE = 150;
  private static final int AHEAD = 4;

  private static final List<PictureStep> STEPS =
      List.of(
          new PictureStep.ResizedCrop(0.08, 1, 4.0 / 3),
          new PictureStep.Flip(true, false, 0.5),
          new PictureStep.Rotate(15, Fill.BLACK),
          new PictureStep.Colour(0.2, 0.2, 0.2, 0));

  private PicturesBench() {}

  /** Arguments: how many pictures, rounds, folder. */
  public static void main(String[] args)
      throws IOException, InterruptedException, ExecutionException {
    int count = args.length > 0 ? Integer.parseInt(args[0]) : 2000;
    int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 5;
    Path made = Files.createTempDirectory("slipway-bench");
    Path folder = args.length > 2 ? Path.of(args[2]) : made;
    try {
      if (args.length <= 2) {
        Process maker = peer("make", folder.toString(), String.valueOf(count)).start();
        check(maker.waitFor() == 0, "the peer made no pictures");
      }
      measure(folder, rounds);
    } finally {
      try (Stream<Path> files = Files.walk(made)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  private static void measure(Path folder, int rounds)
      throws IOException, InterruptedException, ExecutionException {
    long began = System.nanoTime();
    try (ExampleSet examples =
            MediaFolder.pictures(
                FileTree.open(folder), List.of(), List.of(), GivenSplits.BY_FOLDER);
        ExecutorService threads =
            Executors.newFixedThreadPool(2, Thread.ofPlatform().daemon().factory())) {
      double opened = (System.nanoTime() - began) / 1e9;
      EncodedPictures plain = encoded(examples, 0);
      EncodedPictures cached = encoded(examples, 1L << 30);
      Process process = peer("feed", folder.toString()).start();
      String version = "";
      List<double[]> rates = new ArrayList<>();
      try (PrintStream to =
              new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
          BufferedReader from = process.inputReader(StandardCharsets.UTF_8)) {
        // The first round of each warms files, workers and compilers.
        for (int round = 0; round <= rounds; round++) {
          double[] row = new double[4];
          row[0] = epoch(plain, examples.size(), round, threads);
          row[1] = epoch(cached, examples.size(), round, threads);
          for (int kind = 2; kind < 4; kind++) {
            to.println((kind == 2 ? "pil " : "tensor ") + BATCH);
            JsonNode answer = Json.parse(from.readLine(), "the peer's output");
            check(
                answer.path("pictures").asInt() == examples.size(), "the peer fed other pictures");
            row[kind] = examples.size() / answer.path("seconds").asDouble();
            version = answer.path("version").asString();
          }
          rates.add(row);
        }
      }
      check(process.waitFor() == 0, "the peer failed");
      print(
          "%,d pictures, %d × %d, batches of %d, two threads or workers; %s; Java %s",
          examples.size(), SIDE, SIDE, BATCH, version, Runtime.version());
      print("opened and checked in %.2f s", opened);
      double best = Math.max(median(rates, 2), median(rates, 3));
      String[] names = {
        "Slipway", "Slipway, decoded in memory", "torchvision on PIL", "torchvision on tensors"
      };
      for (int i = 0; i < names.length; i++) {
        print(
            "%-28s %7.0f pictures/s %6.2f of the faster torchvision",
            names[i], median(rates, i), median(rates, i) / best);
      }
    }
  }

  private static EncodedPictures encoded(ExampleSet examples, long cache) {
    return new EncodedPictures(
        examples, "picture", "picture", PictureSettings.of(SIDE, SIDE, 3), STEPS, cache);
  }

  /** Pictures a second. */
  private static double epoch(
      EncodedPictures pictures, int size, int epoch, ExecutorService threads)
      throws InterruptedException, ExecutionException {
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      order.add(i);
    }
    Collections.shuffle(order, new Random(epoch));
    long began = System.nanoTime();
    ArrayDeque<Future<Values>> ahead = new ArrayDeque<>();
    double sum = 0;
    int next = 0;
    while (next < size || !ahead.isEmpty()) {
      while (next < size && ahead.size() < AHEAD) {
        int[] rows =
            order.subList(next, Math.min(size, next + BATCH)).stream()
                .mapToInt(Integer::intValue)
                .toArray();
        Draw[] draws =
            Arrays.stream(rows).mapToObj(row -> new Draw(1, epoch, row)).toArray(Draw[]::new);
        ahead.add(threads.submit(() -> pictures.gather(rows, draws)));
        next += rows.length;
      }
      sum += ((Values.Floats) ahead.remove().get()).values()[0];
    }
    double seconds = (System.nanoTime() - began) / 1e9;
    check(Double.isFinite(sum), "a picture is no number");
    return size / seconds;
  }

  private static ProcessBuilder peer(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(System.getenv().getOrDefault("PYTHON", "python3"));
    command.add("bench/peers/pictures.py");
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
  }

  private static double median(List<double[]> rates, int column) {
    double[] sorted = rates.stream().skip(1).mapToDouble(row -> row[column]).sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  private static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalStateException(otherwise);
    }
  }

  private static void print(String format, Object... values) {
    System.out.printf(Locale.ROOT, format + "%n", values);
  }
}
