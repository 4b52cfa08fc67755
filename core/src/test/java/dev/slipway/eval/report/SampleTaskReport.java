package dev.slipway.eval.report;

import dev.slipway.eval.analysis.CostMatrix;
import dev.slipway.eval.analysis.CrossValidation;
import dev.slipway.eval.analysis.Fairness;
import dev.slipway.eval.analysis.LearningCurves;
import dev.slipway.eval.analysis.LearningDiagnosis;
import dev.slipway.eval.analysis.SliceBy;
import dev.slipway.eval.analysis.Slices;
import dev.slipway.eval.measure.Metrics;
import dev.slipway.eval.metric.Better;
import dev.slipway.eval.metric.Interval;
import dev.slipway.eval.metric.MetricReport;
import dev.slipway.eval.report.Curve.Series;
import dev.slipway.eval.report.Curve.Style;
import dev.slipway.eval.report.ReportData.Fact;
import dev.slipway.eval.report.ReportData.Forecast;
import dev.slipway.eval.report.ReportData.Tile;
import dev.slipway.eval.report.ReportData.Unit;
import dev.slipway.eval.report.TaskEvaluation.Beside;
import dev.slipway.eval.report.TaskSection.Input;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;

/** A report of a task with each kind of section, made up. */
final class SampleTaskReport {
  static final List<String> DIGITS = IntStream.range(0, 10).mapToObj(Integer::toString).toList();

  private SampleTaskReport() {}

  static MetricReport binary() {
    Random random = new Random(1);
    int[] truth = new int[800];
    double[] told = new double[800];
    for (int i = 0; i < truth.length; i++) {
      told[i] = 1 / (1 + Math.exp(-1.6 * random.nextGaussian()));
      truth[i] = random.nextDouble() < told[i] ? 1 : 0;
    }
    return Metrics.binary(truth, told, List.of("good", "bad"), 0.5, 1);
  }

  static MetricReport multiClass(List<String> classes) {
    Random random = new Random(2);
    int[] truth = new int[60 * classes.size()];
    double[][] told = new double[truth.length][classes.size()];
    for (int i = 0; i < truth.length; i++) {
      truth[i] = i % classes.size();
      double sum = 0;
      for (int c = 0; c < classes.size(); c++) {
        told[i][c] = Math.exp(random.nextGaussian() + (c == truth[i] ? 4 : 0));
        sum += told[i][c];
      }
      for (int c = 0; c < classes.size(); c++) {
        told[i][c] /= sum;
      }
    }
    return Metrics.multiClass(truth, told, classes, 1);
  }

  static TaskEvaluation evaluation() {
    MetricReport report = multiClass(DIGITS);
    return new TaskEvaluation(
        "the 600 pictures that the source gives for testing",
        600,
        report.rows(),
        List.of(
            new Beside(
                "majority class",
                0.1135,
                new Interval(0.1135, 0.107, 0.12),
                0,
                "the targets of 10,000 training examples",
                "needs no input"),
            new Beside(
                "logistic regression on pixels",
                0.904,
                new Interval(0.904, 0.898, 0.91),
                38.1,
                "pixels of all 10,000 training examples",
                "LIBLINEAR, Fan et al. 2008")),
        List.of("No gradient boosting: pictures are no table."));
  }

  static TaskReport report() {
    Random random = new Random(3);
    List<TaskSection> sections = new ArrayList<>();
    TaskEvaluation evaluation = evaluation();
    sections.add(new TaskSection.Quality(evaluation));
    sections.add(new TaskSection.Decisions(multiClass(DIGITS).curves()));
    sections.add(costs(random));
    sections.add(
        new TaskSection.Folds(
            new CrossValidation(
                "stratified",
                List.of("accuracy", "roc-auc"),
                List.of(
                    new CrossValidation.Fold("1", 800, 200, new double[] {0.75, 0.79}),
                    new CrossValidation.Fold("2", 800, 200, new double[] {0.73, 0.81}),
                    new CrossValidation.Fold("3", 800, 200, new double[] {0.77, Double.NaN}))),
            "Each with a seed of its own."));
    sections.add(
        new TaskSection.Compared(
            List.of("This run is better than the one before with a probability of 97 %.")));
    sections.add(learning());
    sections.add(
        new TaskSection.Watch(
            List.of("2 of 64 units of layer 5 (dense) answered no example for 400 steps."),
            List.of(
                new TaskSection.WatchedLayer("1 · conv2d", 0.21, 0.0031, 0.0, ""),
                new TaskSection.WatchedLayer("5 · dense", 0.5, 0.002, 0.031, "dead units"))));
    sections.add(slices(random));
    sections.add(groups(random));
    sections.add(
        new TaskSection.Examples(
            "worst", "Its worst mistakes", "The largest losses first.", pictures(8)));
    sections.add(
        new TaskSection.Examples(
            "texts",
            "Examples it never saw",
            "Drawn evenly over the test examples.",
            List.of(
                new TaskSection.Shown(
                    "test/neg/17_1.txt",
                    new Input.Text("A film that one remembers. ".repeat(40)),
                    "negative",
                    "positive 98.1 %",
                    false,
                    "loss 3.96"),
                new TaskSection.Shown(
                    "row 12",
                    new Input.Row(
                        List.of(new Fact("age", "34"), new Fact("purpose", "radio or television"))),
                    "good",
                    "good 71.0 %",
                    true,
                    ""))));
    sections.add(data());
    sections.add(
        new TaskSection.Augmented(
            List.of("flip with probability 0.5", "rotate by up to 15°"),
            List.of(
                new TaskSection.AugmentedExample(
                    new Input.Image(png(1)),
                    List.of(
                        new Input.Image(png(2)),
                        new Input.Image(png(3)),
                        new Input.Image(png(4)))))));
    sections.add(
        new TaskSection.Layers(
            List.of(
                new TaskSection.Layer("1 · conv2d", "[batch, 26, 26, 32]", 320, 86_528, 389_376),
                new TaskSection.Layer("2 · max-pool2d", "[batch, 13, 13, 32]", 0, 21_632, -1),
                new TaskSection.Layer("3 · dense", "[batch, 10]", 54_090, 40, 108_160))));
    sections.add(new TaskSection.Forecasts(List.of(new Forecast("Time", Unit.SECONDS, 40, 44.0))));
    return new TaskReport(
        "digits",
        "54 k parameters trained on MNIST",
        TaskVerdict.of(evaluation),
        List.of(
            new Tile("accuracy", "0.9430", "95 %: 0.9211 to 0.9592"),
            new Tile("best yardstick", "0.9040", "logistic regression on pixels"),
            new Tile("parameters", "54.4 k", "3 layers")),
        sections,
        "name: digits\n",
        List.of(new Fact("parameters", "54,410")),
        List.of(new Fact("processor", "2 cores")),
        List.of(new Fact("Slipway", "0.1.0")));
  }

