package dev.slipway.infer.batch;

import dev.slipway.infer.OngoingGeneration;
import dev.slipway.infer.batch.BatchNetwork.Piece;
import dev.slipway.tensor.kernel.infer.LowRank;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Continuous batching (Yu et al. 2022, "Orca", §3): each step takes one token of every sequence
 * that answers and fills up with pieces of prompts (Agrawal et al. 2023, "SARATHI", §4), so that a
 * long prompt holds nobody up. When blocks run out the youngest sequence gives its own back and is
 * computed again later. Used by one thread, which owns the network.
 *
 * <p>An answer depends on its request alone: the network computes a position alike in any company,
 * and tokens are chosen by {@link OngoingGeneration}.
 */
public final class Batcher implements AutoCloseable {
  /**
   * @param mostRunning sequences at once
   * @param rows positions of a step when nobody waits for the next token
   * @param rowsBesideAnswers positions of a step while others answer
   * @param prefixCache whether blocks are shared between sequences and kept for later ones
   * @param drafting guesses of what comes next, to be verified
   */
  public record Settings(
      int mostRunning, int rows, int rowsBesideAnswers, boolean prefixCache, Drafting drafting) {
    public static final Settings DEFAULT = new Settings(64, 256, 64, true, Drafting.NONE);

    public Settings {
      if (mostRunning < 1 || rows < 1 || rowsBesideAnswers < 1) {
        throw new IllegalArgumentException(
            "a batch of " + mostRunning + " sequences and " + rows + " rows can't be");
      }
    }

    public Settings withMostRunning(int value) {
      return new Settings(value, rows, rowsBesideAnswers, prefixCache, drafting);
    }

    public Settings withRows(int value, int besideAnswers) {
      return new Settings(mostRunning, value, besideAnswers, prefixCache, drafting);
    }

    public Settings withPrefixCache(boolean value) {
      return new Settings(mostRunning, rows, rowsBesideAnswers, value, drafting);
    }

    public Settings withDrafting(Drafting value) {
      return new Settings(mostRunning, rows, rowsBesideAnswers, prefixCache, value);
    }
  }

  private record Planned(Sequence sequence, int[] draft, Piece piece) {}

  private static final int[] NOTHING = {};

  private final BatchNetwork network;
  private final Settings settings;
  private final BlockPool pool;

  /** In the order in which they were begun. */
  private final List<Sequence> running = new ArrayList<>();

  private final Deque<Sequence> suspended = new ArrayDeque<>();

  /** Loaded ones, and those of them that go when nothing uses them any more. */
  private final Set<String> adapters = new HashSet<>();

  private final Set<String> leaving = new HashSet<>();
  private long lastOrder;
  private long prefixQueries;
  private long prefixHits;
  private long preemptions;
  private long drafted;
  private long accepted;
  private long networkNanos;

  /**
   * @param network is closed with this
   */
  public Batcher(BatchNetwork network, Settings settings) {
    this.network = network;
    this.settings = settings;
    pool = new BlockPool(network.blocks());
  }

  public BatchNetwork network() {
    return network;
  }

  public Settings settings() {
    return settings;
  }

  /** The longest sequence: the model's context, or what all blocks together hold. */
  public int context() {
    return (int) Math.min(network.context(), (long) network.blocks() * BatchNetwork.BLOCK);
  }

  /** Whether a prompt of so many tokens may begin now. */
  public boolean hasRoom(int promptTokens) {
    return suspended.isEmpty()
        && (running.isEmpty()
            || running.size() < settings.mostRunning
                && blocksFor(promptTokens + 1) <= pool.available() - outstanding());
  }

  /** Blocks that prompts under way still need. */
  private int outstanding() {
    int sum = 0;
    for (Sequence sequence : running) {
      sum += Math.max(0, blocksFor(sequence.known + 1) - sequence.blockCount);
    }
    return sum;
  }

  private static int blocksFor(int positions) {
    return (positions + BatchNetwork.BLOCK - 1) / BatchNetwork.BLOCK;
  }

  /**
   * Takes a generation into the work; its prompt and answer together are at most {@link #context}.
   */
  public void begin(OngoingGeneration continuation, BatchListener listener) {
    begin(continuation, listener, "");
  }

