package dev.slipway.recipe.tuning;

import dev.slipway.data.conversation.Sequence;
import dev.slipway.data.conversation.SequenceRows;
import dev.slipway.data.conversation.SequenceShard;
import dev.slipway.eval.metric.DocumentScore;
import dev.slipway.model.Execution;
import dev.slipway.tokenizer.TokenBatch;
import dev.slipway.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleConsumer;

/** How likely a model finds what the assistant says in held-out conversations. */
final class AnswerScores {
  private AnswerScores() {}

  /**
   * One score a sequence: over its learnt tokens, and by the bytes of their text.
   *
   * @param sequences those that are scored
   * @param rows sequences at a time
   * @param progress is told the fraction done
   */
  static List<DocumentScore> of(
      Execution execution,
      SequenceShard shard,
      int[] sequences,
      Tokenizer tokenizer,
      int rows,
      int padId,
      DoubleConsumer progress) {
    SequenceRows single = SequenceRows.single(shard, padId);
    List<DocumentScore> scores = new ArrayList<>();
    for (int from = 0; from < sequences.length; from += rows) {
      int count = Math.min(rows, sequences.length - from);
      long[] chosen = new long[count];
      for (int i = 0; i < count; i++) {
        chosen[i] = sequences[from + i];
      }
      TokenBatch batch = single.batch(chosen);
      boolean[] correct = new boolean[batch.tokens().length];
      float[] losses = execution.losses(batch, correct);
      for (int row = 0; row < count; row++) {
        double nats = 0;
        long targets = 0;
        long hits = 0;
        for (int at = row * batch.columns(); at < (row + 1) * batch.columns(); at++) {
          if (batch.targets()[at] != TokenBatch.IGNORED) {
            nats += losses[at];
            targets++;
            hits += correct[at] ? 1 : 0;
          }
        }
        scores.add(
            new DocumentScore(
                "sequence-" + chosen[row],
                nats,
                targets,
                hits,
                bytes(shard.sequence((int) chosen[row]), tokenizer)));
      }
      progress.accept((double) (from + count) / sequences.length);
    }
    return scores;
  }

  private static long bytes(Sequence sequence, Tokenizer tokenizer) {
    int[] learnt = new int[sequence.targets()];
    int count = 0;
    for (int i = 0; i < sequence.ids().length; i++) {
      if (sequence.learnt()[i]) {
        learnt[count++] = sequence.ids()[i];
      }
    }
    return tokenizer
        .decode(Arrays.copyOf(learnt, count), true)
        .getBytes(StandardCharsets.UTF_8)
        .length;
  }
}
