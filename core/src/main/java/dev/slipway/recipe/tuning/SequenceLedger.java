package dev.slipway.recipe.tuning;

import dev.slipway.data.Document;
import dev.slipway.data.Documents;
import dev.slipway.data.Ledger;
import dev.slipway.data.SplitName;
import dev.slipway.data.conversation.SequenceShard;
import dev.slipway.data.conversation.SequenceShards;

/** What became of the records of conversations and preferences. */
final class SequenceLedger {
  private SequenceLedger() {}

  /**
   * The whole ledger, proved.
   *
   * @param times how often training saw each sequence
   */
  static Ledger of(Documents documents, SequenceShards shards, long[] times) {
    SequenceShard train = shards.shard(SplitName.TRAIN);
    int perRecord = shards.perRecord();
    long[] records = new long[train.sequences() / perRecord];
    for (int i = 0; i < records.length; i++) {
      for (int j = 0; j < perRecord; j++) {
        records[i] = Math.max(records[i], times[i * perRecord + j]);
      }
    }
    Ledger ledger = documents.ledger().with(shards.fates()).seen(records);
    ledger.check();
    return ledger;
  }

  /** Id of the record at a place of the training split. */
  static String recordName(Documents documents, int place) {
    return recordName(documents, SplitName.TRAIN, place);
  }

  /** Id of the record at a place of a split. */
  static String recordName(Documents documents, SplitName split, int place) {
    int at = 0;
    for (Document document : documents.documents(split)) {
      if (at++ == place) {
        return document.id();
      }
    }
    throw new IllegalArgumentException("record " + place + " of " + at);
  }
}
