package dev.slipway.infer.batch;

import dev.slipway.infer.batch.BatchNetwork.Piece;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/**
 * Guesses what a smaller model of the same tokenizer would say, always its likeliest token
 * (Leviathan et al. 2023, §2). It remembers the sequences that it guessed for last, and goes on
 * where one of them begins like what comes.
 */
public final class ModelDrafting implements Drafting {
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

  @Override
  public int[] draft(int[] known, int length, int most) {
    int count = Math.min(Math.min(tokens, most), network.context() - length);
    int needed = (length + count + BatchNetwork.BLOCK - 1) / BatchNetwork.BLOCK;
    if (count < 1 || needed > network.blocks()) {
      return new int[0];
    }
    Memory memory = closest(known, length);
    memories.remove(memory);
    reserve(memory, needed);
    memories.add(memory);
    int common = common(memory, known, length);
    memory.known = Arrays.copyOf(known, length + count);
    memory.computed = Math.min(common, length - 1);
    int end = length;
    for (int i = 0; i < count; i++) {
      int[] ids = Arrays.copyOfRange(memory.known, memory.computed, end);
      Piece piece = new Piece(ids, memory.computed, memory.blocks, 1, length);
      memory.known[end++] = likeliest(network.run(List.of(piece)).getFirst());
      memory.computed = end - 1;
    }
    return Arrays.copyOfRange(memory.known, length, end);
  }

  private static int likeliest(float[] logits) {
    int best = 0;
    for (int id = 1; id < logits.length; id++) {
      best = logits[id] > logits[best] ? id : best;
    }
    return best;
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

  /** Gives a memory blocks, which the longest unused others lose where none are free. */
  private void reserve(Memory memory, int needed) {
    int had = memory.blocks.length;
    if (needed <= had) {
      return;
    }
    while (free.size() < needed - had) {
      for (int block : memories.removeFirst().blocks) {
        free.add(block);
      }
    }
    memory.blocks = Arrays.copyOf(memory.blocks, needed);
    for (int i = had; i < needed; i++) {
      memory.blocks[i] = free.remove();
    }
  }

  @Override
  public void close() {
    network.close();
  }
}