  static TaskSection.Numbers numbers() {
    Random random = new Random(4);
    double[] truth = random.doubles(300, 100, 900).toArray();
    double[] told = new double[300];
    for (int i = 0; i < truth.length; i++) {
      told[i] = 0.9 * truth[i] + 40 + 30 * random.nextGaussian();
    }
    told[3] = Double.NaN;
    return new TaskSection.Numbers(truth, told, "price in euro");
  }

  private static TaskSection costs(Random random) {
    CostMatrix matrix = new CostMatrix(List.of("good", "bad"), new double[][] {{0, 1}, {5, 0}});
    int[] truth = new int[200];
    double[] told = new double[200];
    for (int i = 0; i < 200; i++) {
      told[i] = random.nextDouble();
      truth[i] = random.nextDouble() < told[i] ? 1 : 0;
    }
    return new TaskSection.Costs(matrix, matrix.leastCost(truth, told, truth, told, 1));
  }

  private static TaskSection learning() {
    double[] x = IntStream.rangeClosed(1, 10).asDoubleStream().toArray();
    double[] training = IntStream.range(0, 10).mapToDouble(e -> 0.6 / (1 + e)).toArray();
    double[] validation =
        IntStream.range(0, 10).mapToDouble(e -> 0.25 + 0.008 * (e - 3) * (e - 3)).toArray();
    return new TaskSection.Learning(
        List.of(
            new Curve(
                "loss",
                "Loss",
                "nats",
                "epoch",
                List.of(
                    new Series("training", x, training, Style.DOTS),
                    new Series("validation", x, validation, Style.DOTS)),
                true)),
        LearningDiagnosis.of(
            new LearningCurves(
                training, validation, 2.3026, 8_000, 54_410, new long[0], 0.94, 0.94)));
  }

  private static TaskSection slices(Random random) {
    double[] right = new double[900];
    int[] of = new int[900];
    double[] length = new double[900];
    for (int i = 0; i < 900; i++) {
      of[i] = i % 3;
      length[i] = random.nextInt(400);
      right[i] = random.nextDouble() < (of[i] == 1 ? 0.7 : 0.95) ? 1 : 0;
    }
    return new TaskSection.Slices(
        "accuracy",
        Slices.of(
            right,
            Better.HIGHER,
            List.of(
                new SliceBy.Category("purpose", List.of("car", "radio or television", "home"), of),
                new SliceBy.Number("length", length)),
            1));
  }

  private static TaskSection groups(Random random) {
    int[] truth = random.ints(400, 0, 2).toArray();
    int[] told = random.ints(400, 0, 2).toArray();
    int[] sex = random.ints(400, 0, 2).toArray();
    double[] age = random.doubles(400, 18, 70).toArray();
    return new TaskSection.Groups(
        List.of(
            Fairness.of("sex", "told to be a bad risk", truth, told, List.of("f", "m"), sex),
            Fairness.of(
                "age",
                "told to be a bad risk",
                truth,
                told,
                Fairness.bandNames(25, 40),
                Fairness.bands(age, 25, 40))));
  }

  private static List<TaskSection.Shown> pictures(int count) {
    List<TaskSection.Shown> shown = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      shown.add(
          new TaskSection.Shown(
              "picture " + i, new Input.Image(png(i)), "7", "1, 99.2 %", i % 3 == 0, "loss 4.8"));
    }
    return shown;
  }

  private static TaskSection data() {
    return new TaskSection.Data(
        List.of(
            new TaskSection.SplitSize("training", 8_000),
            new TaskSection.SplitSize("validation", 2_000),
            new TaskSection.SplitSize("test", 10_000)),
        List.of(
            new TaskSection.ClassCount("zero", List.of(800L, 200L, 1_000L)),
            new TaskSection.ClassCount("one of a long name indeed", List.of(900L, 220L, 1_100L))),
        List.of(
            new TaskSection.Histogram(
                "lengths",
                "Lengths of texts",
                "words",
                new double[] {0, 100, 200, 300, 400},
                new long[] {40, 900, 300, 20})),
        List.of(new TaskSection.Missing("age", 12, 1_000, "median")),
        List.of("3 test examples are in the training examples, too: row 4 as row 912."));
  }

  private static byte[] png(int seed) {
    BufferedImage image = new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB);
    Random random = new Random(seed);
    for (int i = 0; i < 256; i++) {
      image.setRGB(i % 16, i / 16, new Color(i, random.nextInt(256), 40 * (seed % 6)).getRGB());
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, "png", out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }
}
