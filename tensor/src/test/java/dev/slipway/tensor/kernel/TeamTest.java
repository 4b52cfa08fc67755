package dev.slipway.tensor.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicIntegerArray;
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
}
