package dev.slipway.cli.process;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryNotificationInfo;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import javax.management.NotificationEmitter;

/**
 * Has the old generation of a service's heap collected once garbage has come to some room beside
 * what is alive. The serial collector by itself waits until the heap is as large as it may become,
 * a third of the machine: memory that nobody uses would grow for days. The JVM says by itself when
 * there is so much: nothing looks in between.
 */
public final class OldGeneration {
  /** As the serial collector calls it. */
  private static final String NAME = "Tenured Gen";

  /** Garbage that is worth the tenth of a second that a collection takes. */
  private static final long ROOM = 64L << 20;

  private final MemoryPoolMXBean pool;
  private final long room;

  private OldGeneration(MemoryPoolMXBean pool, long room) {
    this.pool = pool;
    this.room = room;
  }

  /** For as long as the process lives; nothing with collectors that collect it by themselves. */
  public static void isCollected() {
    isCollected(ROOM);
  }

  static void isCollected(long room) {
    for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
      if (pool.getType() == MemoryType.HEAP
          && pool.getName().equals(NAME)
          && pool.isUsageThresholdSupported()) {
        OldGeneration old = new OldGeneration(pool, room);
        ((NotificationEmitter) ManagementFactory.getMemoryMXBean())
            .addNotificationListener(
                (_, _) -> old.collect(),
                told -> told.getType().equals(MemoryNotificationInfo.MEMORY_THRESHOLD_EXCEEDED),
                null);
        old.await();
      }
    }
  }

  private void collect() {
    System.gc();
    await();
  }

  /** Until there is more; with much that is alive a collection takes longer, and comes later. */
  private void await() {
    long alive = pool.getUsage().getUsed();
    long most = pool.getUsage().getMax();
    long next = alive + Math.max(room, alive / 2);
    pool.setUsageThreshold(most < 0 ? next : Math.min(most, next));
  }
}
