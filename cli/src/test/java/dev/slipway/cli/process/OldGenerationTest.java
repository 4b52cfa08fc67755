package dev.slipway.cli.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class OldGenerationTest {
  private static final int MEGABYTE = 1 << 20;

  /** Megabytes that the old generation came to, in a process with the launcher's collector. */
  private static int largest(String kept) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmn8m",
                "-Xmx1g",
                "-cp",
                System.getProperty("java.class.path"),
                Ages.class.getName(),
                kept)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isZero();
    return Integer.parseInt(out.strip());
  }

  /** 600 MB that grow old, of which 20 are alive. */
  @Test
  void garbageThatGrewOldIsCollectedBeforeTheHeapIsFull() throws Exception {
    assertThat(largest("by itself")).isGreaterThan(400);
    assertThat(largest("small")).isLessThan(200);
  }

  /** Objects that live long enough to be moved into the old generation. */
  static final class Ages {
    private Ages() {}

    public static void main(String[] arguments) throws InterruptedException {
      boolean watched = arguments[0].equals("small");
      if (watched) {
        OldGeneration.isCollected(64L * MEGABYTE);
      }
      MemoryPoolMXBean old =
          ManagementFactory.getMemoryPoolMXBeans().stream()
              .filter(pool -> pool.getName().equals("Tenured Gen"))
              .findFirst()
              .orElseThrow();
      long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
      byte[][] alive = new byte[200][];
      for (int i = 0; i < 6000; i++) {
        alive[i % alive.length] = new byte[MEGABYTE / 10];
        // Who collects is another thread, which a loaded machine may leave waiting for long.
        while (watched && old.getUsage().getUsed() > 150L * MEGABYTE && System.nanoTime() < end) {
          Thread.sleep(5);
        }
      }
      System.out.println(old.getPeakUsage().getUsed() / MEGABYTE);
    }
  }
}
