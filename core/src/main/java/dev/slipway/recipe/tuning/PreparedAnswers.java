package dev.slipway.recipe.tuning;

import dev.slipway.data.Ledger;
import dev.slipway.data.SplitName;
import dev.slipway.data.conversation.ShuffledOrder;
import dev.slipway.eval.report.ReportData.Fact;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Answers of which a model learns: pairs, whose sequences are neighbours, or rated ones. */
abstract class PreparedAnswers extends PreparedConversations {
  private final int together;
  private final String counted;

  /**
   * @param together sequences that are learnt of at once: 2 of a pair, 1 of a rated answer
   * @param counted what they are called, such as {@code pair}
   */
  PreparedAnswers(Parts parts, int together, String counted) {
    super(parts);
    this.together = together;
    this.counted = counted;
  }

  /** Pairs or rated answers of a split. */
  final int count(SplitName split) {
    return shards.shard(split).sequences() / together;
  }

  @Override
  final ShuffledOrder order(int rows) {
    return new ShuffledOrder(count(SplitName.TRAIN), recipe.seed(), rows);
  }

  /** All first sequences of what is learnt of at once, then all second ones. */
  @Override
  final int[][] sequences(long microBatch, int rows) {
    long[] things = order(rows).batch(microBatch);
    int[][] sequences = new int[together * things.length][];
    Arrays.setAll(
        sequences,
        i -> new int[] {Math.toIntExact(together * things[i % things.length] + i / things.length)});
    return sequences;
  }

  @Override
  public final Ledger ledger(long microBatches, int rows) {
    long[] ofThings = order(rows).times(microBatches);
    long[] times = new long[shards.shard(SplitName.TRAIN).sequences()];
    Arrays.setAll(times, i -> ofThings[i / together]);
    return SequenceLedger.of(documents, shards, times);
  }

  /** Records, what there is of each split, one more, and the fingerprint of text. */
  final List<Fact> facts(Fact further) {
    List<Fact> facts = new ArrayList<>();
    facts.add(fact("records", documents.statistics().records()));
    for (SplitName split : SplitName.values()) {
      facts.add(fact(split.label() + " " + counted + "s", count(split)));
    }
    facts.add(further);
    facts.add(new Fact("text fingerprint", texts.fingerprint().value()));
    return facts;
  }
}
