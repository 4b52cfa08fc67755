package dev.slipway.data.example;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import java.util.Iterator;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Makes the next batches on other threads while one is learnt from. What is made ahead is bounded
 * by bytes; the batches are the same as without. For one asking thread.
 */
public final class PrefetchedBatches implements AutoCloseable {
  private static final int MOST = 16;

  private final ExampleBatches batches;
  private final long bytes;
  private final long end;
  private final ExecutorService pool;
  private final TreeMap<Long, Future<ExampleBatch>> ahead = new TreeMap<>();

  /**
   * @param threads that make batches
   * @param bytes about how much the batches made ahead may take together; one is always made
   * @param end the index after the last batch that will be asked for
   */
  public PrefetchedBatches(ExampleBatches batches, int threads, long bytes, long end) {
    this.batches = batches;
    this.bytes = bytes;
    this.end = end;
    this.pool =
        Executors.newFixedThreadPool(
            threads, Thread.ofPlatform().daemon().name("batches-", 0).factory());
  }

  public ExampleBatches batches() {
    return batches;
  }

  /**
   * Batch {@code index}.
   *
   * @throws SlipwayException {@code data.interrupted} if this thread is interrupted, which stays
   *     interrupted; and what an example's content gives
   */
  public ExampleBatch batch(long index) {
    Future<ExampleBatch> made = ahead.remove(index);
    ExampleBatch batch = made == null ? batches.batch(index) : await(made);
    Iterator<Long> stale = ahead.headMap(index).keySet().iterator();
    while (stale.hasNext()) {
      stale.next();
      stale.remove();
    }
    long depth = Math.clamp(bytes / Math.max(1, size(batch)), 1, MOST);
    for (long next = index + 1; next <= index + depth && next < end; next++) {
      long wanted = next;
      ahead.computeIfAbsent(wanted, i -> pool.submit(() -> batches.batch(i)));
    }
    return batch;
  }

  private static long size(ExampleBatch batch) {
    long sum = 0;
    for (Values values : batch.inputs().values()) {
      sum +=
          switch (values) {
            case Values.Floats(float[] floats, long[] _) -> 4L * floats.length;
            case Values.Ids(int[] ids, long[] _, int[] _) -> 4L * ids.length;
            case Values.Ragged(float[] floats, long[] _, int[] _) -> 4L * floats.length;
          };
    }
    return sum;
  }

  private static ExampleBatch await(Future<ExampleBatch> made) {
    try {
      if (Thread.interrupted()) { // a batch that is there is given without a look
        throw new InterruptedException();
      }
      return made.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SlipwayException(
          Exit.INTERRUPTED,
          "data.interrupted",
          "stopped while a batch was made",
          "start again when you like",
          e);
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case RuntimeException problem -> throw problem;
        case Error problem -> throw problem;
        case null, default -> throw new IllegalStateException(e);
      }
    }
  }

  /** Waits for no batch; those under way end on their own. */
  @Override
  public void close() {
    pool.shutdownNow();
    ahead.clear();
  }
}
