package dev.slipway.data.source;

import org.jspecify.annotations.Nullable;

/**
 * The records of an opened source, one after another in a stable order. {@link #next} is for one
 * thread; what it gives may be read on any thread, several at once, so that reading and cleaning
 * spread over the cores.
 *
 * <p>Problems with the source as a whole are {@link dev.slipway.base.SlipwayException}s, from
 * opening, from {@link #next} or from {@link PendingRecord#read}.
 */
public interface RecordReader extends AutoCloseable {
  /** The next record, or null after the last. */
  @Nullable PendingRecord next();

  /** Bytes of all records together as far as the source says before reading; -1 if it doesn't. */
  long expectedBytes();

  /**
   * How many of {@link #expectedBytes} the records so far were made of; -1 where that is the sum of
   * the records' own.
   */
  default long bytesRead() {
    return -1;
  }

  @Override
  void close();

  /** A record still to be read. */
  interface PendingRecord {
    /** About how much memory reading takes, in bytes. */
    long weight();

    /** Reads it; once. */
    SourceRecord read();
  }

  /**
   * A record that is in memory already.
   *
   * @param record the record
   */
  record Ready(SourceRecord record) implements PendingRecord {
    @Override
    public long weight() {
      return record.content().length;
    }

    @Override
    public SourceRecord read() {
      return record;
    }
  }
}
