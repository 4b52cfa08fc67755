package dev.slipway.data.example;

import dev.slipway.data.KeyedPermutation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Batches of some examples, each a pure function of (seed, rows, its index over the whole run), so
 * that resuming is arithmetic. An epoch is every example once, in an order of its own ({@link
 * KeyedPermutation}); its last batch has the rows that are left. Safe for several threads at once.
 *
 * <p>With lengths, an epoch's shuffled examples are taken {@value #BUCKET} batches at a time,
 * sorted by length and cut into batches, whose order is shuffled: less padding at the price of less
 * random neighbours.
 */
public final class ExampleBatches {
  /** Batches that are sorted by length together. */
  static final int BUCKET = 50;

  private static final long BUCKETS = 0x6275636B657473L;

  private final EncodedExamples encoded;
  private final int[] members;
  private final int rows;
  private final @Nullable Long seed;
  private final boolean drawn;
  private final int @Nullable [] lengths;
  private final int @Nullable [][] groups;

  private ExampleBatches(
      EncodedExamples encoded,
      int[] members,
      int rows,
      @Nullable Long seed,
      boolean drawn,
      int @Nullable [] lengths,
      int @Nullable [][] groups) {
    if (rows < 1 || members.length == 0) {
      throw new IllegalArgumentException(
          "batches of " + rows + " rows of " + members.length + " examples");
    }
    this.encoded = encoded;
    this.members = members.clone();
    this.rows = rows;
    this.seed = seed;
    this.drawn = drawn;
    this.lengths = lengths == null ? null : lengths.clone();
    this.groups = groups;
  }

  /** To learn from: shuffled, and augmented by draws of (seed, epoch, example). */
  public static ExampleBatches shuffled(
      EncodedExamples encoded, int[] members, int rows, long seed) {
    return new ExampleBatches(encoded, members, rows, seed, true, null, null);
  }

  /** To judge by: in the order given, nothing augmented. */
  public static ExampleBatches inOrder(EncodedExamples encoded, int[] members, int rows) {
    return new ExampleBatches(encoded, members, rows, null, false, null, null);
  }

  /**
   * Batches of similar lengths.
   *
   * @param lengths of each example of the whole set
   */
  public ExampleBatches bucketed(int[] lengths) {
    return new ExampleBatches(encoded, members, rows, seed, drawn, lengths, null);
  }

  /**
   * Batches of whole groups, such as the documents of a query: {@link #rows()} counts groups, which
   * are shuffled in place of examples.
   *
   * @param of the group of each example of the whole set
   */
  public ExampleBatches grouped(int[] of) {
    Map<Integer, List<Integer>> found = new LinkedHashMap<>();
    for (int member : members) {
      found.computeIfAbsent(of[member], _ -> new ArrayList<>()).add(member);
    }
    int[][] whole =
        found.values().stream()
            .map(group -> group.stream().mapToInt(Integer::intValue).toArray())
            .toArray(int[][]::new);
    return new ExampleBatches(encoded, members, rows, seed, drawn, null, whole);
  }

  public EncodedExamples encoded() {
    return encoded;
  }

  public int rows() {
    return rows;
  }

  /** How many examples an epoch has. */
  public int size() {
    return members.length;
  }

  public long batchesPerEpoch() {
    return Math.ceilDiv(groups == null ? members.length : groups.length, rows);
  }

  /** The epoch of batch {@code index}, from 0. */
  public long epoch(long index) {
    return index / batchesPerEpoch();
  }

  /** How many rows batch {@code index} has, without reading it. */
  public int rows(long index) {
    return examples(index).length;
  }

  /** The examples of batch {@code index}, as indices in their set. */
  public int[] examples(long index) {
    long within = index % batchesPerEpoch();
    if (groups != null) {
      return ofGroups(groups, index, within);
    }
    if (seed == null) {
      return slice(members, within);
    }
    KeyedPermutation order = new KeyedPermutation(members.length, seed, epoch(index));
    if (lengths == null) {
      long from = within * rows;
      int count = (int) Math.min(rows, members.length - from);
      int[] examples = new int[count];
      long[] places = order.apply(from, count);
      for (int i = 0; i < count; i++) {
        examples[i] = members[(int) places[i]];
      }
      return examples;
    }
    return bucket(order, index, within, lengths, seed);
  }

