package dev.slipway.tensor.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class TeamTest {
  /**
   * Jobs of many sizes, one right after the other, so that workers come late to some: each slice is
   * still run exactly once, and by the time that run returns.
   */
  @Test
  @Timeout(60)
  void runsEachSliceOnceHoweverLateAWorkerComes() {
    Team team = Team.common();
    for (int round = 0; round < 300_000; round++) {
      int slices = 1 + round * 7 % 16;
      AtomicIntegerArray counts = new AtomicIntegerArray(slices);
      team.run(slices, (slice, worker) -> counts.incrementAndGet(slice));
      for (int slice = 0; slice < slices; slice++) {
        if (counts.get(slice) != 1) {
          assertThat(counts.get(slice)).as("round %d, slice %d", round, slice).isEqualTo(1);
        }
      }
    }
  }

  @Test
  void tellsOfAFailureAndGoesOn() {
    Team team = Team.common();
    assertThatThrownBy(
            () ->
                team.run(
                    4,
                    (slice, worker) -> {
                      if (slice == 2) {
                        throw new IllegalStateException("two");
                      }
                    }))
        .hasRootCauseMessage("two");
    AtomicIntegerArray counts = new AtomicIntegerArray(4);
    team.run(4, (slice, worker) -> counts.incrementAndGet(slice));
    assertThat(counts.toString()).isEqualTo("[1, 1, 1, 1]");
  }

  /** What is done aside comes between pieces of work, each once, and slices stay what they are. */
  @Test
  @Timeout(60)
  void doesWhatIsGivenAsideOnceBesideItsSlices() throws InterruptedException {
    Team team = Team.common();
    int rounds = 20_000;
    CountDownLatch done = new CountDownLatch(rounds);
    AtomicIntegerArray asides = new AtomicIntegerArray(rounds);
    AtomicInteger slices = new AtomicInteger();
    for (int round = 0; round < rounds; round++) {
      int own = round;
      Team.aside(
          () -> {
            asides.incrementAndGet(own);
            done.countDown();
          });
      team.run(3, (slice, worker) -> slices.incrementAndGet());
    }
    done.await();
    assertThat(IntStream.range(0, rounds).map(asides::get)).containsOnly(1);
    assertThat(slices).hasValue(3 * rounds);
  }

  @Test
  @Timeout(60)
  void goesOnAfterAFailureAside() throws InterruptedException {
    Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
    AtomicReference<Throwable> told = new AtomicReference<>();
    Thread.setDefaultUncaughtExceptionHandler((thread, thrown) -> told.set(thrown));
    try {
      CountDownLatch later = new CountDownLatch(1);
      Team.aside(
          () -> {
            throw new IllegalStateException("aside");
          });
      Team.aside(later::countDown);
      later.await();
      assertThat(told.get()).hasMessage("aside");
    } finally {
      Thread.setDefaultUncaughtExceptionHandler(before);
    }
  }
}