  /**
   * As above, with an adapter.
   *
   * @param adapter that was loaded and not told to go; "" for none
   */
  public void begin(OngoingGeneration continuation, BatchListener listener, String adapter) {
    if (!adapter.isEmpty() && (!adapters.contains(adapter) || leaving.contains(adapter))) {
      throw new IllegalArgumentException("the adapter " + adapter + " is not loaded");
    }
    Sequence sequence = new Sequence(continuation, listener, adapter, ++lastOrder);
    if (sequence.prompt + continuation.room() > context()) {
      throw new IllegalArgumentException(
          "a sequence of "
              + (sequence.prompt + continuation.room())
              + " tokens can't be, expected at most "
              + context());
    }
    running.add(sequence);
  }

  /**
   * Loads an adapter that sequences may name.
   *
   * @param id never used before, since what was computed with it is found by it
   * @param matrices as {@link BatchNetwork#addAdapter}
   */
  public void addAdapter(String id, Map<String, LowRank.Matrices> matrices) {
    network.addAdapter(id, matrices);
    adapters.add(id);
  }

  /** Frees an adapter once the sequences that name it have ended. */
  public void removeAdapter(String id) {
    if (adapters.contains(id)) {
      leaving.add(id);
      freeUnused(id);
    }
  }

  private void freeUnused(String id) {
    if (leaving.contains(id) && !isUsed(id)) {
      leaving.remove(id);
      adapters.remove(id);
      pool.forget(id);
      network.removeAdapter(id);
    }
  }

  private boolean isUsed(String adapter) {
    return Stream.of(running, suspended)
        .flatMap(Collection::stream)
        .anyMatch(sequence -> sequence.adapter.equals(adapter));
  }

  public BatchFacts facts() {
    return new BatchFacts(
        running.size(),
        suspended.size(),
        pool.use(),
        prefixQueries,
        prefixHits,
        preemptions,
        drafted,
        accepted,
        networkNanos);
  }

  /** Whether there is anything to compute. */
  public boolean isIdle() {
    return running.isEmpty() && suspended.isEmpty();
  }

  // ---- a step ----

  /** Computes one batch, and tells the listeners what came of it. */
  public void step() {
    endStopped();
    resume();
    List<Planned> plan = plan();
    if (plan.isEmpty()) {
      return;
    }
    List<float[]> logits;
    long begun = System.nanoTime();
    try {
      logits = network.run(plan.stream().map(Planned::piece).toList());
    } catch (RuntimeException | Error e) {
      for (Planned planned : plan) {
        leave(planned.sequence);
        planned.sequence.listener.onFailure(e);
      }
      return;
    } finally {
      networkNanos += System.nanoTime() - begun;
    }
    int at = 0;
    for (Planned planned : plan) {
      int wanted = planned.piece.wanted();
      settle(planned, logits.subList(at, at + wanted));
      at += wanted;
    }
    network.reuse(logits);
  }

  private void endStopped() {
    for (Sequence sequence : List.copyOf(running)) {
      if (sequence.continuation.stopped()) {
        end(sequence);
      }
    }
    for (Sequence sequence : List.copyOf(suspended)) {
      if (sequence.continuation.stopped()) {
        suspended.remove(sequence);
        end(sequence);
      }
    }
  }

  private void resume() {
    while (!suspended.isEmpty()
        && running.size() < settings.mostRunning
        && (running.isEmpty()
            || blocksFor(suspended.peek().known + 1) <= pool.available() - outstanding())) {
      running.add(suspended.remove());
      running.sort(Comparator.comparingLong(sequence -> sequence.order));
    }
  }

  private List<Planned> plan() {
    List<Planned> plan = new ArrayList<>();
    int rows = 0;
    Map<Sequence, int[]> drafts = drafts();
    for (Sequence sequence : List.copyOf(running)) {
      if (running.contains(sequence) && sequence.answers()) {
        Planned planned = planAnswer(sequence, drafts.getOrDefault(sequence, NOTHING), plan);
        if (planned != null) {
          plan.add(planned);
          rows += planned.piece.ids().length;
        }
      }
    }
    boolean hasPrompt = false;
    int budget = plan.isEmpty() ? settings.rows : Math.max(settings.rowsBesideAnswers, rows + 1);
    for (Sequence sequence : List.copyOf(running)) {
      if (rows >= budget) {
        break;
      }
      if (running.contains(sequence) && !sequence.answers()) {
        lookUp(sequence);
        int count = pieceOf(sequence, budget - rows);
        boolean fits = count <= budget - rows || !hasPrompt;
        if (fits && reserve(sequence, count, plan, rows == 0)) {
          plan.add(planPrompt(sequence, count));
          rows += count;
          hasPrompt = true;
        }
      }
    }
    return plan;
  }

