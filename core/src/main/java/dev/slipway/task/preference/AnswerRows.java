package dev.slipway.task.preference;

import dev.slipway.data.conversation.Sequence;
import dev.slipway.data.conversation.SequenceRows;
import dev.slipway.data.conversation.SequenceShard;
import dev.slipway.model.Execution;
import dev.slipway.tokenizer.TokenBatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Answers as rows of a batch, one a row.
 *
 * @param longest tokens that a row may have
 */
record AnswerRows(SequenceShard shard, int longest, int padId) {
  private static final boolean[] NO_MARKS = {};

  static int[] range(int from, int to) {
    int[] range = new int[to - from];
    Arrays.setAll(range, i -> from + i);
    return range;
  }

  TokenBatch batch(int[] sequences) {
    List<List<Sequence>> rows = new ArrayList<>();
    for (int sequence : sequences) {
      rows.add(List.of(shard.sequence(sequence)));
    }
    return SequenceRows.batch(rows, padId);
  }

  /**
   * Each sequence's prompt with the answer of another prompt, the nearest before it in a circle.
   */
  TokenBatch mismatched(int[] sequences) {
    List<List<Sequence>> rows = new ArrayList<>();
    for (int sequence : sequences) {
      Sequence own = shard.sequence(sequence);
      Sequence other = shard.sequence(before(sequence));
      int prompt = own.firstLearnt();
      int from = other.firstLearnt();
      int length = Math.min(longest, prompt + other.ids().length - from);
      int[] ids = Arrays.copyOf(own.ids(), length);
      boolean[] learnt = new boolean[length];
      for (int i = prompt; i < length; i++) {
        ids[i] = other.ids()[from + i - prompt];
        learnt[i] = other.learnt()[from + i - prompt];
      }
      rows.add(List.of(new Sequence(ids, learnt, 0)));
    }
    return SequenceRows.batch(rows, padId);
  }

  /** The nearest sequence before, in a circle, that is another record's. */
  private int before(int sequence) {
    int other = sequence;
    do {
      other = other == 0 ? shard.sequences() - 1 : other - 1;
    } while (other != sequence && shard.record(other) == shard.record(sequence));
    return other;
  }

  /** Log-probability of each row's targets, in nats. */
  static double[] logProbabilities(Execution execution, TokenBatch batch) {
    double[] sums = new double[batch.rows()];
    float[] losses = execution.losses(batch, NO_MARKS);
    for (int i = 0; i < losses.length; i++) {
      sums[i / batch.columns()] -= losses[i];
    }
    return sums;
  }
}
