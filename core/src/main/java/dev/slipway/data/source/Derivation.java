package dev.slipway.data.source;

import java.nio.file.Path;
import java.util.List;

/** Makes records of a record: a pure function, which may be used by several threads at once. */
@FunctionalInterface
public interface Derivation {
  /**
   * What becomes of a record, in an order of its own; at least one record, which is dropped where
   * nothing can be made, so that the ledger has it.
   *
   * @param record that was read whole
   * @param path of its source, for a sentence about it
   */
  List<SourceRecord> of(SourceRecord record, Path path);
}
