package dev.slipway.infer;

import dev.slipway.infer.Continuation.Likelihood;
import dev.slipway.model.decoder.DecoderNetwork;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.DoubleConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Scores many continuations with few passes. Continuations of one context are rows behind its keys
 * and values, which are computed once, and contexts that begin alike share what they have in
 * common; all others are rows of whole sequences, the longest first, padded on the right, where
 * causal attention does not see it. Logits are made for the scored places alone.
 */
final class LikelihoodBatches {
  /** Positions that pass through the network together. */
  private static final int POSITIONS = 4096;

  /** Numbers of logits that are there at a time. */
  private static final int LOGITS = 16 << 20;

  /** A prefix is shared where that saves so many positions, and a quarter of all. */
  private static final int WORTH_SHARING = 16;

  /**
   * @param ids inputs and, last, the final target
   * @param from index in {@code ids} of the first that is scored
   */
  private record Row(int index, int[] ids, int from) {
    int inputs() {
      return ids.length - 1;
    }

    int scored() {
      return ids.length - from;
    }
  }

  /** Rows whose ids agree up to where they are scored. */
  private record Group(int[] prefix, List<Row> rows) {
    int inputs() {
      return rows.stream().mapToInt(Row::inputs).sum();
    }
  }

  private final DecoderNetwork network;
  private final DoubleConsumer progress;
  private final @Nullable Likelihood[] found;
  private int done;

  private LikelihoodBatches(DecoderNetwork network, int requests, DoubleConsumer progress) {
    this.network = network;
    this.progress = progress;
    found = new @Nullable Likelihood[requests];
  }

  /**
   * @param progress is told the share done
   * @return in the order of the requests
   */
  static List<Likelihood> of(
      DecoderNetwork network, List<Continuation> requests, DoubleConsumer progress) {
    LikelihoodBatches batches = new LikelihoodBatches(network, requests.size(), progress);
    batches.run(requests);
    return Arrays.stream(batches.found).map(Objects::requireNonNull).toList();
  }

