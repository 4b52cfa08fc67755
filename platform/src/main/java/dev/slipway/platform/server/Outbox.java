package dev.slipway.platform.server;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What a model's thread has to say, said in its order, by one thread at a time, by whoever is free:
 * to wake a request's thread takes longer than to choose a token, and the next step need not wait
 * for it.
 */
final class Outbox {
  private static final System.Logger LOG = System.getLogger(Outbox.class.getName());

  private final Queue<Runnable> unsaid = new ConcurrentLinkedQueue<>();

  /** Whether somebody says what is there, or is about to. */
  private final AtomicBoolean taken = new AtomicBoolean();

  /** Puts it behind all else. To be called by one thread, as are the others. */
  void add(Runnable word) {
    unsaid.add(word);
  }

  /**
   * Has somebody say what was added, unless somebody is at it.
   *
   * @param executor runs what it is given in whatever thread, sooner or later
   */
  void send(Executor executor) {
    if (!unsaid.isEmpty() && taken.compareAndSet(false, true)) {
      executor.execute(this::say);
    }
  }

  /** Returns when all is said that was added. */
  void finish() {
    do {
      send(Runnable::run);
      Thread.onSpinWait();
      // In this order: who takes the last word has taken the right to say it before.
    } while (!unsaid.isEmpty() || taken.get());
  }

  private void say() {
    do {
      for (Runnable word = unsaid.poll(); word != null; word = unsaid.poll()) {
        try {
          word.run();
        } catch (RuntimeException | Error e) {
          LOG.log(System.Logger.Level.ERROR, "what came of a step could not be told", e);
        }
      }
      taken.set(false);
      // What was added since then found it taken.
    } while (!unsaid.isEmpty() && taken.compareAndSet(false, true));
  }
}
