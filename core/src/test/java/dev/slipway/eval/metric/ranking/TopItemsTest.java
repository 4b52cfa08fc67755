package dev.slipway.eval.metric.ranking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.eval.measure.Metrics;
import dev.slipway.eval.metric.MetricReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class TopItemsTest {
  @Test
  void byHand() {
    TopItems items = TopItems.of(Set.of("b", "d", "x"), List.of("a", "b", "c", "d"));
    double second = 1 / (Math.log(3) / Math.log(2));
    double fourth = 1 / (Math.log(5) / Math.log(2));
    assertThat(items.ndcg(4)).isCloseTo((second + fourth) / (1 + second + 0.5), within(1e-12));
    assertThat(items.ndcg(2)).isCloseTo(second / (1 + second), within(1e-12));
    assertThat(items.averagePrecision(4)).isCloseTo((0.5 + 0.5) / 3, within(1e-12));
    assertThat(items.averagePrecision(2)).isCloseTo(0.5 / 2, within(1e-12));
    assertThat(items.recall(4)).isCloseTo(2 / 3.0, within(1e-12));
    assertThat(items.precision(10)).isCloseTo(0.2, within(1e-12));
    assertThat(items.reciprocalRank(4)).isEqualTo(0.5);
    assertThat(items.reciprocalRank(1)).isZero();
    assertThat(items.isHitWithin(1)).isFalse();
    assertThat(items.isHitWithin(2)).isTrue();
  }

  /** Where the whole list is told, the figures are those of the ranked list. */
  @Property(tries = 200)
  void ofAWholeListAsTheRankedList(
      @ForAll @Size(min = 1, max = 12) List<Boolean> relevant,
      @ForAll @IntRange(min = 1, max = 14) int k) {
    double[] relevance = new double[relevant.size()];
    double[] scores = new double[relevant.size()];
    boolean[] hits = new boolean[relevant.size()];
    int count = 0;
    for (int i = 0; i < hits.length; i++) {
      hits[i] = relevant.get(i);
      relevance[i] = hits[i] ? 1 : 0;
      scores[i] = -i;
      count += hits[i] ? 1 : 0;
    }
    if (count == 0) {
      return;
    }
    TopItems items = new TopItems(hits, count);
    RankedList list = RankedList.of(relevance, scores);
    assertThat(items.ndcg(k)).isCloseTo(list.ndcg(k), within(1e-12));
    assertThat(items.recall(k)).isCloseTo(list.recall(k), within(1e-12));
    assertThat(items.precision(k)).isCloseTo(list.precision(k), within(1e-12));
    assertThat(items.averagePrecision(hits.length))
        .isCloseTo(list.averagePrecision(), within(1e-12));
    assertThat(items.reciprocalRank(hits.length)).isEqualTo(list.reciprocalRank());
  }

  @Test
  void aReportDecidesByTheFirstCut() {
    List<List<String>> truth = new ArrayList<>();
    List<List<String>> told = new ArrayList<>();
    for (int user = 0; user < 40; user++) {
      truth.add(List.of("a", "b"));
      told.add(user % 2 == 0 ? List.of("a", "c", "b") : List.of("c", "d", "e"));
    }
    MetricReport report = Metrics.recommendation(truth, told, new int[] {3, 1}, 1);
    assertThat(report.rows().getFirst().name()).isEqualTo("ndcg@3");
    assertThat(report.value("hit-rate@3")).isEqualTo(0.5);
    assertThat(report.value("recall@1")).isEqualTo(0.25);
    assertThat(report.value("map@3")).isCloseTo((1 + 2 / 3.0) / 2 / 2, within(1e-12));
    assertThat(report.rows())
        .allSatisfy(row -> assertThat(row.interval()).as(row.name()).isNotNull());
  }

  @Test
  void refusesWhatNothingIsRelevantTo() {
    assertThatThrownBy(() -> new TopItems(new boolean[] {false}, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