  /** Guesses for all that answer at once, as far as their blocks reach. */
  private Map<Sequence, int[]> drafts() {
    Map<Sequence, int[]> drafts = new HashMap<>();
    if (settings.drafting == Drafting.NONE || network.fixedPiece() > 0) {
      return drafts;
    }
    List<Sequence> guessed = new ArrayList<>();
    List<Drafting.Beginning> beginnings = new ArrayList<>();
    for (Sequence sequence : running) {
      int most =
          Math.min(
              sequence.prompt + sequence.continuation.room() - sequence.known,
              sequence.blockCount * BatchNetwork.BLOCK - sequence.known);
      if (sequence.answers() && most > 0) {
        guessed.add(sequence);
        beginnings.add(
            new Drafting.Beginning(
                sequence.tokens, sequence.known, most, sequence.continuation::guesses));
      }
    }
    if (!beginnings.isEmpty()) {
      List<int[]> guesses = settings.drafting.draft(beginnings);
      for (int i = 0; i < guessed.size(); i++) {
        drafts.put(guessed.get(i), guesses.get(i));
      }
    }
    return drafts;
  }

  private @Nullable Planned planAnswer(Sequence sequence, int[] draft, List<Planned> plan) {
    if (!reserve(sequence, 1, plan, true)) {
      return null;
    }
    int[] ids = new int[1 + draft.length];
    ids[0] = sequence.tokens[sequence.known - 1];
    System.arraycopy(draft, 0, ids, 1, draft.length);
    drafted += draft.length;
    return new Planned(
        sequence,
        draft,
        new Piece(
            ids, sequence.computed, sequence.blocks, ids.length, sequence.known, sequence.adapter));
  }

  private Planned planPrompt(Sequence sequence, int count) {
    int start = sequence.computed;
    boolean last = start + count == sequence.known;
    int wanted =
        !sequence.begun && sequence.continuation.wantsPromptLogits() ? count : last ? 1 : 0;
    return new Planned(
        sequence,
        new int[0],
        new Piece(
            Arrays.copyOfRange(sequence.tokens, start, start + count),
            start,
            sequence.blocks,
            wanted,
            start < sequence.prompt ? sequence.prompt : start + count,
            sequence.adapter));
  }

  /** How many positions of a prompt are computed next. */
  private int pieceOf(Sequence sequence, int budget) {
    int left = sequence.known - sequence.computed;
    int fixed = network.fixedPiece();
    if (fixed == 0) {
      return Math.min(left, budget);
    }
    return sequence.computed < sequence.prompt
        ? Math.min(fixed - sequence.computed % fixed, sequence.prompt - sequence.computed)
        : 1;
  }

  /** Takes what the beginning of a sequence finds computed already. */
  private void lookUp(Sequence sequence) {
    if (sequence.computed > 0 || sequence.blockCount > 0 || !settings.prefixCache) {
      return;
    }
    boolean first = sequence.found < 0;
    sequence.found = Math.max(0, sequence.found);
    sequence.lastShared = pool.root(sequence.adapter);
    sequence.sharedBlocks = 0;
    if (!sequence.begun && sequence.continuation.wantsPromptLogits()) {
      return;
    }
    // The logits after the last token are needed: it is computed in any case.
    int most = Math.min(sequence.known - 1, shareable(sequence)) / BatchNetwork.BLOCK;
    int unit = Math.max(1, network.fixedPiece() / BatchNetwork.BLOCK);
    while (sequence.sharedBlocks < most) {
      int block = pool.find(sequence.lastShared, sequence.tokensOfBlock(sequence.sharedBlocks));
      if (block < 0) {
        break;
      }
      sequence.addBlock(block);
      sequence.lastShared = pool.number(block);
      sequence.sharedBlocks++;
    }
    while (sequence.sharedBlocks % unit != 0) {
      pool.release(sequence.blocks[--sequence.blockCount]);
      sequence.sharedBlocks--;
      sequence.lastShared =
          sequence.blockCount == 0
              ? pool.root(sequence.adapter)
              : pool.number(sequence.blocks[sequence.blockCount - 1]);
    }
    sequence.computed = sequence.sharedBlocks * BatchNetwork.BLOCK;
    if (first) {
      prefixQueries += sequence.prompt;
      prefixHits += sequence.computed;
      sequence.found = sequence.computed;
    }
  }

