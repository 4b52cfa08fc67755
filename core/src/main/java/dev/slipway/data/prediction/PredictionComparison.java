package dev.slipway.data.prediction;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.eval.compare.Comparison;
import dev.slipway.eval.metric.Better;
import dev.slipway.eval.metric.classification.BinaryScores;
import dev.slipway.eval.metric.classification.MultiLabel;
import dev.slipway.eval.metric.classification.Probabilities;
import dev.slipway.eval.metric.ranking.RankedList;
import dev.slipway.eval.metric.regression.Errors;
import dev.slipway.eval.metric.text.Bleu;
import dev.slipway.eval.metric.text.ErrorRate;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Whether the second of two files of predictions of the same examples is really better. */
public final class PredictionComparison {
  private PredictionComparison() {}

  /**
   * Pairs the rows by id, or by row where there is none, and compares by the figures that decide
   * the task, the first one first.
   *
   * @throws SlipwayException {@code eval.different-examples} where the two are not of the same
   *     examples, and as {@link PredictionMetrics#report}
   */
  public static List<Comparison> of(
      Path first,
      Path second,
      PredictionTask task,
      PredictionColumns columns,
      double threshold,
      long seed) {
    PredictionFile one = PredictionFile.open(first);
    PredictionFile other = PredictionFile.open(second);
    Predictions a = Predictions.read(one, task, columns, threshold);
    Predictions b = Predictions.read(other, task, columns, threshold);
    int[] order = order(one, other, a, b, columns);
    return switch (a) {
      case Predictions.Labelled x ->
          labelled(x, (Predictions.Labelled) b, order, task, seed, first, second);
      case Predictions.Labels x -> {
        Predictions.Labels y = (Predictions.Labels) b;
        same(x.classes().equals(y.classes()), "labels", first, second);
        boolean[][] told = taken(y.predicted(), order);
        same(Arrays.deepEquals(x.truth(), taken(y.truth(), order)), "truths", first, second);
        yield List.of(
            Comparison.ofMeans(
                "hamming-loss",
                Better.LOWER,
                MultiLabel.hamming(x.truth(), x.predicted()),
                MultiLabel.hamming(x.truth(), told),
                seed));
      }
      case Predictions.Numbers x -> {
        Predictions.Numbers y = (Predictions.Numbers) b;
        same(Arrays.equals(x.truth(), taken(y.truth(), order)), "truths", first, second);
        double[] told = taken(y.predicted(), order);
        Errors.check(x.truth(), x.predicted());
        Errors.check(x.truth(), told);
        double[] squaredA = Errors.squared(x.truth(), x.predicted());
        double[] squaredB = Errors.squared(x.truth(), told);
        yield List.of(
            Comparison.of(
                "rmse",
                Better.LOWER,
                order.length,
                drawn -> Math.sqrt(mean(squaredA, drawn)),
                drawn -> Math.sqrt(mean(squaredB, drawn)),
                seed),
            Comparison.ofMeans(
                "mae",
                Better.LOWER,
                Errors.absolute(x.truth(), x.predicted()),
                Errors.absolute(x.truth(), told),
                seed));
      }
      case Predictions.Texts x -> texts(x, (Predictions.Texts) b, order, task, seed, first, second);
      case Predictions.Ranked x -> {
        Predictions.Ranked y = (Predictions.Ranked) b;
        double[] ndcgA = ndcg(x);
        double[] ndcgB = taken(ndcg(y), order);
        yield List.of(Comparison.ofMeans("ndcg@10", Better.HIGHER, ndcgA, ndcgB, seed));
      }
      case Predictions.Tagged x -> {
        Predictions.Tagged y = (Predictions.Tagged) b;
        same(x.truth().equals(taken(y.truth(), order)), "truths", first, second);
        yield List.of(tagged(x, taken(y.predicted(), order), seed));
      }
    };
  }

