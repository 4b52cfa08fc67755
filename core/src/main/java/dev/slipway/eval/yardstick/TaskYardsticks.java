package dev.slipway.eval.yardstick;

import de.bwaldvogel.liblinear.Feature;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * Simple models that learn from the same training examples as a network and predict the same test
 * examples, so that the same metrics tell whether the network is worth its cost. None looks at the
 * test examples' targets, and the same input gives the same predictions.
 *
 * <p>Beyond a budget of time and memory (about 1 GB) they learn from an even part of the training
 * examples; {@link Predictions#saw} then says so.
 */
public final class TaskYardsticks {
  private static final int MOST_ROWS = 200_000;

  /** Of more pictures a linear model on pixels takes minutes. */
  private static final int MOST_PICTURES = 2_000;

  private static final long MOST_CELLS = 12_000_000;
  private static final long MOST_CHARACTERS = 96_000_000;

  private TaskYardsticks() {}

  /**
   * @param predictions in the order in which a table shows them, the simplest first
   * @param leftOut sentences: which yardstick could not be computed, and why
   */
  public record Result(List<Predictions> predictions, List<String> leftOut) {
    public Result {
      predictions = List.copyOf(predictions);
      leftOut = List.copyOf(leftOut);
    }
  }

  /**
   * Of two or more classes: the majority class (with the training shares as probabilities),
   * logistic regression, and for columns gradient boosting too.
   *
   * @param labels class of each training example, from 0
   * @return outputs {@code [test example][class]}
   */
  public static Result classification(Features training, int[] labels, int classes, Features test) {
    same(training, labels.length);
    List<Predictions> found = new ArrayList<>();
    List<String> leftOut = new ArrayList<>();
    double[] shares = new double[classes];
    for (int label : labels) {
      shares[label] += 1.0 / labels.length;
    }
    found.add(constant("majority class", shares, test.size(), labels.length));
    if (Arrays.stream(shares).filter(share -> share > 0).count() < 2) {
      leftOut.add("No yardstick but the majority: the training examples are of one class.");
      return new Result(found, leftOut);
    }
    int[] rows = rows(training);
    double[] targets = Arrays.stream(rows).mapToDouble(row -> labels[row]).toArray();
    long start = System.nanoTime();
    SparseRows sparse = SparseRows.fit(training, rows);
    LinearModels linear =
        LinearModels.classifier(sparse.rows(training, rows), targets, sparse.width());
    double[][] outputs = new double[test.size()][];
    for (int i = 0; i < outputs.length; i++) {
      outputs[i] = linear.probabilities(sparse.row(test, i), classes);
    }
    found.add(linear("logistic regression", sparse, outputs, start, rows, training));
    if (training instanceof Features.Columns columns && test instanceof Features.Columns asked) {
      boost(
          () -> Boosting.classes(columns, rows, targets, classes, asked),
          rows,
          training,
          found,
          leftOut);
    }
    return new Result(found, leftOut);
  }

  /**
   * Of labels of which any number may be true: the share of each label, and a logistic regression
   * for each.
   *
   * @param labels {@code [training example][label]}
   * @return outputs {@code [test example][label]}
   */
  public static Result multiLabel(Features training, boolean[][] labels, Features test) {
    same(training, labels.length);
    int count = labels.length == 0 ? 0 : labels[0].length;
    double[] shares = new double[count];
    for (boolean[] example : labels) {
      for (int label = 0; label < count; label++) {
        shares[label] += example[label] ? 1.0 / labels.length : 0;
      }
    }
    int[] rows = rows(training);
    long start = System.nanoTime();
    SparseRows sparse = SparseRows.fit(training, rows);
    Feature[][] inputs = sparse.rows(training, rows);
    double[][] outputs = new double[test.size()][count];
    for (int label = 0; label < count; label++) {
      int of = label;
      double[] targets = Arrays.stream(rows).mapToDouble(row -> labels[row][of] ? 1 : 0).toArray();
      boolean both = Arrays.stream(targets).distinct().count() == 2;
      LinearModels linear = both ? LinearModels.classifier(inputs, targets, sparse.width()) : null;
      for (int i = 0; i < outputs.length; i++) {
        outputs[i][label] =
            linear == null ? shares[label] : linear.probabilities(sparse.row(test, i), 2)[1];
      }
    }
    return new Result(
        List.of(
            constant("share of each label", shares, test.size(), labels.length),
            linear("logistic regression", sparse, outputs, start, rows, training)),
        List.of());
  }

  /**
   * Of numbers: the training mean and median, ridge regression, and for columns gradient boosting
   * too.
   *
   * @return outputs {@code [test example][1]}
   */
  public static Result regression(Features training, double[] targets, Features test) {
    same(training, targets.length);
    double mean = Arrays.stream(targets).average().orElse(0);
    double[] sorted = targets.clone();
    Arrays.sort(sorted);
    double median = (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    List<Predictions> found = new ArrayList<>();
    List<String> leftOut = new ArrayList<>();
    found.add(constant("mean", new double[] {mean}, test.size(), targets.length));
    found.add(constant("median", new double[] {median}, test.size(), targets.length));
    double variance = Arrays.stream(targets).map(y -> (y - mean) * (y - mean)).average().orElse(0);
    if (variance == 0) {
      leftOut.add("No yardstick but the mean: all training targets are equal.");
      return new Result(found, leftOut);
    }
    double deviation = Math.sqrt(variance);
    int[] rows = rows(training);
    double[] scaled =
        Arrays.stream(rows).mapToDouble(row -> (targets[row] - mean) / deviation).toArray();
    long start = System.nanoTime();
    SparseRows sparse = SparseRows.fit(training, rows);
    LinearModels linear =
        LinearModels.regressor(sparse.rows(training, rows), scaled, sparse.width());
    double[][] outputs = new double[test.size()][];
    for (int i = 0; i < outputs.length; i++) {
      outputs[i] = new double[] {mean + deviation * linear.number(sparse.row(test, i))};
    }
    found.add(linear("ridge regression", sparse, outputs, start, rows, training));
    if (training instanceof Features.Columns columns && test instanceof Features.Columns asked) {
      boost(
          () -> unscaled(Boosting.numbers(columns, rows, scaled, asked), mean, deviation),
          rows,
          training,
          found,
          leftOut);
    }
    return new Result(found, leftOut);
  }

  private static double[][] unscaled(double[][] outputs, double mean, double deviation) {
    for (double[] output : outputs) {
      output[0] = mean + deviation * output[0];
    }
    return outputs;
  }

  private static void boost(
      Supplier<double[][]> boosting,
      int[] rows,
      Features training,
      List<Predictions> found,
      List<String> leftOut) {
    long start = System.nanoTime();
    try {
      double[][] outputs = boosting.get();
      found.add(
          new Predictions(
              "gradient boosting",
              outputs,
              secondsSince(start),
              saw("the columns", rows, training),
              Boosting.SOURCE));
    } catch (LinkageError e) {
      leftOut.add(
          "No gradient boosting: this system has no XGBoost, or not the library libgomp that it"
              + " needs ("
              + e.getMessage()
              + ").");
    }
  }

  private static Predictions constant(String name, double[] output, int examples, int saw) {
    double[][] outputs = new double[examples][];
    Arrays.fill(outputs, output);
    return new Predictions(
        name,
        outputs,
        0,
        String.format(Locale.ROOT, "the targets of %,d training examples", saw),
        "needs no input");
  }

  private static Predictions linear(
      String name,
      SparseRows sparse,
      double[][] outputs,
      long start,
      int[] rows,
      Features training) {
    return new Predictions(
        name + " on " + sparse.shortName(),
        outputs,
        secondsSince(start),
        saw(sparse.description(), rows, training),
        LinearModels.SOURCE);
  }

  private static String saw(String what, int[] rows, Features training) {
    return rows.length == training.size()
        ? String.format(Locale.ROOT, "%s of all %,d training examples", what, rows.length)
        : String.format(
            Locale.ROOT, "%s of %,d of %,d training examples", what, rows.length, training.size());
  }

  private static void same(Features training, int targets) {
    if (training.size() != targets || targets == 0) {
      throw new IllegalArgumentException(
          training.size() + " training examples and " + targets + " targets came");
    }
  }

  /** All examples, or every n-th within the budget. */
  private static int[] rows(Features training) {
    long size = training.size();
    long most =
        Math.min(
            MOST_ROWS,
            switch (training) {
              case Features.Texts texts -> {
                long characters = texts.texts().stream().mapToLong(String::length).sum();
                yield characters <= MOST_CHARACTERS ? size : size * MOST_CHARACTERS / characters;
              }
              case Features.Columns columns -> MOST_CELLS / columns.columns().size();
              case Features.Pictures _ -> MOST_PICTURES;
            });
    int count = (int) Math.clamp(most, 1, size);
    int[] rows = new int[count];
    for (int i = 0; i < count; i++) {
      rows[i] = (int) (i * size / count);
    }
    return rows;
  }

  private static double secondsSince(long start) {
    return (System.nanoTime() - start) / 1e9;
  }
}