  private void run(List<Continuation> requests) {
    int context = network.context();
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < requests.size(); i++) {
      Continuation request = requests.get(i);
      int[] ids = request.row(context);
      rows.add(new Row(i, ids, Math.max(1, ids.length - request.ids().length)));
    }
    // What a position is may depend on how long its sequence is: such rows share nothing.
    boolean equalLengths = network.positionsDependOnLength();
    List<Row> alone = new ArrayList<>();
    if (equalLengths) {
      alone.addAll(rows);
    } else {
      shared(groups(rows), alone);
    }
    alone.sort(Comparator.comparingInt(Row::inputs).reversed());
    for (int from = 0; from < alone.size(); ) {
      int length = alone.get(from).inputs();
      int to = from + 1;
      while (to < alone.size()
          && (to - from + 1) * length <= POSITIONS
          && (!equalLengths || alone.get(to).inputs() == length)) {
        to++;
      }
      whole(alone.subList(from, to));
      from = to;
    }
  }

  /** In the order of their prefixes, so that neighbours begin alike. */
  private static List<Group> groups(List<Row> rows) {
    Comparator<Row> byPrefix = (a, b) -> Arrays.compare(a.ids(), 0, a.from(), b.ids(), 0, b.from());
    List<Row> sorted = rows.stream().sorted(byPrefix).toList();
    List<Group> groups = new ArrayList<>();
    for (Row row : sorted) {
      if (groups.isEmpty()
          || !Arrays.equals(
              groups.getLast().prefix(),
              0,
              groups.getLast().prefix().length,
              row.ids(),
              0,
              row.from())) {
        groups.add(new Group(Arrays.copyOf(row.ids(), row.from()), new ArrayList<>()));
      }
      groups.getLast().rows().add(row);
    }
    return groups;
  }

  private void shared(List<Group> groups, List<Row> alone) {
    try (PrefixCache cache = new PrefixCache(network.shape().layers())) {
      int[] before = new int[0];
      for (int i = 0; i < groups.size(); i++) {
        Group group = groups.get(i);
        int[] prefix = group.prefix();
        int ahead =
            i + 1 < groups.size() ? PrefixCache.common(prefix, groups.get(i + 1).prefix()) : 0;
        int saved =
            (group.rows().size() - 1) * prefix.length
                + Math.max(PrefixCache.common(before, prefix), ahead);
        if (saved >= WORTH_SHARING && 4 * saved >= group.inputs()) {
          behindPrefix(group, cache);
          before = prefix;
        } else {
          alone.addAll(group.rows());
        }
      }
    }
  }

  // ---- rows behind a prefix ----

  private void behindPrefix(Group group, PrefixCache cache) {
    List<Row> rows = group.rows();
    double[] logprobs = new double[rows.size()];
    int[] hits = new int[rows.size()];
    int[] firsts = rows.stream().mapToInt(row -> row.ids()[row.from()]).toArray();
    inPass(
        () -> {
          Tensor last = fill(group.prefix(), cache); // (1, C)
          Tensor logits = network.logits(last); // (1, V)
          float[] found = logits.logSoftmax(1).toFloats();
          int best = (int) logits.argmax(1).toLongs()[0];
          for (int i = 0; i < firsts.length; i++) {
            logprobs[i] += found[firsts[i]];
            hits[i] += best == firsts[i] ? 1 : 0;
          }
        });
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      if (rows.get(i).scored() > 1) {
        order.add(i);
      }
    }
    order.sort(Comparator.comparingInt((Integer i) -> rows.get(i).scored()).reversed());
    int prefix = group.prefix().length;
    for (int from = 0; from < order.size(); ) {
      int columns = rows.get(order.get(from)).scored() - 1;
      int count = Math.clamp(POSITIONS / (columns + prefix), 1, order.size() - from);
      List<Integer> some = order.subList(from, from + count);
      inPass(
          () -> {
            int[] ids = new int[count * columns];
            Places places = new Places();
            for (int r = 0; r < count; r++) {
              Row row = rows.get(some.get(r));
              for (int c = 0; c + 1 < row.scored(); c++) {
                ids[r * columns + c] = row.ids()[row.from() + c];
                places.add(some.get(r), r * columns + c, row.ids()[row.from() + c + 1]);
              }
            }
            Tensor hidden =
                network.hidden(
                    Tensor.of(ids, count, columns),
                    network.pass(prefix, columns, prefix + columns, cache)); // (B, T, C)
            places.score(network, hidden, logprobs, hits);
          });
      from += count;
    }
    for (int i = 0; i < rows.size(); i++) {
      tell(rows.get(i), logprobs[i], hits[i]);
    }
  }

  /** The last hidden state of a prefix, (1, C), all of which then is in the cache. */
  private Tensor fill(int[] prefix, PrefixCache cache) {
    int here = cache.begin(prefix);
    Tensor hidden = null;
    for (int from = here; from < prefix.length; from += POSITIONS) {
      int[] piece = Arrays.copyOfRange(prefix, from, Math.min(prefix.length, from + POSITIONS));
      hidden =
          network.hidden(
              Tensor.of(piece, 1, piece.length),
              network.pass(from, piece.length, prefix.length, cache)); // (1, T, C)
      cache.passed(piece.length);
    }
    cache.filled();
    Tensor last = Objects.requireNonNull(hidden);
    return last.narrow(1, last.size(1) - 1, 1).view(1, last.size(2));
  }

  // ---- rows of their own ----

  private void whole(List<Row> rows) {
    int columns = rows.getFirst().inputs();
    double[] logprobs = new double[rows.size()];
    int[] hits = new int[rows.size()];
    inPass(
        () -> {
          int[] ids = new int[rows.size() * columns];
          Places places = new Places();
          for (int r = 0; r < rows.size(); r++) {
            Row row = rows.get(r);
            System.arraycopy(row.ids(), 0, ids, r * columns, row.inputs());
            for (int c = row.from() - 1; c < row.inputs(); c++) {
              places.add(r, r * columns + c, row.ids()[c + 1]);
            }
          }
          Tensor hidden =
              network.hidden(
                  Tensor.of(ids, rows.size(), columns), network.pass(columns)); // (B, T, C)
          places.score(network, hidden, logprobs, hits);
        });
    for (int r = 0; r < rows.size(); r++) {
      tell(rows.get(r), logprobs[r], hits[r]);
    }
  }

  private void tell(Row row, double logprob, int hits) {
    found[row.index()] = new Likelihood(logprob, row.scored(), hits);
    done++;
    progress.accept((double) done / found.length);
  }

  private static void inPass(Runnable work) {
    try (Scope _ = Scope.open();
        NoGrad _ = NoGrad.open()) {
      work.run();
    }
  }

  /** Places of a batch whose next tokens are scored. */
  private static final class Places {
    private final List<int[]> places = new ArrayList<>(); // row, position, target

    void add(int row, int position, int target) {
      places.add(new int[] {row, position, target});
    }

    /**
     * @param hidden (B, T, C)
     */
    void score(DecoderNetwork network, Tensor hidden, double[] logprobs, int[] hits) {
      Tensor flat = hidden.reshape(-1, hidden.size(2)); // (B T, C)
      int most = Math.max(1, LOGITS / network.vocabularySize());
      for (int from = 0; from < places.size(); from += most) {
        List<int[]> some = places.subList(from, Math.min(places.size(), from + most));
        try (Scope _ = Scope.open()) {
          long[] positions = some.stream().mapToLong(place -> place[1]).toArray();
          long[] targets = some.stream().mapToLong(place -> place[2]).toArray();
          Tensor logits =
              network.logits(flat.indexSelect(0, Tensor.of(positions, positions.length))); // (N, V)
          float[] found =
              logits.logSoftmax(1).gather(1, Tensor.of(targets, targets.length, 1)).toFloats();
          long[] best = logits.argmax(1).toLongs(); // (N)
          for (int i = 0; i < found.length; i++) {
            int row = some.get(i)[0];
            logprobs[row] += found[i];
            hits[row] += best[i] == targets[i] ? 1 : 0;
          }
        }
      }
    }
  }
}
