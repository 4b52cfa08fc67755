package dev.slipway.data.example;

import dev.slipway.data.Ledger;
import dev.slipway.data.SplitName;
import dev.slipway.data.source.Dropped;
import java.util.ArrayList;
import java.util.List;
import java.util.SequencedMap;

/** The ledger of examples: in it, an example is one token, seen as often as it was in a batch. */
public final class ExampleLedger {
  private ExampleLedger() {}

  /**
   * Each record of the source in one row, proven.
   *
   * @param parts of each example
   * @param dropped why an example is in none of them
   * @param timesSeen how often each example was in a training batch
   */
  public static Ledger of(
      ExampleSet examples,
      SplitName[] parts,
      SequencedMap<Integer, Dropped> dropped,
      int[] timesSeen) {
    List<Ledger.Row> rows = new ArrayList<>();
    long bytes = 0;
    for (int i = 0; i < examples.size(); i++) {
      bytes += examples.bytes(i);
      Dropped why = dropped.get(i);
      rows.add(
          why == null
              ? kept(examples, i, parts[i], timesSeen[i])
              : dropped(examples.id(i), examples.bytes(i), why));
    }
    for (ExampleSet.DroppedExample record : examples.dropped()) {
      bytes += record.bytes();
      rows.add(dropped(record.id(), record.bytes(), record.problem()));
    }
    Ledger ledger = new Ledger(new Ledger.Input(rows.size(), bytes), rows);
    ledger.check();
    return ledger;
  }

  private static Ledger.Row kept(ExampleSet examples, int example, SplitName part, int times) {
    Ledger.Outcome outcome =
        switch (part) {
          case TRAIN -> times > 0 ? Ledger.Outcome.TRAINED : Ledger.Outcome.UNSEEN;
          case VALIDATION -> Ledger.Outcome.VALIDATION;
          case TEST -> Ledger.Outcome.TEST;
        };
    long bytes = examples.bytes(example);
    return new Ledger.Row(
        examples.id(example), outcome, null, "", bytes, bytes, 1, 0, times, times);
  }

  private static Ledger.Row dropped(String id, long bytes, Dropped why) {
    return new Ledger.Row(
        id, Ledger.Outcome.DROPPED, why.reason(), why.detail(), bytes, 0, 0, 0, 0, 0);
  }
}
