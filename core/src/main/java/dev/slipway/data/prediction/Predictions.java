package dev.slipway.data.prediction;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.eval.metric.classification.MultiClassScores;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Truths and predictions of a file as the arrays that metrics take, by task. */
sealed interface Predictions {
  /** Of examples, one a row. */
  record Labelled(int[] truth, int[] predicted, double @Nullable [][] scores, List<String> classes)
      implements Predictions {}

  record Labels(
      boolean[][] truth, boolean[][] predicted, double @Nullable [][] scores, List<String> classes)
      implements Predictions {}

  record Numbers(double[] truth, double[] predicted) implements Predictions {}

  record Texts(List<List<String>> references, List<String> told) implements Predictions {}

  record Ranked(List<String> groups, double[][] relevance, double[][] scores)
      implements Predictions {}

  record Tagged(List<List<String>> truth, List<List<String>> predicted) implements Predictions {}

  /**
   * @param threshold of probabilities, where no column holds what was predicted
   */
  static Predictions read(
      PredictionFile file, PredictionTask task, PredictionColumns columns, double threshold) {
    return switch (task) {
      case BINARY -> binary(file, columns, threshold);
      case MULTI_CLASS -> multiClass(file, columns);
      case MULTI_LABEL -> multiLabel(file, columns, threshold);
      case REGRESSION -> {
        String told = prediction(columns);
        PredictionTable table = file.read(List.of(), List.of(columns.truth(), told));
        yield new Numbers(table.numbers(columns.truth()), table.numbers(told));
      }
      case TEXT, TRANSCRIPTION -> {
        String told = prediction(columns);
        PredictionTable table = file.read(List.of(columns.truth(), told), List.of());
        yield new Texts(
            task == PredictionTask.TEXT
                ? references(table, columns.truth())
                : table.texts(columns.truth()).stream().map(List::of).toList(),
            table.texts(told));
      }
      case RANKING -> ranked(file, columns);
      case TAGGING -> {
        String told = prediction(columns);
        PredictionTable table = file.read(List.of(columns.truth(), told), List.of());
        yield new Tagged(table.lists(columns.truth(), "\\s+"), table.lists(told, "\\s+"));
      }
    };
  }

  private static String prediction(PredictionColumns columns) {
    String column = columns.prediction();
    if (column == null) {
      throw noPrediction("--prediction");
    }
    return column;
  }

  private static SlipwayException noPrediction(String options) {
    return new SlipwayException(
        Exit.USAGE,
        "eval.no-prediction",
        "no column of predictions was named, expected " + options,
        "name the column that holds them");
  }

  /** A JSON array is several references of one text; anything else is one. */
  private static List<List<String>> references(PredictionTable table, String column) {
    List<List<String>> references = new ArrayList<>();
    List<String> texts = table.texts(column);
    boolean lists = texts.stream().allMatch(t -> t.startsWith("[\"") && t.endsWith("\"]"));
    List<List<String>> parsed = lists ? table.lists(column, ";") : List.of();
    for (int row = 0; row < texts.size(); row++) {
      references.add(lists ? parsed.get(row) : List.of(texts.get(row)));
    }
    return references;
  }

  private static Labelled binary(PredictionFile file, PredictionColumns columns, double threshold) {
    String told = columns.prediction();
    List<String> scores = scoreColumns(file, columns);
    String score = null;
    if (scores.size() == 1) {
      score = scores.getFirst();
    } else if (scores.size() == 2 && columns.scores().isEmpty()) {
      String wanted = columns.positive();
      score =
          scores.stream()
              .filter(s -> wanted == null ? isPositive(s) : className(s).equals(wanted))
              .findFirst()
              .orElse(scores.get(1));
    } else if (!scores.isEmpty()) {
      throw new SlipwayException(
          Exit.USAGE,
          "eval.not-two-classes",
          scores.size() + " columns of scores were named, expected that of the positive class",
          "ask for --task multi-class, or name one");
    }
    if (told == null && score == null) {
      throw noPrediction("--prediction or --score");
    }
    List<String> texts = told == null ? List.of(columns.truth()) : List.of(columns.truth(), told);
    PredictionTable table = file.read(texts, score == null ? List.of() : List.of(score));
    List<String> truth = table.labels(columns.truth());
    List<List<String>> labels = new ArrayList<>(List.of(truth));
    if (told != null) {
      labels.add(table.labels(told));
    }
    String scored =
        score != null && score.startsWith(PredictionColumns.SCORE) ? className(score) : null;
    Classes classes = Classes.ofTwo(labels, columns.positive(), scored);
    double[] positive = score == null ? null : table.numbers(score);
    int[] predicted =
        told == null
            ? above(positive == null ? new double[0] : positive, threshold)
            : classes.indices(told, labels.get(1));
    return new Labelled(
        classes.indices(columns.truth(), truth),
        predicted,
        positive == null ? null : new double[][] {positive},
        classes.names());
  }

  private static boolean isPositive(String column) {
    return List.of("1", "true", "yes", "positive", "pos")
        .contains(className(column).toLowerCase(Locale.ROOT));
  }

  private static int[] above(double[] scores, double threshold) {
    int[] predicted = new int[scores.length];
    for (int row = 0; row < predicted.length; row++) {
      predicted[row] = scores[row] >= threshold ? 1 : 0;
    }
    return predicted;
  }

