package dev.slipway.infer.batch;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.SequencedSet;
import org.jspecify.annotations.Nullable;

/**
 * Blocks of keys and values, handed out, shared by their content, and kept after their last use for
 * as long as nothing else needs the room (Kwon et al. 2023, "PagedAttention", §4.3 and §4.4).
 *
 * <p>A block's content follows from its tokens, the blocks before it and the model; it is found by
 * its tokens and the number that its predecessor was given, compared token by token, so that no two
 * contents can be taken for each other.
 */
final class BlockPool {
  /** What comes before a first block, of the model without an adapter. */
  static final long ROOT = 0;

  private record Content(long before, int[] tokens) {
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Content(long otherBefore, int[] otherTokens)
          && before == otherBefore
          && Arrays.equals(tokens, otherTokens);
    }

    @Override
    public int hashCode() {
      return 31 * Arrays.hashCode(tokens) + Long.hashCode(before);
    }
  }

  private final int[] users;
  private final @Nullable Content[] contents;
  private final long[] numbers;
  private final Deque<Integer> free = new ArrayDeque<>();
  private final Map<Content, Integer> shared = new HashMap<>();

  /** Blocks with content that nobody uses, the longest unused first. */
  private final SequencedSet<Integer> unused = new LinkedHashSet<>();

  private final Map<String, Long> roots = new HashMap<>();
  private long lastNumber = ROOT;

  BlockPool(int blocks) {
    users = new int[blocks];
    contents = new Content[blocks];
    numbers = new long[blocks];
    for (int i = 0; i < blocks; i++) {
      free.add(i);
    }
  }

  /** Blocks that can be handed out. */
  int available() {
    return free.size() + unused.size();
  }

  /** Share of the blocks that sequences use. */
  double use() {
    return 1 - (double) available() / users.length;
  }

  /** What comes before the first block of sequences with an adapter; "" is none. */
  long root(String adapter) {
    return adapter.isEmpty() ? ROOT : roots.computeIfAbsent(adapter, _ -> ++lastNumber);
  }

  /** Forgets an adapter: what was computed with it is found no more. */
  void forget(String adapter) {
    roots.remove(adapter);
  }

  /** A block for one user, or -1 when all are in use. */
  int take() {
    Integer block = free.poll();
    if (block == null) {
      Iterator<Integer> oldest = unused.iterator();
      if (!oldest.hasNext()) {
        return -1;
      }
      block = oldest.next();
      oldest.remove();
      Content content = contents[block];
      shared.remove(content);
      contents[block] = null;
    }
    users[block] = 1;
    return block;
  }

  /** A block with this content, for one user more, or -1. */
  int find(long before, int[] tokens) {
    Integer block = shared.get(new Content(before, tokens));
    if (block == null) {
      return -1;
    }
    if (users[block]++ == 0) {
      unused.remove(block);
    }
    return block;
  }

  /** The number of a block that {@link #find} gave. */
  long number(int block) {
    return numbers[block];
  }

  /**
   * Lets others find a block that is full.
   *
   * @return the number by which its successors name it
   */
  long share(int block, long before, int[] tokens) {
    Content content = new Content(before, tokens);
    Integer same = shared.putIfAbsent(content, block);
    if (same != null) {
      return numbers[same];
    }
    contents[block] = content;
    numbers[block] = ++lastNumber;
    return numbers[block];
  }

  /** One user less. */
  void release(int block) {
    if (--users[block] > 0) {
      return;
    }
    if (contents[block] == null) {
      free.push(block);
    } else {
      unused.addLast(block);
    }
  }
}
