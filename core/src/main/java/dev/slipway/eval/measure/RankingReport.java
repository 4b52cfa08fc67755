package dev.slipway.eval.measure;

import dev.slipway.eval.metric.Better;
import dev.slipway.eval.metric.Examples;
import dev.slipway.eval.metric.Measured;
import dev.slipway.eval.metric.MetricReport;
import dev.slipway.eval.metric.MetricRow;
import dev.slipway.eval.metric.ranking.RankedList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/** Ranked lists. */
final class RankingReport {
  private RankingReport() {}

  static MetricReport of(double[][] relevance, double[][] scores, int[] cuts, long seed) {
    int queries =
        Examples.count("lists of relevance", relevance.length, "lists of scores", scores.length);
    List<RankedList> lists =
        IntStream.range(0, queries)
            .mapToObj(query -> RankedList.of(relevance[query], scores[query]))
            .toList();
    long empty = lists.stream().filter(list -> list.relevant() == 0).count();
    String counted = empty == 0 ? "" : empty + " lists with nothing relevant count as 0";
    String left = empty == 0 ? "" : empty + " lists with nothing relevant are left out";
    Rows rows = new Rows(queries, seed);
    for (int k : cuts) {
      add(rows, "ndcg@" + k, lists, list -> list.ndcg(k), counted);
    }
    add(rows, "map", lists, RankedList::averagePrecision, left);
    add(rows, "mrr", lists, RankedList::reciprocalRank, left);
    for (int k : cuts) {
      add(rows, "recall@" + k, lists, list -> list.recall(k), left);
    }
    for (int k : cuts) {
      add(rows, "precision@" + k, lists, list -> list.precision(k), "");
    }
    return new MetricReport("ranking", queries, rows.list(), List.of());
  }

  private static void add(
      Rows rows,
      String name,
      List<RankedList> lists,
      ToDoubleFunction<RankedList> figure,
      String note) {
    double[] values =
        lists.stream().mapToDouble(figure).filter(value -> !Double.isNaN(value)).toArray();
    MetricRow row =
        values.length == 0
            ? MetricRow.of(name, Better.HIGHER, Measured.undefined("no list has anything relevant"))
            : rows.mean(name, Better.HIGHER, values).withNote(note);
    rows.add(row);
  }
}