  /** The named ones, or all that begin with {@code score_}. */
  private static List<String> scoreColumns(PredictionFile file, PredictionColumns columns) {
    return columns.scores().isEmpty()
        ? file.columns().stream().filter(c -> c.startsWith(PredictionColumns.SCORE)).toList()
        : columns.scores();
  }

  private static String className(String column) {
    return column.startsWith(PredictionColumns.SCORE)
        ? column.substring(PredictionColumns.SCORE.length())
        : column;
  }

  private static double[][] rows(PredictionTable table, List<String> columns) {
    double[][] rows = new double[table.rows()][columns.size()];
    for (int c = 0; c < columns.size(); c++) {
      double[] values = table.numbers(columns.get(c));
      for (int row = 0; row < rows.length; row++) {
        rows[row][c] = values[row];
      }
    }
    return rows;
  }

  private static Labelled multiClass(PredictionFile file, PredictionColumns columns) {
    String told = columns.prediction();
    List<String> scores = scoreColumns(file, columns);
    if (told == null && scores.size() < 2) {
      throw noPrediction("--prediction, or --score of every class");
    }
    List<String> texts = told == null ? List.of(columns.truth()) : List.of(columns.truth(), told);
    PredictionTable table = file.read(texts, scores);
    List<String> truth = table.labels(columns.truth());
    List<String> predictedLabels = told == null ? List.of() : table.labels(told);
    Classes classes =
        scores.isEmpty()
            ? Classes.of(List.of(truth, predictedLabels))
            : Classes.inGivenOrder(scores.stream().map(Predictions::className).toList());
    double[][] rows = scores.isEmpty() ? null : rows(table, scores);
    int[] predicted =
        told == null && rows != null
            ? MultiClassScores.predicted(rows)
            : classes.indices(told == null ? "" : told, predictedLabels);
    return new Labelled(classes.indices(columns.truth(), truth), predicted, rows, classes.names());
  }

  private static Labels multiLabel(
      PredictionFile file, PredictionColumns columns, double threshold) {
    String told = columns.prediction();
    List<String> scores = scoreColumns(file, columns);
    if (told == null && scores.isEmpty()) {
      throw noPrediction("--prediction, or --score of every label");
    }
    List<String> texts = told == null ? List.of(columns.truth()) : List.of(columns.truth(), told);
    PredictionTable table = file.read(texts, scores);
    List<List<String>> truth = table.lists(columns.truth(), "[;|,]");
    List<List<String>> predicted = told == null ? List.of() : table.lists(told, "[;|,]");
    Classes classes;
    if (scores.isEmpty()) {
      List<List<String>> all = new ArrayList<>(truth);
      all.addAll(predicted);
      classes = Classes.of(all);
    } else {
      classes = Classes.inGivenOrder(scores.stream().map(Predictions::className).toList());
    }
    double[][] rows = scores.isEmpty() ? null : rows(table, scores);
    int count = classes.names().size();
    if (count == 0) {
      throw PredictionTable.noValue(table.path(), columns.truth(), 0);
    }
    boolean[][] toldRows = told == null ? null : flags(classes, told, predicted, count);
    if (toldRows == null) {
      toldRows = new boolean[table.rows()][count];
      for (int row = 0; row < toldRows.length; row++) {
        for (int label = 0; label < count; label++) {
          toldRows[row][label] = rows != null && rows[row][label] >= threshold;
        }
      }
    }
    return new Labels(
        flags(classes, columns.truth(), truth, count), toldRows, rows, classes.names());
  }

  private static boolean[][] flags(
      Classes classes, String column, List<List<String>> labels, int count) {
    boolean[][] flags = new boolean[labels.size()][count];
    for (int row = 0; row < flags.length; row++) {
      for (String label : labels.get(row)) {
        flags[row][classes.index(column, label, row)] = true;
      }
    }
    return flags;
  }

  private static Ranked ranked(PredictionFile file, PredictionColumns columns) {
    String group = columns.group();
    if (group == null) {
      throw new SlipwayException(
          Exit.USAGE,
          "eval.no-group",
          "no column of groups was named, expected the query or user of each row",
          "name it with --group");
    }
    String told =
        columns.prediction() == null && columns.scores().size() == 1
            ? columns.scores().getFirst()
            : prediction(columns);
    PredictionTable table = file.read(List.of(group), List.of(columns.truth(), told));
    Map<String, List<Integer>> rows = new LinkedHashMap<>();
    List<String> names = table.texts(group);
    for (int row = 0; row < names.size(); row++) {
      rows.computeIfAbsent(names.get(row), g -> new ArrayList<>()).add(row);
    }
    double[] relevance = table.numbers(columns.truth());
    double[] scores = table.numbers(told);
    return new Ranked(
        List.copyOf(rows.keySet()),
        rows.values().stream().map(list -> taken(relevance, list)).toArray(double[][]::new),
        rows.values().stream().map(list -> taken(scores, list)).toArray(double[][]::new));
  }

  private static double[] taken(double[] values, List<Integer> rows) {
    return rows.stream().mapToDouble(row -> values[row]).toArray();
  }
}
