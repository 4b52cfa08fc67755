package dev.slipway.data;

import dev.slipway.base.AtomicFiles;
import dev.slipway.data.source.DropReason;
import dev.slipway.data.source.Dropped;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Every record of the source in exactly one row: what became of it and why. Immutable; {@link
 * #check} proves that nothing is missing.
 *
 * @param rows in the order of the source
 */
public record Ledger(Input input, List<Row> rows) {
  /** What was counted where the source was read: records and their bytes as they came. */
  public record Input(long records, long bytes) {}

  /** What became of a record. */
  public enum Outcome {
    /** In the training split, and at least one of its tokens was an input. */
    TRAINED("trained"),
    /** In the training split, but training has not come to it. */
    UNSEEN("unseen"),
    VALIDATION("validation"),
    TEST("test"),
    DROPPED("dropped");

    private final String label;

    Outcome(String label) {
      this.label = label;
    }

    public String label() {
      return label;
    }

    static Outcome of(String label) {
      for (Outcome outcome : values()) {
        if (outcome.label.equals(label)) {
          return outcome;
        }
      }
      throw new IllegalArgumentException("no outcome is called " + label);
    }

    static Outcome of(SplitName split) {
      return switch (split) {
        case TRAIN -> UNSEEN;
        case VALIDATION -> VALIDATION;
        case TEST -> TEST;
      };
    }

    @Nullable SplitName split() {
      return switch (this) {
        case TRAINED, UNSEEN -> SplitName.TRAIN;
        case VALIDATION -> SplitName.VALIDATION;
        case TEST -> SplitName.TEST;
        case DROPPED -> null;
      };
    }
  }

  /**
   * One record.
   *
   * @param reason why it was dropped, null if it wasn't
   * @param detail more of the reason, or empty
   * @param bytesIn as it came
   * @param bytesClean of its cleaned text in UTF-8, 0 if dropped
   * @param tokens of its text and its start token; 0 if dropped or not yet tokenised
   * @param tokensTruncated of these, how many no window holds; packing loses none
   * @param timesSeen how often that token of it was an input that was one most often
   * @param tokensSeen inputs that were tokens of it, each time counted
   */
  public record Row(
      String id,
      Outcome outcome,
      @Nullable DropReason reason,
      String detail,
      long bytesIn,
      long bytesClean,
      long tokens,
      long tokensTruncated,
      long timesSeen,
      long tokensSeen) {
    static Row dropped(String id, long bytesIn, DropReason reason, String detail) {
      return new Row(id, Outcome.DROPPED, reason, detail, bytesIn, 0, 0, 0, 0, 0);
    }

    static Row kept(String id, long bytesIn, long bytesClean, SplitName split) {
      return new Row(id, Outcome.of(split), null, "", bytesIn, bytesClean, 0, 0, 0, 0);
    }

    Row tokenised(long count) {
      return tokenised(count, tokensTruncated);
    }

    Row tokenised(long count, long truncated) {
      return new Row(id, outcome, reason, detail, bytesIn, bytesClean, count, truncated, 0, 0);
    }

    Row seen(long times, long inputs) {
      return new Row(
          id,
          times > 0 ? Outcome.TRAINED : Outcome.UNSEEN,
          reason,
          detail,
          bytesIn,
          bytesClean,
          tokens,
          tokensTruncated,
          times,
          inputs);
    }
  }

  /** Sums over rows that share an outcome or a reason. */
  public record Sum(long records, long bytesIn, long bytesClean, long tokens, long tokensSeen) {
    static final Sum NONE = new Sum(0, 0, 0, 0, 0);

    Sum plus(Row row) {
      return new Sum(
          records + 1,
          bytesIn + row.bytesIn,
          bytesClean + row.bytesClean,
          tokens + row.tokens,
          tokensSeen + row.tokensSeen);
    }
  }

  /**
   * The ledger in short.
   *
   * @param outcomes by {@link Outcome#label}
   * @param reasons by {@link DropReason#label}, of the dropped ones
   */
  public record Summary(
      long records,
      long bytes,
      long tokensTruncated,
      Map<String, Sum> outcomes,
      Map<String, Sum> reasons) {
    public Sum outcome(Outcome outcome) {
      return outcomes.getOrDefault(outcome.label, Sum.NONE);
    }

    public Sum reason(DropReason reason) {
      return reasons.getOrDefault(reason.label(), Sum.NONE);
    }
  }

  /**
   * What became of a kept record when it was made into what is learnt.
   *
   * @param dropped why nothing could be made of it, or null
   * @param tokens that were made of it, those that were cut away included
   * @param truncated of these, how many were cut away
   */
  public record Fate(@Nullable Dropped dropped, long tokens, long truncated) {}

  public Ledger {
    rows = List.copyOf(rows);
  }

  /** With the counts of tokens. */
  public Ledger tokenised(TokenShards shards) {
    int[] next = new int[SplitName.values().length];
    List<Row> result = new ArrayList<>(rows.size());
    for (Row row : rows) {
      SplitName split = row.outcome.split();
      if (split == null) {
        result.add(row);
      } else {
        TokenShard shard = shards.shard(split);
        int document = next[split.ordinal()]++;
        result.add(row.tokenised(shard.count(document)));
      }
    }
    for (SplitName split : SplitName.values()) {
      require(
          next[split.ordinal()] == shards.shard(split).documents(),
          "the ledger has %s documents in the %s split, the shards have %s",
          next[split.ordinal()],
          split.label(),
          shards.shard(split).documents());
    }
    return new Ledger(input, result);
  }

  /**
   * With what training has seen after so many micro-batches; by arithmetic, so that a resumed run's
   * ledger is that of an undisturbed one.
   *
   * @param batches over the training split of the shards that {@link #tokenised} counted
   */
  public Ledger trained(ShuffledBatches batches, long microBatches) {
    long[] seen = batches.tokensSeen(microBatches);
    int next = 0;
    List<Row> result = new ArrayList<>(rows.size());
    for (Row row : rows) {
      if (row.outcome.split() == SplitName.TRAIN) {
        long inputs = seen[next++];
        result.add(row.seen(Math.ceilDiv(inputs, row.tokens), inputs));
      } else {
        result.add(row);
      }
    }
    return new Ledger(input, result);
  }

  /**
   * With what became of the kept records.
   *
   * @param fates by split, in the order of the source
   */
  public Ledger with(Map<SplitName, List<Fate>> fates) {
    int[] next = new int[SplitName.values().length];
    List<Row> result = new ArrayList<>(rows.size());
    for (Row row : rows) {
      SplitName split = row.outcome.split();
      if (split == null) {
        result.add(row);
        continue;
      }
      Fate fate = fates.getOrDefault(split, List.of()).get(next[split.ordinal()]++);
      Dropped dropped = fate.dropped();
      result.add(
          dropped == null
              ? row.tokenised(fate.tokens(), fate.truncated())
              : Row.dropped(row.id, row.bytesIn, dropped.reason(), dropped.detail()));
    }
    for (SplitName split : SplitName.values()) {
      int count = fates.getOrDefault(split, List.of()).size();
      require(
          next[split.ordinal()] == count,
          "the ledger has %s documents in the %s split, %s were made into something",
          next[split.ordinal()],
          split.label(),
          count);
    }
    return new Ledger(input, result);
  }

  /**
   * With how often training has seen each record that is left of the training split.
   *
   * @param times in the order of the source
   */
  public Ledger seen(long[] times) {
    int next = 0;
    List<Row> result = new ArrayList<>(rows.size());
    for (Row row : rows) {
      if (row.outcome.split() == SplitName.TRAIN) {
        long seen = times[next++];
        result.add(row.seen(seen, seen * (row.tokens - row.tokensTruncated)));
      } else {
        result.add(row);
      }
    }
    require(next == times.length, "%s records to learn from, %s were counted", next, times.length);
    return new Ledger(input, result);
  }

  public Summary summary() {
    Map<String, Sum> outcomes = new TreeMap<>();
    Map<String, Sum> reasons = new TreeMap<>();
    long truncated = 0;
    for (Row row : rows) {
      outcomes.put(row.outcome.label, outcomes.getOrDefault(row.outcome.label, Sum.NONE).plus(row));
      if (row.reason != null) {
        reasons.put(
            row.reason.label(), reasons.getOrDefault(row.reason.label(), Sum.NONE).plus(row));
      }
      truncated += row.tokensTruncated;
    }
    return new Summary(input.records, input.bytes, truncated, outcomes, reasons);
  }

  /**
   * Proves that each input record is in exactly one row: the rows' number and bytes are the
   * input's, no id comes twice, a row has a reason exactly if it was dropped, and only what was
   * trained was seen.
   *
   * @throws IllegalStateException if not, which is a bug
   */
  public void check() {
    long bytes = 0;
    Set<String> ids = HashSet.newHashSet(rows.size());
    for (Row row : rows) {
      bytes += row.bytesIn;
      require(ids.add(row.id), "record %s has two rows", row.id);
      boolean dropped = row.outcome == Outcome.DROPPED;
      require(dropped == (row.reason != null), "%s: outcome and reason disagree", row);
      require(!dropped || row.bytesClean == 0 && row.tokens == 0, "%s: dropped with text", row);
      require(
          row.outcome == Outcome.TRAINED
              ? row.timesSeen > 0 && row.tokensSeen > 0
              : row.timesSeen == 0 && row.tokensSeen == 0,
          "%s: outcome and times seen disagree",
          row);
      require(row.tokensTruncated <= row.tokens, "%s: more truncated than there is", row);
    }
    require(
        rows.size() == input.records, "%s rows for %s input records", rows.size(), input.records);
    require(bytes == input.bytes, "%s bytes in rows for %s bytes of input", bytes, input.bytes);
  }

  /** {@link #check}, and the tokens are those of the shards and the inputs those of the batches. */
  public void check(TokenShards shards, ShuffledBatches batches, long microBatches) {
    check();
    long[] tokens = new long[SplitName.values().length];
    long seen = 0;
    for (Row row : rows) {
      SplitName split = row.outcome.split();
      if (split != null) {
        tokens[split.ordinal()] += row.tokens;
      }
      seen += row.tokensSeen;
    }
    for (SplitName split : SplitName.values()) {
      require(
          tokens[split.ordinal()] == shards.shard(split).tokens(),
          "%s tokens in the rows of the %s split, %s in its shard",
          tokens[split.ordinal()],
          split.label(),
          shards.shard(split).tokens());
    }
    long inputs = batches.inputs(microBatches);
    require(seen == inputs, "%s tokens seen in rows, %s inputs in batches", seen, inputs);
  }

  private static void require(boolean holds, String what, Object... values) {
    if (!holds) {
      throw new IllegalStateException("the ledger is wrong: " + what.formatted(values));
    }
  }

  /** Puts the ledger there as Parquet, in place of one that was. */
  public void write(Path parquet) {
    AtomicFiles.writeAt(parquet, file -> LedgerFile.write(this, file));
  }

  /** Reads what {@link #write} wrote. */
  static Ledger read(Path parquet, Input input) {
    return new Ledger(input, LedgerFile.read(parquet));
  }
}