  private static List<Comparison> labelled(
      Predictions.Labelled a,
      Predictions.Labelled b,
      int[] order,
      PredictionTask task,
      long seed,
      Path first,
      Path second) {
    int rows = order.length;
    boolean[] rightA = new boolean[rows];
    boolean[] rightB = new boolean[rows];
    boolean same = true;
    for (int row = 0; row < rows; row++) {
      int of = order[row];
      same &= a.classes().get(a.truth()[row]).equals(b.classes().get(b.truth()[of]));
      rightA[row] = a.truth()[row] == a.predicted()[row];
      rightB[row] = b.truth()[of] == b.predicted()[of];
    }
    same(same, "truths", first, second);
    List<Comparison> found = new ArrayList<>();
    found.add(Comparison.ofCorrectness(rightA, rightB, seed));
    double[][] scoresA = a.scores();
    double[][] scoresB = b.scores();
    if (scoresA == null || scoresB == null) {
      return found;
    }
    if (task == PredictionTask.BINARY) {
      double[] told = taken(scoresB[0], order);
      BinaryScores ranked = BinaryScores.of(a.truth(), scoresA[0]);
      BinaryScores.of(a.truth(), told);
      if (ranked.positiveCount() > 0 && ranked.negativeCount() > 0) {
        found.add(
            Comparison.of(
                "roc-auc",
                Better.HIGHER,
                rows,
                drawn -> BinaryScores.of(a.truth(), 1, scoresA[0], drawn).rocAuc().orNaN(),
                drawn -> BinaryScores.of(a.truth(), 1, told, drawn).rocAuc().orNaN(),
                seed));
      }
      if (probabilities(scoresA) && probabilities(scoresB)) {
        found.add(
            Comparison.ofMeans(
                "log-loss",
                Better.LOWER,
                Probabilities.logLosses(a.truth(), scoresA[0]),
                Probabilities.logLosses(a.truth(), told),
                seed));
      }
    } else if (probabilities(scoresA) && probabilities(scoresB)) {
      found.add(
          Comparison.ofMeans(
              "log-loss",
              Better.LOWER,
              Probabilities.logLosses(a.truth(), scoresA),
              taken(Probabilities.logLosses(b.truth(), scoresB), order),
              seed));
    }
    return found;
  }

  private static boolean probabilities(double[][] scores) {
    return Arrays.stream(scores)
        .allMatch(row -> Arrays.stream(row).allMatch(value -> value >= 0 && value <= 1));
  }

  private static List<Comparison> texts(
      Predictions.Texts a,
      Predictions.Texts b,
      int[] order,
      PredictionTask task,
      long seed,
      Path first,
      Path second) {
    same(a.references().equals(taken(b.references(), order)), "truths", first, second);
    List<String> told = taken(b.told(), order);
    int rows = order.length;
    if (task == PredictionTask.TEXT) {
      long[][] numbersA = bleu(a.references(), a.told());
      long[][] numbersB = bleu(a.references(), told);
      return List.of(
          Comparison.of(
              "bleu",
              Better.HIGHER,
              rows,
              drawn -> Bleu.score(sum(numbersA, drawn)),
              drawn -> Bleu.score(sum(numbersB, drawn)),
              seed));
    }
    long[][] editsA = words(a.references(), a.told());
    long[][] editsB = words(a.references(), told);
    return List.of(
        Comparison.of(
            "wer",
            Better.LOWER,
            rows,
            drawn -> rate(sum(editsA, drawn)),
            drawn -> rate(sum(editsB, drawn)),
            seed));
  }

  private static long[][] bleu(List<List<String>> references, List<String> told) {
    return IntStream.range(0, told.size())
        .parallel()
        .mapToObj(i -> Bleu.numbers(told.get(i), references.get(i)))
        .toArray(long[][]::new);
  }

  private static long[][] words(List<List<String>> references, List<String> told) {
    return IntStream.range(0, told.size())
        .mapToObj(
            i -> {
              ErrorRate rate = ErrorRate.ofWords(references.get(i).getFirst(), told.get(i));
              return new long[] {rate.edits(), rate.length()};
            })
        .toArray(long[][]::new);
  }

  private static double rate(long[] edits) {
    return edits[1] == 0 ? Double.NaN : (double) edits[0] / edits[1];
  }

