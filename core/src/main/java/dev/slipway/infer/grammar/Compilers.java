package dev.slipway.infer.grammar;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Threads that compile. Each thing is tried within {@link Effort#LITTLE} first, and begun again
 * among the others of its kind where that was not enough, so that what takes seconds stands in
 * nobody's way who asks for less. Clients take turns.
 *
 * <p>Compiling would keep a request's virtual thread, and so all others, from its carrier: the
 * service would not even answer whether it is there. Threads that end when there is nothing to do
 * need no closing.
 */
final class Compilers {
  private static final int MOST_THREADS = 4;

  private final Turns little;
  private final Turns much;

  Compilers() {
    this(Math.clamp(Runtime.getRuntime().availableProcessors() / 2, 1, MOST_THREADS));
  }

  /**
   * @param threads for each of the two
   */
  Compilers(int threads) {
    little = new Turns("slipway-constraints", threads);
    much = new Turns("slipway-large-constraints", threads);
  }

  /**
   * What a thing is compiled to, or why it can't be.
   *
   * @param client whose turn it takes
   * @param finishing the rest, which costs little
   */
  <S, T> CompletableFuture<T> compile(
      String client, Supplier<S> compiling, Function<S, T> finishing) {
    CompletableFuture<T> result = new CompletableFuture<>();
    little.add(
        client,
        () -> {
          SchemaGrammar.makeConstants();
          try {
            result.complete(finishing.apply(Effort.little(compiling)));
          } catch (Effort.MoreThanLittle _) {
            much.add(
                client,
                () -> {
                  try {
                    result.complete(finishing.apply(Effort.bounded(compiling)));
                  } catch (RuntimeException | Error e) {
                    result.completeExceptionally(e);
                  }
                });
          } catch (RuntimeException | Error e) {
            result.completeExceptionally(e);
          }
        });
    return result;
  }

  /** What waits for some threads: the next of each client in turn. */
  private static final class Turns {
    private final Map<String, Deque<Runnable>> waiting = new LinkedHashMap<>();
    private final ThreadPoolExecutor threads;

    Turns(String name, int count) {
      threads =
          new ThreadPoolExecutor(
              count,
              count,
              Duration.ofSeconds(10).toNanos(),
              TimeUnit.NANOSECONDS,
              new LinkedBlockingQueue<>(),
              Thread.ofPlatform().name(name).daemon().factory());
      threads.allowCoreThreadTimeOut(true);
    }

    void add(String client, Runnable work) {
      synchronized (waiting) {
        waiting.computeIfAbsent(client, _ -> new ArrayDeque<>()).add(work);
      }
      threads.execute(() -> next().run());
    }

    /** As many are taken as were added; who had a turn goes to the end. */
    private Runnable next() {
      synchronized (waiting) {
        Map.Entry<String, Deque<Runnable>> first = waiting.entrySet().iterator().next();
        String client = first.getKey();
        Deque<Runnable> own = first.getValue();
        Runnable work = own.remove();
        waiting.remove(client);
        if (!own.isEmpty()) {
          waiting.put(client, own);
        }
        return work;
      }
    }
  }
}
