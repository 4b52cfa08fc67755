package dev.slipway.infer.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.base.SlipwayException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CompilersTest {
  private final Compilers compilers = new Compilers(1);

  private static String waiting(CountDownLatch latch) {
    Effort.spend(Effort.LITTLE + 1);
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return "much";
  }

  private CompletableFuture<String> compile(String client, Supplier<String> compiling) {
    return compilers.compile(client, compiling, result -> result);
  }

  @Test
  void whatTakesMuchDelaysNobodyWhoAsksForLittle() throws Exception {
    CountDownLatch latch = new CountDownLatch(1);
    CompletableFuture<String> much = compile("a", () -> waiting(latch));
    assertThat(compile("b", () -> "little").get()).isEqualTo("little");
    assertThat(compile("a", () -> "little").get()).isEqualTo("little");
    assertThat(much).isNotDone();
    latch.countDown();
    assertThat(much.get()).isEqualTo("much");
  }

  @Test
  void clientsTakeTurns() throws Exception {
    CountDownLatch latch = new CountDownLatch(1);
    CompletableFuture<String> first = compile("a", () -> waiting(latch));
    List<String> order = new CopyOnWriteArrayList<>();
    List<CompletableFuture<String>> all = new ArrayList<>();
    for (String client : List.of("a", "a", "a", "b")) {
      all.add(
          compile(
              client,
              () -> {
                Effort.spend(Effort.LITTLE + 1);
                order.add(client);
                return client;
              }));
    }
    // Behind what their clients asked for before: then all of that waits among what takes much.
    compile("a", () -> "").get();
    compile("b", () -> "").get();
    latch.countDown();
    for (CompletableFuture<String> one : all) {
      one.get();
    }
    assertThat(first.get()).isEqualTo("much");
    assertThat(order.indexOf("b")).isLessThanOrEqualTo(1);
  }

  @Test
  void whatTakesTooMuchIsRefused() {
    CompletableFuture<String> refused =
        compile(
            "a",
            () -> {
              Effort.spend(Effort.MOST + 1);
              return "";
            });
    assertThatThrownBy(refused::get).hasCauseInstanceOf(SlipwayException.class);
    CompletableFuture<String> broken =
        compile(
            "a",
            () -> {
              throw new IllegalStateException("a fault");
            });
    assertThatThrownBy(broken::get).hasRootCauseMessage("a fault");
  }
}
