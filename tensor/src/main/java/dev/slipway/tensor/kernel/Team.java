package dev.slipway.tensor.kernel;

import dev.slipway.tensor.Engine;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The threads that kernels run on: the caller and a few daemons that spin briefly after each piece
 * of work and then park, so that they leave the cores to the threads of the matrix products.
 *
 * <p>Work is cut into slices that are handed out as workers come; which worker takes a slice must
 * not matter to the result. One caller at a time.
 */
public final class Team {
  /** Slices that row kernels are cut into; the same on every machine, so that sums are too. */
  public static final int SLICES = 16;

  private static final int SPINS = 2_000;

  /** A piece of work. */
  @FunctionalInterface
  public interface Work {
    void run(int slice, Worker worker);
  }

  /** One thread's scratch memory. */
  public static final class Worker {
    private MemorySegment memory = MemorySegment.NULL;
    private MemorySegment panel = MemorySegment.NULL;

    /** Address of at least {@code floats} floats, 64-byte aligned, with anything in them. */
    public long scratch(long floats) {
      if (4 * floats > memory.byteSize()) {
        memory = Arena.ofAuto().allocate(4 * Math.max(floats, 1 << 14), 64);
      }
      return memory.address();
    }

    /** As {@link #scratch}, beside it: where a panel of weights is put in whole. */
    public long panel(long bytes) {
      if (bytes > panel.byteSize()) {
        panel = Arena.ofAuto().allocate(bytes, 64);
      }
      return panel.address();
    }
  }

  private static final class Holder {
    static final Team COMMON = new Team(Math.max(1, Engine.threads()));
  }

  private final Worker own = new Worker();
  private final Thread[] threads;

  private volatile Job job = new Job(0, (slice, worker) -> {});

  /** What workers do before they take slices. */
  private final Queue<Runnable> asides = new ConcurrentLinkedQueue<>();

  /** Work being done. A worker that comes late has an old one in hand, of which nothing is left. */
  private static final class Job {
    private final int slices;
    private final Work work;
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicInteger done = new AtomicInteger();
    private volatile @Nullable Throwable failure;

    Job(int slices, Work work) {
      this.slices = slices;
      this.work = work;
    }

    void take(Worker worker) {
      for (int slice = next.getAndIncrement(); slice < slices; slice = next.getAndIncrement()) {
        try {
          work.run(slice, worker);
        } catch (RuntimeException | Error e) {
          failure = e;
        } finally {
          done.incrementAndGet();
        }
      }
    }
  }

  private Team(int workers) {
    threads = new Thread[workers - 1];
    for (int i = 0; i < threads.length; i++) {
      threads[i] =
          Thread.ofPlatform().daemon().name("slipway-kernel-" + (i + 1)).start(this::serve);
    }
  }

  /** The one team of this process: as many workers as libtorch has threads. */
  public static Team common() {
    return Holder.COMMON;
  }

  /** Threads, the caller's among them. */
  public int workers() {
    return threads.length + 1;
  }

  /** Runs slices 0 … {@code slices - 1} and returns when all are done. */
  public synchronized void run(int slices, Work work) {
    Job now = new Job(slices, work);
    job = now;
    if (slices > 1) {
      for (Thread thread : threads) {
        LockSupport.unpark(thread);
      }
    }
    now.take(own);
    while (now.done.get() != slices) {
      Thread.onSpinWait();
    }
    Throwable thrown = now.failure;
    if (thrown != null) {
      throw new IllegalStateException("a kernel failed", thrown);
    }
  }

  /**
   * Has something else than kernels done by a worker that waits for work, which costs the caller no
   * call of the system's as long as that one spins; by the caller where there is no other. Slices
   * are taken by whoever is free meanwhile.
   *
   * @param work short, and waits for nothing
   */
  public static void aside(Runnable work) {
    Team team = common();
    team.asides.add(work);
    if (team.threads.length == 0) {
      team.doAsides();
    } else {
      LockSupport.unpark(team.threads[0]);
    }
  }

  private void doAsides() {
    for (Runnable aside = asides.poll(); aside != null; aside = asides.poll()) {
      try {
        aside.run();
      } catch (RuntimeException | Error e) {
        // The worker outlives what is none of its business.
        Thread thread = Thread.currentThread();
        thread.getUncaughtExceptionHandler().uncaughtException(thread, e);
      }
    }
  }

  private void serve() {
    Worker worker = new Worker();
    Job seen = job;
    while (true) {
      for (int spin = 0; job == seen && asides.isEmpty(); spin++) {
        if (spin < SPINS) {
          Thread.onSpinWait();
        } else {
          LockSupport.park(this);
        }
      }
      doAsides();
      Job now = job;
      if (now != seen) {
        seen = now;
        seen.take(worker);
      }
    }
  }

  /** First row of a slice of {@code rows}. */
  public static int from(int slice, int slices, int rows) {
    return (int) ((long) rows * slice / slices);
  }
}
