package dev.slipway.eval.measure;

import dev.slipway.eval.metric.Better;
import dev.slipway.eval.metric.Examples;
import dev.slipway.eval.metric.MetricReport;
import dev.slipway.eval.metric.text.AnswerScore;
import java.util.List;
import java.util.stream.IntStream;

/** Short answers that stand in a text. */
final class AnswerReport {
  private AnswerReport() {}

  static MetricReport of(List<List<String>> right, List<String> told, long seed) {
    int count = Examples.count("lists of right answers", right.size(), "answers", told.size());
    List<AnswerScore> scores =
        IntStream.range(0, count).mapToObj(i -> AnswerScore.of(right.get(i), told.get(i))).toList();
    int[] answered =
        IntStream.range(0, count)
            .filter(i -> right.get(i).stream().anyMatch(answer -> !answer.isBlank()))
            .toArray();
    Rows rows = new Rows(count, seed);
    rows.add(
        rows.mean("f1", Better.HIGHER, scores.stream().mapToDouble(AnswerScore::f1).toArray()));
    rows.add(
        rows.share(
            "exact-match",
            scores.stream().filter(AnswerScore::exact).count(),
            count,
            "no questions"));
    if (answered.length < count) {
      if (answered.length > 0) {
        rows.add(
            rows.mean(
                "answered-f1",
                Better.HIGHER,
                IntStream.of(answered).mapToDouble(i -> scores.get(i).f1()).toArray()));
      }
      long none =
          IntStream.range(0, count)
              .filter(i -> right.get(i).stream().allMatch(String::isBlank) && scores.get(i).exact())
              .count();
      rows.add(
          rows.share(
              "unanswerable-accuracy",
              none,
              count - answered.length,
              "every question has an answer"));
    }
    return new MetricReport("span-answering", count, rows.list(), List.of());
  }
}
