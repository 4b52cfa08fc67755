package dev.slipway.recipe.run;

import dev.slipway.data.TokenShard;
import dev.slipway.data.TokenWindows;
import dev.slipway.eval.metric.DocumentScore;
import dev.slipway.model.Execution;
import dev.slipway.tokenizer.TokenBatch;
import dev.slipway.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleConsumer;

/**
 * Measures a network on a held-out split: windows of the context's length, one after another,
 * summed for each document.
 */
public final class HeldOut {
  private HeldOut() {}

  /**
   * One score a document. A position counts for the document of its input, so that a document's end
   * is part of its score.
   *
   * @param rows windows at a time
   * @param progress is told the fraction done
   */
  public static List<DocumentScore> score(
      Execution execution, TokenShard shard, int context, int rows, DoubleConsumer progress) {
    TokenWindows windows = new TokenWindows(shard, context);
    int documents = shard.documents();
    double[] nats = new double[documents];
    long[] tokens = new long[documents];
    long[] hits = new long[documents];
    long batches = windows.batches(rows);
    boolean[] correct = new boolean[rows * context];
    for (long index = 0; index < batches; index++) {
      TokenBatch batch = windows.batch(index, rows);
      float[] losses = execution.losses(batch, correct);
      long position = index * rows * context;
      int document = shard.documentAt(Math.min(position, shard.tokens() - 1));
      for (int i = 0; i < losses.length && position < shard.tokens(); i++, position++) {
        while (document + 1 < documents && position >= shard.offset(document + 1)) {
          document++;
        }
        if (batch.targets()[i] != TokenBatch.IGNORED) {
          nats[document] += losses[i];
          tokens[document]++;
          hits[document] += correct[i] ? 1 : 0;
        }
      }
      progress.accept((index + 1.0) / batches);
    }
    List<DocumentScore> scores = new ArrayList<>(documents);
    for (int i = 0; i < documents; i++) {
      scores.add(new DocumentScore(shard.id(i), nats[i], tokens[i], hits[i], shard.textBytes(i)));
    }
    return scores;
  }

  /**
   * As {@link #score}, of one text: its tokens in windows of their own, and the start token that
   * ends it as the last target.
   */
  public static DocumentScore score(
      Execution execution, Tokenizer tokenizer, String id, String text, int context, int rows) {
    int start = DataStage.startId(tokenizer);
    return score(execution, tokenizer, id, text, context, rows, start, start);
  }

  /**
   * As {@link #score}, of one text of a model whose texts begin and end in their own way.
   *
   * @param start the token before the text
   * @param end the last target
   */
  public static DocumentScore score(
      Execution execution,
      Tokenizer tokenizer,
      String id,
      String text,
      int context,
      int rows,
      int start,
      int end) {
    int[] tokens = tokenizer.encodeOrdinary(text);
    int inputs = tokens.length + 1;
    double nats = 0;
    long hits = 0;
    for (int from = 0; from < inputs; from += rows * context) {
      int windows = Math.min(rows, Math.ceilDiv(inputs - from, context));
      int[] in = new int[windows * context];
      int[] targets = new int[windows * context];
      int[] starts = new int[windows * context];
      for (int i = 0; i < in.length; i++) {
        int position = from + i;
        boolean there = position < inputs;
        in[i] = there && position > 0 ? tokens[position - 1] : start;
        targets[i] =
            !there ? TokenBatch.IGNORED : position < tokens.length ? tokens[position] : end;
      }
      boolean[] correct = new boolean[in.length];
      float[] losses =
          execution.losses(new TokenBatch(windows, context, in, targets, starts), correct);
      for (int i = 0; i < losses.length; i++) {
        if (targets[i] != TokenBatch.IGNORED) {
          nats += losses[i];
          hits += correct[i] ? 1 : 0;
        }
      }
    }
    return new DocumentScore(id, nats, inputs, hits, text.getBytes(StandardCharsets.UTF_8).length);
  }
}