  private static long[] sum(long[][] numbers, int[] drawn) {
    long[] sum = new long[numbers[0].length];
    for (int row : drawn) {
      for (int i = 0; i < sum.length; i++) {
        sum[i] += numbers[row][i];
      }
    }
    return sum;
  }

  private static Comparison tagged(Predictions.Tagged a, List<List<String>> other, long seed) {
    long[][] rightA = right(a.truth(), a.predicted());
    long[][] rightB = right(a.truth(), other);
    return Comparison.of(
        "token-accuracy",
        Better.HIGHER,
        rightA.length,
        drawn -> rate(sum(rightA, drawn)),
        drawn -> rate(sum(rightB, drawn)),
        seed);
  }

  private static long[][] right(List<List<String>> truth, List<List<String>> predicted) {
    return IntStream.range(0, truth.size())
        .mapToObj(
            i -> {
              List<String> is = truth.get(i);
              List<String> told = predicted.get(i);
              long hits =
                  IntStream.range(0, Math.min(is.size(), told.size()))
                      .filter(j -> is.get(j).equals(told.get(j)))
                      .count();
              return new long[] {hits, is.size()};
            })
        .toArray(long[][]::new);
  }

  private static double[] ndcg(Predictions.Ranked ranked) {
    return IntStream.range(0, ranked.relevance().length)
        .mapToDouble(i -> RankedList.of(ranked.relevance()[i], ranked.scores()[i]).ndcg(10))
        .toArray();
  }

  private static double mean(double[] values, int[] drawn) {
    double sum = 0;
    for (int row : drawn) {
      sum += values[row];
    }
    return sum / drawn.length;
  }

  /** Which row of the second file is of the example of each row of the first. */
  private static int[] order(
      PredictionFile one,
      PredictionFile other,
      Predictions a,
      Predictions b,
      PredictionColumns columns) {
    List<String> ids;
    List<String> otherIds;
    String column = columns.id();
    if (a instanceof Predictions.Ranked x && b instanceof Predictions.Ranked y) {
      ids = x.groups();
      otherIds = y.groups();
    } else if (column != null) {
      ids = one.read(List.of(column), List.of()).texts(column);
      otherIds = other.read(List.of(column), List.of()).texts(column);
    } else {
      int rows = rows(a);
      same(rows == rows(b), "numbers of rows", one.path(), other.path());
      return IntStream.range(0, rows).toArray();
    }
    Map<String, Integer> rows = new HashMap<>();
    for (int row = 0; row < otherIds.size(); row++) {
      same(
          rows.put(otherIds.get(row), row) == null,
          "ids (one comes twice)",
          one.path(),
          other.path());
    }
    int[] order = new int[ids.size()];
    same(ids.size() == otherIds.size(), "numbers of examples", one.path(), other.path());
    for (int row = 0; row < order.length; row++) {
      Integer at = rows.get(ids.get(row));
      same(at != null, "ids, such as " + ids.get(row) + ",", one.path(), other.path());
      order[row] = at == null ? 0 : at;
    }
    return order;
  }

  private static int rows(Predictions all) {
    return switch (all) {
      case Predictions.Labelled x -> x.truth().length;
      case Predictions.Labels x -> x.truth().length;
      case Predictions.Numbers x -> x.truth().length;
      case Predictions.Texts x -> x.told().size();
      case Predictions.Ranked x -> x.groups().size();
      case Predictions.Tagged x -> x.truth().size();
    };
  }

  private static void same(boolean holds, String what, Path first, Path second) {
    if (!holds) {
      throw new SlipwayException(
          Exit.INPUT,
          "eval.different-examples",
          first
              + " and "
              + second
              + " have different "
              + what
              + " where those of the same examples were expected",
          "predict the same examples with both, and pair them by --id where their order differs");
    }
  }

  private static double[] taken(double[] values, int[] order) {
    return Arrays.stream(order).mapToDouble(row -> values[row]).toArray();
  }

  private static boolean[][] taken(boolean[][] values, int[] order) {
    return Arrays.stream(order).mapToObj(row -> values[row]).toArray(boolean[][]::new);
  }

  private static <T> List<T> taken(List<T> values, int[] order) {
    return Arrays.stream(order).mapToObj(values::get).toList();
  }
}
