package dev.slipway.infer.batch;

import dev.slipway.infer.batch.BatchNetwork.Piece;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Guesses what a smaller model of the same tokenizer would say, chosen as the answer's own tokens
 * will be (Leviathan et al. 2023, §2). It remembers the sequences that it guessed for last, and
 * goes on where one of them begins like what comes.
 */
public final class ModelDrafting implements Drafting {
  /** Positions of a pass. */
  private static final int ROWS = 256;

  private final BatchNetwork network;
  private final int tokens;
  private final Deque<Integer> free = new ArrayDeque<>();

  /** The longest unused first. */
  private final List<Memory> memories = new ArrayList<>();

  /** A sequence whose positions up to {@code computed} are in the blocks. */
  private static final class Memory {
    private int[] known = new int[0];
    private int computed;
    private int[] blocks = new int[0];
  }

  /**
   * @param network is closed with this; cuts of a sequence must not matter to it
   * @param tokens most tokens guessed at a time
   */
  public ModelDrafting(BatchNetwork network, int tokens) {
    if (tokens < 1 || network.fixedPiece() > 0) {
      throw new IllegalArgumentException(
          "guesses of " + tokens + " tokens in pieces of " + network.fixedPiece() + " can't be");
    }
    this.network = network;
    this.tokens = tokens;
    for (int block = 0; block < network.blocks(); block++) {
      free.add(block);
    }
  }

  /** A beginning whose tokens are guessed into its memory. */
  private final class Guess {
    private final Beginning beginning;
    private final Memory memory;
    private final int count;
    private final ToIntFunction<float[]> choice;

    /** Tokens that are known or guessed. */
    private int end;

    Guess(Beginning beginning, Memory memory, int count) {
      this.beginning = beginning;
      this.memory = memory;
      this.count = count;
      end = beginning.length();
      choice = beginning.choice().get();
      int common = common(memory, beginning.tokens(), end);
      memory.known = Arrays.copyOf(beginning.tokens(), end + count);
      memory.computed = Math.min(common, end - 1);
    }

    int behind() {
      return end - memory.computed;
    }

    /** Up to so many of the positions that are not computed yet. */
    Piece piece(int rows) {
      int to = Math.min(end, memory.computed + rows);
      return new Piece(
          Arrays.copyOfRange(memory.known, memory.computed, to),
          memory.computed,
          memory.blocks,
          to == end ? 1 : 0,
          beginning.length());
    }

    int[] guesses() {
      return Arrays.copyOfRange(memory.known, beginning.length(), end);
    }
  }

  /**
   * All sequences in one pass a token. Of prompts that are new a pass takes {@value #ROWS} tokens,
   * so that nobody waits long for others' guesses: theirs come some steps later.
   */
  @Override
  public List<int[]> draft(List<Beginning> beginnings) {
    Map<Beginning, Guess> guesses = new IdentityHashMap<>();
    for (Beginning beginning : beginnings) {
      Guess guess = begin(beginning);
      if (guess != null) {
        guesses.put(beginning, guess);
      }
    }
    // In the order of the batch: what was used last is kept longest.
    List<Guess> working = new ArrayList<>();
    for (Beginning beginning : beginnings) {
      Guess guess = guesses.get(beginning);
      if (guess != null) {
        memories.add(guess.memory);
        working.add(guess);
      }
    }
    working.sort(Comparator.comparingInt(Guess::behind));
    while (!working.isEmpty()) {
      run(working);
      working.removeIf(
          guess -> guess.behind() > 1 || guess.end == guess.beginning.length() + guess.count);
    }
    return beginnings.stream()
        .map(each -> guesses.containsKey(each) ? guesses.get(each).guesses() : new int[0])
        .toList();
  }

  /** Takes a memory out of the list, with room for what is to be guessed; null where none is. */
  private @Nullable Guess begin(Beginning beginning) {
    int length = beginning.length();
    int count = Math.min(Math.min(tokens, beginning.most()), network.context() - length);
    int needed = (length + count + BatchNetwork.BLOCK - 1) / BatchNetwork.BLOCK;
    if (count < 1 || needed > network.blocks()) {
      return null;
    }
    Memory memory = closest(beginning.tokens(), length);
    memories.remove(memory);
    if (!reserve(memory, needed)) {
      if (memory.blocks.length > 0) {
        memories.add(memory);
      }
      return null;
    }
    return new Guess(beginning, memory, count);
  }

  private void run(List<Guess> working) {
    List<Guess> computed = new ArrayList<>();
    List<Piece> pieces = new ArrayList<>();
    int left = ROWS;
    for (Guess guess : working) {
      if (left > 0) {
        Piece piece = guess.piece(left);
        left -= piece.ids().length;
        computed.add(guess);
        pieces.add(piece);
      }
    }
    List<float[]> all = network.run(pieces);
    Iterator<float[]> logits = all.iterator();
    for (int i = 0; i < pieces.size(); i++) {
      Guess guess = computed.get(i);
      guess.memory.computed += pieces.get(i).ids().length;
      if (pieces.get(i).wanted() > 0) {
        guess.memory.known[guess.end++] = guess.choice.applyAsInt(logits.next());
      }
    }
    network.reuse(all);
  }

  private static int common(Memory memory, int[] known, int length) {
    int most = Math.min(memory.computed, length);
    int differing = Arrays.mismatch(memory.known, 0, most, known, 0, most);
    return differing < 0 ? most : differing;
  }

  /** The memory that shares the most with a sequence, or a new one where none shares half of it. */
  private Memory closest(int[] known, int length) {
    Memory best = new Memory();
    int most = length / 2;
    for (Memory memory : memories) {
      int common = common(memory, known, length);
      if (common > most) {
        most = common;
        best = memory;
      }
    }
    return best;
  }

  /**
   * Gives a memory blocks, which the longest unused others lose where none are free; false where
   * those of all that are guessed for now leave too few.
   */
  private boolean reserve(Memory memory, int needed) {
    int had = memory.blocks.length;
    while (free.size() < needed - had) {
      if (memories.isEmpty()) {
        return false;
      }
      for (int block : memories.removeFirst().blocks) {
        free.add(block);
      }
    }
    if (needed > had) {
      memory.blocks = Arrays.copyOf(memory.blocks, needed);
      for (int i = had; i < needed; i++) {
        memory.blocks[i] = free.remove();
      }
    }
    return true;
  }

  @Override
  public void close() {
    network.close();
  }
}
