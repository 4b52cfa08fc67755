package dev.slipway.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class FreedMemoryTest {
  private long resident = 1000;
  private long kept = 900;
  private int releases;
  private long nanos;
  private final FreedMemory memory =
      new FreedMemory(
          () -> resident,
          () -> {
            releases++;
            resident = kept;
          },
          () -> nanos);

  private void step(long bytes, int seconds) {
    resident = bytes;
    nanos += Duration.ofSeconds(seconds).toNanos();
    memory.stepped();
  }

  private void firstSteps() {
    for (int i = 0; i < 8; i++) {
      step(800 + 25L * (i + 1), 1);
    }
  }

  @Test
  void whatOutgrowsTheFirstStepsIsGivenBack() {
    firstSteps();
    step(1049, 11);
    assertThat(releases).isZero();
    step(1051, 11);
    assertThat(releases).isOne();
    step(1049, 11);
    assertThat(releases).isOne();
    step(1051, 11);
    assertThat(releases).isEqualTo(2);
  }

  @Test
  void whatIsStillThereAfterwardsIsNeeded() {
    kept = 1500;
    firstSteps();
    step(1500, 11);
    assertThat(releases).isOne();
    step(1570, 11);
    assertThat(releases).isOne();
    step(1580, 11);
    assertThat(releases).isEqualTo(2);
  }

  @Test
  void shortStepsAreNotLookedAtOneByOne() {
    firstSteps();
    for (int i = 0; i < 9; i++) {
      step(5000, 1);
    }
    assertThat(releases).isZero();
    step(5000, 1);
    assertThat(releases).isOne();
  }
}
