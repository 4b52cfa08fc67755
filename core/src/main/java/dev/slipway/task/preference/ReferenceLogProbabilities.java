package dev.slipway.task.preference;

import dev.slipway.base.AtomicFiles;
import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.data.conversation.SequenceShard;
import dev.slipway.model.Execution;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.DoubleConsumer;

/**
 * What the model that tuning begins with says of the answers; worked out once and kept in a file.
 *
 * @param answers log-probability of each sequence, in nats
 * @param mismatched of each sequence's prompt with the answer before it, for KTO; else empty
 */
public record ReferenceLogProbabilities(double[] answers, double[] mismatched) {
  /** For a loss that knows no reference. */
  static ReferenceLogProbabilities none(int sequences) {
    return new ReferenceLogProbabilities(new double[sequences], new double[0]);
  }

  /**
   * Reads the file, or works it out by the model as it now is and writes the file.
   *
   * @param longest tokens that a sequence may have
   * @param rows at a time
   * @param progress is told the fraction done
   * @throws SlipwayException {@code data.tokens-damaged} if the file is of other data
   */
  public static ReferenceLogProbabilities of(
      Path file,
      Execution execution,
      SequenceShard shard,
      PreferenceLoss loss,
      int longest,
      int rows,
      int padId,
      DoubleConsumer progress) {
    int count = shard.sequences();
    if (!loss.needsReference()) {
      return none(count);
    }
    boolean rated = loss instanceof PreferenceLoss.Kto;
    if (Files.exists(file)) {
      return read(file, count, rated ? count : 0);
    }
    AnswerRows answers = new AnswerRows(shard, longest, padId);
    double[] plain = new double[count];
    double[] mismatched = new double[rated ? count : 0];
    for (int from = 0; from < count; from += rows) {
      int[] chosen = AnswerRows.range(from, Math.min(count, from + rows));
      copy(AnswerRows.logProbabilities(execution, answers.batch(chosen)), plain, from);
      if (rated) {
        copy(AnswerRows.logProbabilities(execution, answers.mismatched(chosen)), mismatched, from);
      }
      progress.accept((double) Math.min(count, from + rows) / count);
    }
    ReferenceLogProbabilities result = new ReferenceLogProbabilities(plain, mismatched);
    result.write(file);
    return result;
  }

  private static void copy(double[] from, double[] to, int at) {
    System.arraycopy(from, 0, to, at, from.length);
  }

  private void write(Path file) {
    ByteBuffer bytes =
        ByteBuffer.allocate((answers.length + mismatched.length) * Double.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN);
    for (double each : answers) {
      bytes.putDouble(each);
    }
    for (double each : mismatched) {
      bytes.putDouble(each);
    }
    AtomicFiles.writeAt(file, fresh -> Files.write(fresh, bytes.array()));
  }

  private static ReferenceLogProbabilities read(Path file, int count, int mismatched) {
    ByteBuffer bytes;
    try {
      bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    } catch (IOException e) {
      throw damaged(file, "it can't be read: " + e.getMessage());
    }
    if (bytes.remaining() != (count + mismatched) * Double.BYTES) {
      throw damaged(file, bytes.remaining() + " bytes for " + count + " answers");
    }
    double[] plain = new double[count];
    double[] others = new double[mismatched];
    bytes.asDoubleBuffer().get(plain).get(others);
    return new ReferenceLogProbabilities(plain, others);
  }

  private static SlipwayException damaged(Path file, String what) {
    return new SlipwayException(
        Exit.INPUT,
        "data.tokens-damaged",
        "the reference's log-probabilities in " + file + " are damaged: " + what,
        "start the run anew, since the model that it began with is no longer there");
  }
}
