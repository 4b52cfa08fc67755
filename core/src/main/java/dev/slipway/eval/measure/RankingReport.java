package dev.slipway.eval.measure;

import dev.slipway.eval.metric.Better;
import dev.slipway.eval.metric.Examples;
import dev.slipway.eval.metric.Measured;
import dev.slipway.eval.metric.MetricReport;
import dev.slipway.eval.metric.MetricRow;
import dev.slipway.eval.metric.ranking.RankedList;
import dev.slipway.eval.metric.ranking.TopItems;
import java.util.HashSet;
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

  /** Lists of names; users to whom nothing is relevant are the caller's to leave out. */
  static MetricReport recommended(
      List<List<String>> relevant, List<List<String>> recommended, int[] cuts, long seed) {
    int users =
        Examples.count(
            "lists of what is relevant", relevant.size(), "recommendations", recommended.size());
    List<TopItems> lists =
        IntStream.range(0, users)
            .mapToObj(u -> TopItems.of(new HashSet<>(relevant.get(u)), recommended.get(u)))
            .toList();
    Rows rows = new Rows(users, seed);
    for (int k : cuts) {
      rows.add(mean(rows, "ndcg@" + k, lists, list -> list.ndcg(k)));
    }
    for (int k : cuts) {
      rows.add(mean(rows, "map@" + k, lists, list -> list.averagePrecision(k)));
    }
    for (int k : cuts) {
      rows.add(mean(rows, "recall@" + k, lists, list -> list.recall(k)));
    }
    for (int k : cuts) {
      long hits = lists.stream().filter(list -> list.isHitWithin(k)).count();
      rows.add(rows.share("hit-rate@" + k, hits, users, "there is no user"));
    }
    for (int k : cuts) {
      rows.add(mean(rows, "mrr@" + k, lists, list -> list.reciprocalRank(k)));
    }
    for (int k : cuts) {
      rows.add(mean(rows, "precision@" + k, lists, list -> list.precision(k)));
    }
    return new MetricReport("recommendation", users, rows.list(), List.of());
  }

  private static MetricRow mean(
      Rows rows, String name, List<TopItems> lists, ToDoubleFunction<TopItems> figure) {
    return rows.mean(name, Better.HIGHER, lists.stream().mapToDouble(figure).toArray());
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
