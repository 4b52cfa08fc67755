package dev.slipway.data.source;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** What is made of each record of another reader, one after another. */
final class DerivedReader implements RecordReader {
  private final Path path;
  private final RecordReader base;
  private final Derivation derivation;
  private final Deque<SourceRecord> ready = new ArrayDeque<>();
  private long bytesRead;

  DerivedReader(Path path, RecordReader base, Derivation derivation) {
    this.path = path;
    this.base = base;
    this.derivation = derivation;
  }

  @Override
  public @Nullable PendingRecord next() {
    while (ready.isEmpty()) {
      PendingRecord pending = base.next();
      if (pending == null) {
        return null;
      }
      SourceRecord record = pending.read();
      bytesRead += record.bytes();
      if (record.problem() == null) {
        ready.addAll(derivation.of(record, path));
      } else {
        ready.add(record);
      }
    }
    return new Ready(ready.removeFirst());
  }

  @Override
  public long expectedBytes() {
    return base.expectedBytes();
  }

  @Override
  public long bytesRead() {
    return bytesRead;
  }

  @Override
  public void close() {
    base.close();
  }
}
