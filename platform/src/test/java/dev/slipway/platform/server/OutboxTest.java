package dev.slipway.platform.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class OutboxTest {
  /** Four threads that would all like to say it: one at a time does, and in the order of adding. */
  @Test
  @Timeout(60)
  void saysEverythingInOrderWhoeverSaysIt() {
    Outbox outbox = new Outbox();
    List<Integer> said = new ArrayList<>(); // for one thread at a time
    try (ExecutorService others = Executors.newFixedThreadPool(4)) {
      for (int word = 0; word < 100_000; word++) {
        int each = word;
        outbox.add(() -> said.add(each));
        if (word % 3 == 0) {
          outbox.send(others);
        }
      }
      outbox.finish();
    }
    assertThat(said).isEqualTo(IntStream.range(0, 100_000).boxed().toList());
  }

  @Test
  void sendsNothingWhereNothingWasAdded() {
    Outbox outbox = new Outbox();
    outbox.send(
        _ -> {
          throw new IllegalStateException("there was nothing to say");
        });
    outbox.finish();
  }

  @Test
  void saysTheRestAfterAFailure() {
    Outbox outbox = new Outbox();
    List<String> said = new ArrayList<>();
    outbox.add(
        () -> {
          throw new IllegalStateException("of one listener's");
        });
    outbox.add(() -> said.add("the rest"));
    outbox.send(Runnable::run);
    assertThat(said).containsExactly("the rest");
  }
}