  private int[] ofGroups(int[][] all, long index, long within) {
    long from = within * rows;
    int count = (int) Math.min(rows, all.length - from);
    KeyedPermutation order =
        seed == null ? null : new KeyedPermutation(all.length, seed, epoch(index));
    return IntStream.range(0, count)
        .mapToLong(i -> order == null ? from + i : order.apply(from + i))
        .flatMap(group -> Arrays.stream(all[(int) group]).asLongStream())
        .mapToInt(Math::toIntExact)
        .toArray();
  }

  private int[] bucket(KeyedPermutation order, long index, long within, int[] byExample, long key) {
    long bucket = within / BUCKET;
    long from = bucket * BUCKET * rows;
    int count = (int) Math.min((long) BUCKET * rows, members.length - from);
    long[] places = order.apply(from, count);
    long[] sorted = new long[count];
    for (int i = 0; i < count; i++) {
      // Length first, then the place in the shuffle, so that equal lengths stay shuffled.
      sorted[i] = (long) byExample[members[(int) places[i]]] << 32 | i;
    }
    Arrays.sort(sorted);
    int[] examples = new int[count];
    for (int i = 0; i < count; i++) {
      examples[i] = members[(int) places[(int) sorted[i]]];
    }
    int batches = Math.ceilDiv(count, rows);
    long stream = epoch(index) * Math.ceilDiv(batchesPerEpoch(), BUCKET) + bucket;
    return slice(
        examples, new KeyedPermutation(batches, key ^ BUCKETS, stream).apply(within % BUCKET));
  }

  private int[] slice(int[] all, long batch) {
    int from = Math.toIntExact(batch * rows);
    return Arrays.copyOfRange(all, from, Math.min(all.length, from + rows));
  }

  /** Batch {@code index}, from 0, over the whole run. */
  public ExampleBatch batch(long index) {
    int[] examples = examples(index);
    Draw[] draws = null;
    if (drawn && seed != null) {
      draws = new Draw[examples.length];
      for (int i = 0; i < draws.length; i++) {
        draws[i] = new Draw(seed, epoch(index), examples[i]);
      }
    }
    return encoded.batch(examples, draws);
  }

  /** Ids of the examples in batch {@code index}. */
  public List<String> recordIds(long index) {
    return Arrays.stream(examples(index)).mapToObj(encoded.examples()::id).toList();
  }

  /** How often each example of the whole set is in the first {@code batches}. */
  public int[] timesSeen(long batches) {
    int[] seen = new int[encoded.examples().size()];
    int whole = Math.toIntExact(batches / batchesPerEpoch());
    for (int member : members) {
      seen[member] += whole;
    }
    for (long index = whole * batchesPerEpoch(); index < batches; index++) {
      for (int example : examples(index)) {
        seen[example]++;
      }
    }
    return seen;
  }

  /** A set with what features and the task made of it. */
  public record EncodedExamples(
      ExampleSet examples,
      SequencedMap<String, Encoded> inputs,
      SequencedMap<String, Encoded> targets) {
    /** Chosen rows; {@code draws} as in {@link Encoded#gather}. */
    public ExampleBatch batch(int[] rows, Draw @Nullable [] draws) {
      SequencedMap<String, Values> inputValues = new LinkedHashMap<>();
      inputs.forEach((name, values) -> inputValues.put(name, values.gather(rows, draws)));
      SequencedMap<String, Values> targetValues = new LinkedHashMap<>();
      targets.forEach((name, values) -> targetValues.put(name, values.gather(rows, draws)));
      return new ExampleBatch(rows, inputValues, targetValues);
    }

    /** Chosen rows with their targets alone. */
    public ExampleBatch targets(int[] rows) {
      SequencedMap<String, Values> targetValues = new LinkedHashMap<>();
      targets.forEach((name, values) -> targetValues.put(name, values.gather(rows, null)));
      return new ExampleBatch(rows, new LinkedHashMap<>(), targetValues);
    }
  }
}
