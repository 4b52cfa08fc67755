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
    int kills = Integer.getInteger("slipway.kills", 4);
    int steps = kills > 4 ? 600 : 80;
    Consumer<String> out = kills > 4 ? System.out::println : _ -> {};
    int right = new KillProgram(folder, steps, 3, out).run(kills);
    out.accept(right + " of " + kills);
    assertThat(right).isEqualTo(kills);
  }
}
