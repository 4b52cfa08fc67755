package dev.slipway.platform.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FairQueueTest {
  private final FairQueue<String> queue = new FairQueue<>(String::length);

  /** Takes all in turn; each costs so much. */
  private List<String> all(long cost) {
    List<String> order = new ArrayList<>();
    while (queue.size() > 0) {
      String one = queue.remove();
      queue.charge(one.substring(0, 1), cost);
      order.add(one);
    }
    return order;
  }

  @Test
  void keysTakeTurnsHoweverMuchEachAsks() {
    for (int i = 0; i < 6; i++) {
      queue.add("a", "a" + i);
    }
    queue.add("b", "b0");
    queue.add("b", "b1");
    assertThat(all(10)).containsExactly("a0", "b0", "a1", "b1", "a2", "a3", "a4", "a5");
  }

  @Test
  void nobodySavesUpWhileOthersAreServed() {
    queue.add("a", "a0");
    all(1000);
    queue.add("b", "b0"); // nothing waits now, and it does not get the thousand that it missed
    queue.add("a", "a1");
    queue.add("a", "a2");
    queue.add("b", "b1");
    assertThat(all(10)).containsExactly("a1", "b0", "a2", "b1");
  }

  @Test
  void whoHadMoreThanTheOthersStaysBehind() {
    queue.add("a", "a0");
    queue.add("b", "b0");
    queue.remove();
    queue.charge("a", 100);
    queue.add("a", "a1");
    queue.add("b", "b1");
    queue.add("b", "b2");
    assertThat(all(30)).containsExactly("b0", "b1", "b2", "a1");
  }

  @Test
  void keysThatHaveGoneAreForgotten() {
    for (int i = 0; i < 10_000; i++) {
      String key = "key-" + i;
      queue.add(key, "one");
      queue.remove();
      queue.charge(key, 5);
    }
    assertThat(queue.keys()).isLessThan(4);
  }
}