  /** Positions from the first on whose blocks others may use. */
  private int shareable(Sequence sequence) {
    int fixed = network.fixedPiece();
    return fixed == 0 ? Integer.MAX_VALUE : sequence.prompt / fixed * fixed;
  }

  /**
   * Has blocks for positions to come.
   *
   * @param insistent whether younger sequences give theirs back for it
   * @return false when there are none; the sequence itself may have given its own back
   */
  private boolean reserve(Sequence sequence, int count, List<Planned> plan, boolean insistent) {
    int needed = blocksFor(sequence.computed + count);
    while (sequence.blockCount < needed) {
      int block = pool.take();
      if (block >= 0) {
        sequence.addBlock(block);
        continue;
      }
      if (!insistent) {
        return false;
      }
      Sequence victim = youngest(sequence, plan);
      if (victim.blockCount > 0) {
        suspend(victim);
      }
      if (victim == sequence) {
        return false;
      }
    }
    return true;
  }

  /** The youngest that holds blocks and is not in the plan, or the sequence itself. */
  private Sequence youngest(Sequence sequence, List<Planned> plan) {
    Sequence youngest = sequence;
    for (Sequence other : running) {
      if (other.order > youngest.order
          && other.blockCount > 0
          && plan.stream().noneMatch(planned -> planned.sequence == other)) {
        youngest = other;
      }
    }
    return youngest;
  }

  private void suspend(Sequence sequence) {
    preemptions++;
    running.remove(sequence);
    giveBack(sequence);
    suspended.addFirst(sequence);
  }

  /** From the last block on, so that of what is kept the beginnings are kept longest. */
  private void giveBack(Sequence sequence) {
    while (sequence.blockCount > 0) {
      pool.release(sequence.blocks[--sequence.blockCount]);
    }
    sequence.computed = 0;
    sequence.sharedBlocks = 0;
  }

  // ---- after a step ----

  private void settle(Planned planned, List<float[]> logits) {
    Sequence sequence = planned.sequence;
    try {
      if (planned.piece.start() + planned.piece.ids().length - planned.draft.length
          == sequence.known) {
        answer(planned, logits);
      } else {
        sequence.computed += planned.piece.ids().length;
        tellPrompt(planned, logits);
        share(sequence);
      }
    } catch (RuntimeException | Error e) {
      leave(sequence);
      sequence.listener.onFailure(e);
    }
  }

  private static void tellPrompt(Planned planned, List<float[]> logits) {
    if (!planned.sequence.begun && planned.sequence.continuation.wantsPromptLogits()) {
      Sequence sequence = planned.sequence;
      for (int i = 0; i < logits.size(); i++) {
        // After a preemption the first ones come again.
        if (planned.piece.start() + i == sequence.promptTold) {
          sequence.continuation.promptLogits(sequence.promptTold++, logits.get(i));
        }
      }
    }
  }

  private void answer(Planned planned, List<float[]> logits) {
    Sequence sequence = planned.sequence;
    OngoingGeneration continuation = sequence.continuation;
    sequence.computed = sequence.known;
    int at = logits.size() - 1 - planned.draft.length;
    if (!sequence.begun) {
      tellPrompt(planned, logits);
      sequence.begun = true;
      continuation.begin();
    }
    boolean more = continuation.next(logits.get(at));
    for (int i = 0; more; i++) {
      sequence.append(continuation.last());
      if (i == planned.draft.length || continuation.last() != planned.draft[i]) {
        break;
      }
      accepted++;
      sequence.computed++;
      more = continuation.next(logits.get(++at));
    }
    share(sequence);
    if (!more) {
      end(sequence);
    }
  }

  private void share(Sequence sequence) {
    int full = Math.min(sequence.computed, shareable(sequence)) / BatchNetwork.BLOCK;
    while (settings.prefixCache && sequence.sharedBlocks < full) {
      int index = sequence.sharedBlocks++;
      sequence.lastShared =
          pool.share(sequence.blocks[index], sequence.lastShared, sequence.tokensOfBlock(index));
    }
  }

  private void end(Sequence sequence) {
    leave(sequence);
    try {
      sequence.listener.onEnd(sequence.continuation.end());
    } catch (RuntimeException | Error e) {
      sequence.listener.onFailure(e);
    }
  }

  private void leave(Sequence sequence) {
    running.remove(sequence);
    giveBack(sequence);
    freeUnused(sequence.adapter);
  }

  /** Frees the network, and what guesses; what is not done is told nothing. */
  @Override
  public void close() {
    settings.drafting.close();
    network.close();
  }
}
