package dev.slipway.bench;

import dev.slipway.data.archive.FileTree;
import dev.slipway.eval.measure.Metrics;
import dev.slipway.eval.metric.MetricReport;
import dev.slipway.eval.yardstick.Features;
import dev.slipway.eval.yardstick.Features.Column;
import dev.slipway.eval.yardstick.Predictions;
import dev.slipway.eval.yardstick.RatingYardsticks;
import dev.slipway.eval.yardstick.TaskYardsticks;
import dev.slipway.eval.yardstick.TextYardsticks;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;

/** Yardsticks on real data: how good they are, and how long they take. */
public final class YardstickBench {
  private static final int FOLDS = 5;

  private final Path datasets;

  private YardstickBench(Path datasets) {
    this.datasets = datasets;
  }

  /** Arguments: which data; all if none is named. */
  public static void main(String[] args) throws IOException {
    YardstickBench bench = new YardstickBench(Path.of(System.getenv("SLIPWAY_DATASETS")));
    for (String what :
        args.length == 0
            ? new String[] {"credit", "movies", "digits", "imdb", "translation"}
            : args) {
      switch (what) {
        case "credit" -> bench.credit();
        case "movies" -> bench.movies();
        case "digits" -> bench.digits();
        case "imdb" -> bench.imdb();
        case "translation" -> bench.translation();
        default -> throw new IllegalArgumentException("no such data: " + what);
      }
    }
  }

  /** Mean AUC over three shuffles of five stratified folds. */
  private void credit() throws IOException {
    List<String[]> rows =
        Files.readAllLines(datasets.resolve("german.csv"), StandardCharsets.UTF_8).stream()
            .filter(line -> !line.isBlank())
            .map(line -> line.split(","))
            .toList();
    int[] bad = rows.stream().mapToInt(row -> row[row.length - 1].equals("2") ? 1 : 0).toArray();
    Map<String, double[]> areas = new HashMap<>();
    List<String> names = new ArrayList<>();
    for (int shuffle = 0; shuffle < 3; shuffle++) {
      int[] folds = stratified(bad, shuffle);
      for (int fold = 0; fold < FOLDS; fold++) {
        int held = fold;
        int[] train = IntStream.range(0, bad.length).filter(i -> folds[i] != held).toArray();
        int[] test = IntStream.range(0, bad.length).filter(i -> folds[i] == held).toArray();
        int[] labels = Arrays.stream(train).map(i -> bad[i]).toArray();
        int[] truth = Arrays.stream(test).map(i -> bad[i]).toArray();
        for (Predictions found :
            TaskYardsticks.classification(columns(rows, train), labels, 2, columns(rows, test))
                .predictions()) {
          double[] each = areas.computeIfAbsent(found.name(), name -> new double[3]);
          if (!names.contains(found.name())) {
            names.add(found.name());
          }
          each[shuffle] += binary(truth, found).value("roc-auc") / FOLDS;
        }
      }
    }
    for (String name : names) {
      System.out.printf(
          Locale.ROOT, "credit  %-40s AUC by shuffle %s%n", name, Arrays.toString(areas.get(name)));
    }
  }

  private static int[] stratified(int[] labels, long seed) {
    List<Integer> order = new ArrayList<>(IntStream.range(0, labels.length).boxed().toList());
    Collections.shuffle(order, new Random(seed));
    int[] folds = new int[labels.length];
    int[] next = new int[2];
    for (int i : order) {
      folds[i] = next[labels[i]]++ % FOLDS;
    }
    return folds;
  }

  private static Features.Columns columns(List<String[]> rows, int[] of) {
    List<Column> columns = new ArrayList<>();
    for (int c = 0; c < rows.getFirst().length - 1; c++) {
      int column = c;
      if (rows.getFirst()[c].startsWith("A")) {
        List<String> levels = rows.stream().map(row -> row[column]).distinct().sorted().toList();
        columns.add(
            new Column.Categories(
                "c" + c,
                Arrays.stream(of).map(i -> levels.indexOf(rows.get(i)[column])).toArray()));
      } else {
        columns.add(
            new Column.Numbers(
                "c" + c,
                Arrays.stream(of)
                    .mapToDouble(i -> Double.parseDouble(rows.get(i)[column]))
                    .toArray()));
      }
    }
    return new Features.Columns(columns);
  }

  private void imdb() {
    try (FileTree tree = FileTree.open(datasets.resolve("aclImdb_v1.tar.gz"))) {
      List<Integer> labels = new ArrayList<>();
      List<Integer> truth = new ArrayList<>();
      Features.Texts training = reviews(tree, "/train/", labels);
      Features.Texts test = reviews(tree, "/test/", truth);
      int[] asked = truth.stream().mapToInt(i -> i).toArray();
      tell(
          "imdb",
          TaskYardsticks.classification(
              training, labels.stream().mapToInt(i -> i).toArray(), 2, test),
          found -> binary(asked, found),
          "accuracy",
          "roc-auc");
    }
  }

