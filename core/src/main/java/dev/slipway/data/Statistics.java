package dev.slipway.data;

import dev.slipway.data.source.DropReason;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * What became of a source.
 *
 * @param records in the source
 * @param bytes of the records as they came
 * @param dropped by reason, only reasons that occurred; bytes as they came
 * @param splits of each split, bytes of the cleaned texts in UTF-8
 */
public record Statistics(
    long records, long bytes, Map<DropReason, Count> dropped, Map<SplitName, Count> splits) {
  /** So many records with so many bytes. */
  public record Count(long records, long bytes) {
    static final Count NONE = new Count(0, 0);

    Count plus(Count more) {
      return new Count(records + more.records, bytes + more.bytes);
    }
  }

  public Statistics {
    dropped = immutable(dropped, DropReason.class);
    splits = immutable(splits, SplitName.class);
  }

  /** Records and cleaned bytes of a split. */
  public Count split(SplitName split) {
    return splits.getOrDefault(split, Count.NONE);
  }

  /** Records dropped for this reason, with their bytes as they came. */
  public Count dropped(DropReason reason) {
    return dropped.getOrDefault(reason, Count.NONE);
  }

  /** Bytes of all cleaned texts that are kept. */
  public long keptBytes() {
    return splits.values().stream().mapToLong(Count::bytes).sum();
  }

  private static <K extends Enum<K>> Map<K, Count> immutable(Map<K, Count> map, Class<K> type) {
    Map<K, Count> copy = new EnumMap<>(type); // in the order of the constants
    copy.putAll(map);
    return Collections.unmodifiableMap(copy);
  }
}
