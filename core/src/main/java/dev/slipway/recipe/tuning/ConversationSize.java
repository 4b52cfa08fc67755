package dev.slipway.recipe.tuning;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.data.Document;
import dev.slipway.data.conversation.SequenceEncoder.Count;
import dev.slipway.data.source.RecordReader;
import dev.slipway.data.source.Source;
import dev.slipway.data.source.SourceRecord;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;

/**
 * About what a source of conversations or preferences comes to.
 *
 * @param records that are left
 * @param sequences of each of these
 * @param tokens of all
 * @param longest tokens of a record's longest sequence, on average
 * @param learnt tokens of all that are learnt
 * @param seconds to read it and make it into tokens
 */
record ConversationSize(
    double records, int sequences, double tokens, double longest, double learnt, double seconds) {
  /** Bytes of the source that are made into tokens; a smaller one is counted whole. */
  private static final long SAMPLE = 2_000_000;

  /** Bytes that are read and made into tokens in a second. */
  private static final double BYTES_PER_SECOND = 2e6;

  static ConversationSize of(Source source, Function<Document, Count> encoding) {
    long bytes = 0;
    long all = 0;
    long kept = 0;
    long tokens = 0;
    long learnt = 0;
    long longest = 0;
    int sequences = 1;
    boolean whole = true;
    long expected;
    try (RecordReader reader = source.open()) {
      expected = reader.expectedBytes();
      for (RecordReader.PendingRecord next = reader.next();
          next != null && whole;
          next = reader.next()) {
        SourceRecord record = next.read();
        bytes = reader.bytesRead() < 0 ? bytes + record.bytes() : reader.bytesRead();
        all++;
        if (record.problem() == null) {
          String text = new String(record.content(), StandardCharsets.UTF_8);
          Count count = encoding.apply(new Document(record.id(), text));
          kept += count.sequences() > 0 ? 1 : 0;
          sequences = Math.max(sequences, count.sequences());
          tokens += count.tokens();
          learnt += count.learnt();
          longest += count.longest();
        }
        whole = bytes <= SAMPLE;
      }
    }
    if (all == 0) {
      throw new SlipwayException(
          Exit.INPUT,
          "data.empty",
          source.path() + " has no records, expected some conversations to learn from",
          "check the path and the patterns of data.source");
    }
    double more = whole || bytes == 0 ? 1 : Math.max(1, (double) expected / bytes);
    return new ConversationSize(
        kept * more,
        sequences,
        tokens * more,
        kept == 0 ? 0 : (double) longest / kept,
        learnt * more,
        1 + Math.max(expected, bytes) / BYTES_PER_SECOND);
  }
}