  private static Features.Texts reviews(FileTree tree, String folder, List<Integer> labels) {
    List<String> texts = new ArrayList<>();
    for (FileTree.Entry entry : tree.files()) {
      boolean positive = entry.name().contains(folder + "pos/");
      if (positive || entry.name().contains(folder + "neg/")) {
        texts.add(new String(tree.read(entry), StandardCharsets.UTF_8));
        labels.add(positive ? 1 : 0);
      }
    }
    return new Features.Texts(texts);
  }

  private void movies() {
    try (FileTree tree = FileTree.open(datasets.resolve("ml-100k.zip"))) {
      int[][] base = ratings(tree, "ua.base");
      int[][] test = ratings(tree, "ua.test");
      double[] truth = Arrays.stream(test[2]).asDoubleStream().toArray();
      tell(
          "movies",
          RatingYardsticks.biases(
              base[0],
              base[1],
              Arrays.stream(base[2]).asDoubleStream().toArray(),
              test[0],
              test[1]),
          found -> Metrics.regression(truth, found.numbers(), 1),
          "rmse",
          "mae");
    }
  }

  private static int[][] ratings(FileTree tree, String name) {
    FileTree.Entry entry =
        tree.files().stream().filter(e -> e.fileName().equals(name)).findFirst().orElseThrow();
    List<int[]> rows =
        new String(tree.read(entry), StandardCharsets.UTF_8)
            .lines()
            .map(
                line ->
                    Arrays.stream(line.split("\t")).limit(3).mapToInt(Integer::parseInt).toArray())
            .toList();
    int[][] columns = new int[3][rows.size()];
    for (int i = 0; i < rows.size(); i++) {
      for (int c = 0; c < 3; c++) {
        columns[c][i] = rows.get(i)[c];
      }
    }
    return columns;
  }

  private void digits() throws IOException {
    int[] labels = labels("train-labels-idx1-ubyte.gz");
    int[] truth = labels("t10k-labels-idx1-ubyte.gz");
    List<String> classes = IntStream.range(0, 10).mapToObj(Integer::toString).toList();
    tell(
        "digits",
        TaskYardsticks.classification(
            pictures("train-images-idx3-ubyte.gz"),
            labels,
            10,
            pictures("t10k-images-idx3-ubyte.gz")),
        found -> Metrics.multiClass(truth, found.outputs(), classes, 1),
        "accuracy",
        "log-loss");
  }

  private void translation() throws IOException {
    List<String> truth = lines("test_2016_flickr.de.gz");
    List<List<String>> references = truth.stream().map(List::of).toList();
    for (TextYardsticks.Written written :
        TextYardsticks.sequenceToSequence(
            lines("train.en.gz"), lines("train.de.gz"), lines("test_2016_flickr.en.gz"))) {
      System.out.printf(
          Locale.ROOT,
          "multi30k %-39s BLEU %.2f  %.1f s%n",
          written.name(),
          Metrics.text(references, written.texts(), 1).value("bleu"),
          written.seconds());
    }
  }

  private List<String> lines(String name) throws IOException {
    byte[] packed = Files.readAllBytes(datasets.resolve("multi30k").resolve(name));
    byte[] bytes = new GZIPInputStream(new ByteArrayInputStream(packed)).readAllBytes();
    return new String(bytes, StandardCharsets.UTF_8).lines().toList();
  }

  private int[] labels(String name) throws IOException {
    byte[] bytes = unpacked(name);
    return IntStream.range(8, bytes.length).map(i -> bytes[i]).toArray();
  }

  private Features.Pictures pictures(String name) throws IOException {
    byte[] bytes = unpacked(name);
    float[][] values = new float[(bytes.length - 16) / 784][784];
    for (int i = 0; i < values.length; i++) {
      for (int p = 0; p < 784; p++) {
        values[i][p] = (bytes[16 + 784 * i + p] & 0xFF) / 255f;
      }
    }
    return new Features.Pictures(28, 28, 1, values);
  }

  private byte[] unpacked(String name) throws IOException {
    byte[] packed = Files.readAllBytes(datasets.resolve("mnist").resolve(name));
    return new GZIPInputStream(new ByteArrayInputStream(packed)).readAllBytes();
  }

  private static MetricReport binary(int[] truth, Predictions found) {
    return Metrics.binary(truth, found.column(1), List.of("no", "yes"), 0.5, 1);
  }

  private interface Measure {
    MetricReport of(Predictions found);
  }

  private static void tell(
      String data, TaskYardsticks.Result result, Measure measure, String first, String second) {
    for (Predictions found : result.predictions()) {
      MetricReport report = measure.of(found);
      System.out.printf(
          Locale.ROOT,
          "%-7s %-40s %s %.4f  %s %.4f  %.1f s, saw %s%n",
          data,
          found.name(),
          first,
          report.value(first),
          second,
          report.value(second),
          found.seconds(),
          found.saw());
    }
    result.leftOut().forEach(System.out::println);
    Runtime runtime = Runtime.getRuntime();
    System.out.printf(
        Locale.ROOT,
        "%-7s heap %.0f MB%n",
        data,
        (runtime.totalMemory() - runtime.freeMemory()) / 1e6);
  }
}
