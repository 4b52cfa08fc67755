package dev.slipway.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KillTest {
  @TempDir Path folder;

  /** {@code bench/kill.sh} does it a hundred times, which it asks for by {@code slipway.kills}. */
  @Test
  void aKilledRunEndsAsAnUndisturbedOne() throws Exception {
    Integer asked = Integer.getInteger("slipway.kills");
    int kills = asked == null ? 3 : asked; // most of the time goes into starting JVMs
    int steps = asked == null ? 40 : 600;
    Consumer<String> out = asked == null ? _ -> {} : System.out::println;
    int right = new KillProgram(folder, steps, 3, out).run(kills);
    out.accept(right + " of " + kills);
    assertThat(right).isEqualTo(kills);
  }
}
