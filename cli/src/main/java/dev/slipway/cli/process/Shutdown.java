package dev.slipway.cli.process;

import dev.slipway.base.Exit;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Ctrl-C and SIGTERM: whatever runs is asked to end cleanly, and the process's end waits (in a JVM
 * shutdown hook) until it has put its things in order.
 */
public final class Shutdown {
  private static final CountDownLatch FINISHED = new CountDownLatch(1);
  private static final AtomicInteger STATUS = new AtomicInteger();
  private static final AtomicReference<Runnable> STOP = new AtomicReference<>();

  private Shutdown() {}

  /**
   * From now on a signal calls {@code stop}, once; it must return at once, and the work then end by
   * itself.
   */
  public static void onSignal(Runnable stop) {
    if (STOP.getAndSet(stop) == null) {
      Runtime.getRuntime().addShutdownHook(new Thread(Shutdown::signalled, "shutdown"));
    }
  }

  /** From now on a signal calls nothing. */
  public static void clear() {
    STOP.set(() -> {});
  }

  private static void signalled() {
    Runnable stop = STOP.get();
    if (stop != null) {
      stop.run();
    }
    try {
      FINISHED.await();
      // Otherwise the JVM might end first, with the signal's status and not with ours.
      Runtime.getRuntime().halt(STATUS.get());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Tells a waiting hook that the work has ended, and with what status the process ends. */
  public static int finish(int status) {
    STATUS.set(status);
    FINISHED.countDown();
    return status;
  }

  /** The status of a process that was asked to end. */
  public static int interrupted() {
    return Exit.INTERRUPTED.status();
  }
}
