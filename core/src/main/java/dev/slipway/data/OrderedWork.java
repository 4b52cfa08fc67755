package dev.slipway.data;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import java.util.ArrayDeque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Work spread over threads whose results come in the order of its input, as if done by one. What is
 * under way is bounded by weight. An interruption of the calling thread ends it.
 */
public final class OrderedWork {
  private static final long WEIGHT = 96L << 20;
  private static final int COUNT = 512;

  private OrderedWork() {}

  private record Pending<O>(Future<O> result, long weight) {}

  /**
   * Takes inputs until there are none, works on them on {@code threads} threads, and hands the
   * results over on the calling thread.
   *
   * @param weight about how many bytes an input and its result take
   * @throws SlipwayException {@code data.interrupted} if the calling thread is interrupted, which
   *     stays interrupted; and what the work throws
   */
  public static <I, O> void run(
      Supplier<@Nullable I> inputs,
      ToLongFunction<I> weight,
      Function<I, O> work,
      Consumer<O> results,
      int threads) {
    ExecutorService pool =
        Executors.newFixedThreadPool(
            threads, Thread.ofPlatform().daemon().name("prepare-", 0).factory());
    try {
      ArrayDeque<Pending<O>> pending = new ArrayDeque<>();
      long underWay = 0;
      boolean more = true;
      while (more || !pending.isEmpty()) {
        while (more && pending.size() < COUNT && underWay < WEIGHT) {
          I input = inputs.get();
          more = input != null;
          if (input != null) {
            long weighs = weight.applyAsLong(input);
            pending.add(new Pending<>(pool.submit(() -> work.apply(input)), weighs));
            underWay += weighs;
          }
        }
        Pending<O> first = pending.poll();
        if (first != null) {
          if (Thread.interrupted()) {
            throw new InterruptedException();
          }
          O result = first.result().get();
          underWay -= first.weight();
          results.accept(result);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SlipwayException(
          Exit.INTERRUPTED,
          "data.interrupted",
          "stopped while preparing the data; nothing half-prepared was left",
          "start again when you like",
          e);
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case RuntimeException problem -> throw problem;
        case Error problem -> throw problem;
        case null, default -> throw new IllegalStateException(e);
      }
    } finally {
      pool.shutdownNow();
      awaitEnd(pool);
    }
  }

  /** The caller is about to close what the work reads from. */
  private static void awaitEnd(ExecutorService pool) {
    boolean interrupted = false;
    while (!pool.isTerminated()) {
      try {
        pool.awaitTermination(1, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
