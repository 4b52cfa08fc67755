package dev.slipway.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class FreedMemoryTest {
  private long resident = 1000;
  private int releases;
  private long nanos;
  private final FreedMemory memory = new FreedMemory(() -> resident, () -> releases++, () -> nanos);

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
    step(1049, 6);
    assertThat(releases).isZero();
    step(1051, 6);
    assertThat(releases).isOne();
    step(1010, 6); // what is there after it
    step(1100, 6);
    assertThat(releases).isEqualTo(2);
  }

  @Test
  void whatComesAgainAtOnceIsNeeded() {
    firstSteps();
    step(1500, 6);
    assertThat(releases).isOne();
    step(1500, 6);
    step(1500, 6);
    step(1570, 6);
    assertThat(releases).isOne();
    step(1580, 6);
    assertThat(releases).isEqualTo(2);
  }

  @Test
  void shortStepsAreNotLookedAtOneByOne() {
    firstSteps();
    for (int i = 0; i < 4; i++) {
      step(5000, 1);
    }
    assertThat(releases).isZero();
    step(5000, 1);
    assertThat(releases).isOne();
  }
}
