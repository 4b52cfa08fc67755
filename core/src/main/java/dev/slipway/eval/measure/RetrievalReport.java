package dev.slipway.eval.measure;

import dev.slipway.eval.metric.Better;
import dev.slipway.eval.metric.Examples;
import dev.slipway.eval.metric.MetricReport;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** The place of the one right text among all. */
final class RetrievalReport {
  private RetrievalReport() {}

  static MetricReport of(int[] ranks, int[] cuts, long seed) {
    Examples.some(ranks.length);
    Rows rows = new Rows(ranks.length, seed);
    for (int k : cuts) {
      long within = Arrays.stream(ranks).filter(rank -> rank <= k).count();
      rows.add(rows.share("recall@" + k, within, ranks.length, "no queries"));
    }
    rows.add(
        rows.mean(
            "mrr", Better.HIGHER, Arrays.stream(ranks).mapToDouble(rank -> 1.0 / rank).toArray()));
    int k = IntStream.of(cuts).max().orElseThrow();
    rows.add(
        rows.mean(
            "ndcg@" + k,
            Better.HIGHER,
            Arrays.stream(ranks)
                .mapToDouble(rank -> rank <= k ? Math.log(2) / Math.log(rank + 1.0) : 0)
                .toArray()));
    return new MetricReport("retrieval", ranks.length, rows.list(), List.of());
  }
}
