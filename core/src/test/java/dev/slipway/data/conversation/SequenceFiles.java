package dev.slipway.data.conversation;

import dev.slipway.data.Ledger;
import dev.slipway.data.SplitName;
import java.nio.file.Path;
import java.util.List;

/** Sequences of a test as a training split on the disk. */
public final class SequenceFiles {
  private SequenceFiles() {}

  /**
   * @param perRecord how many belong to a record: 1, or 2 of pairs
   */
  public static SequenceShards write(Path folder, List<Sequence> sequences, int perRecord) {
    return SequenceShards.write(
        folder,
        "tokenizer",
        "template",
        (split, out) -> {
          for (int i = 0; i < sequences.size() && split == SplitName.TRAIN; i += perRecord) {
            List<Sequence> record = sequences.subList(i, i + perRecord);
            long tokens = record.stream().mapToLong(each -> each.ids().length).sum();
            out.accept(new Encoded("row-" + i, record, new Ledger.Fate(null, tokens, 0)));
          }
        });
  }
}
