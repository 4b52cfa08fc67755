package dev.slipway.platform.server;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * What waits, by the key that asked for it. The key that had the least of the model is next; who
 * comes back after a pause begins with as much as the least of those that wait, or as who was
 * served last, so that nobody saves up (Sheng et al. 2024, "Fairness in Serving Large Language
 * Models", §4.1). Not for several threads.
 *
 * @param <T> what waits
 */
final class FairQueue<T> {
  private final Map<String, Deque<T>> waiting = new HashMap<>();
  private final Map<String, Long> served = new HashMap<>();
  private final ToLongFunction<T> cost;

  /** Whose turn it was last: who comes begins with no less than it has. */
  private String last = "";

  private int size;
  private long tokens;

  /**
   * @param cost tokens that one is counted as in {@link #tokens}
   */
  FairQueue(ToLongFunction<T> cost) {
    this.cost = cost;
  }

  int size() {
    return size;
  }

  /** Tokens of all that wait. */
  long tokens() {
    return tokens;
  }

  void add(String key, T one) {
    Deque<T> own = waiting.get(key);
    if (own == null) {
      own = new ArrayDeque<>();
      long least = least();
      served.merge(key, least, Math::max);
      waiting.put(key, own);
      // Who would begin with so much anyway need not be remembered.
      served.entrySet().removeIf(each -> each.getValue() <= least && isForgotten(each.getKey()));
    }
    own.add(one);
    size++;
    tokens += cost.applyAsLong(one);
  }

  /** The least of those that wait; where none does, as much as who left last. */
  private long least() {
    return waiting.keySet().stream().mapToLong(this::served).min().orElseGet(() -> served(last));
  }

  private boolean isForgotten(String key) {
    return !waiting.containsKey(key) && !key.equals(last);
  }

  private long served(String key) {
    return served.getOrDefault(key, 0L);
  }

  /** Keys of which something is remembered. */
  int keys() {
    return served.size();
  }

  /** A key had so many tokens of the model. */
  void charge(String key, long count) {
    Long had = served.get(key);
    served.put(key, (had == null ? least() : had) + count);
  }

  /** The next one, which stays; null when nothing waits. */
  @Nullable T peek() {
    String key = next();
    return key == null ? null : queue(key).peek();
  }

  /** Takes what {@link #peek} showed. */
  T remove() {
    String key = next();
    if (key == null) {
      throw new IllegalStateException("nothing waits");
    }
    Deque<T> own = queue(key);
    T one = own.remove();
    last = key;
    if (own.isEmpty()) {
      waiting.remove(key);
    }
    size--;
    tokens -= cost.applyAsLong(one);
    return one;
  }

  private Deque<T> queue(String key) {
    return Objects.requireNonNull(waiting.get(key));
  }

  private @Nullable String next() {
    String best = null;
    for (String key : waiting.keySet()) {
      if (best == null || isBefore(key, best)) {
        best = key;
      }
    }
    return best;
  }

  private boolean isBefore(String key, String other) {
    long own = served(key);
    long others = served(other);
    return own < others || own == others && key.compareTo(other) < 0;
  }

  void forEach(Consumer<T> looks) {
    waiting.values().forEach(own -> own.forEach(looks));
  }

  /** Takes out all that fit. */
  List<T> removeIf(Predicate<T> fits) {
    List<T> removed = new ArrayList<>();
    Iterator<Deque<T>> keys = waiting.values().iterator();
    while (keys.hasNext()) {
      Deque<T> own = keys.next();
      own.removeIf(
          one -> {
            boolean gone = fits.test(one);
            if (gone) {
              removed.add(one);
              size--;
              tokens -= cost.applyAsLong(one);
            }
            return gone;
          });
      if (own.isEmpty()) {
        keys.remove();
      }
    }
    return removed;
  }
}
