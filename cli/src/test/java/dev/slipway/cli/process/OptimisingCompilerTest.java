package dev.slipway.cli.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.slipway.tensor.Engine;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** In a process of its own, whose compiler gives way. */
class OptimisingCompilerTest {
  @Test
  void itsThreadsGiveWayAndNoOther() throws Exception {
    assumeTrue(Engine.hasFastBfloat16(), "skipped: kernels wait for the compiler here");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Yields.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader said = process.inputReader()) {
      int before = Integer.parseInt(said.readLine());
      assertThat(said.readLine()).isEqualTo("main " + before);
      List<String> threads = said.lines().toList();
      assertThat(threads).isNotEmpty();
      for (String thread : threads) {
        assertThat(Integer.parseInt(thread)).isGreaterThanOrEqualTo(10);
      }
    }
    assertThat(process.waitFor()).isZero();
  }

  /** Says the nice values of the main thread, before and after, and of the compiler's. */
  static final class Yields {
    private Yields() {}

    public static void main(String[] arguments) throws IOException {
      Path main = Path.of("/proc/self/task/" + ProcessHandle.current().pid());
      System.out.println(nice(main));
      OptimisingCompiler.yields();
      System.out.println("main " + nice(main));
      for (int thread : OptimisingCompiler.threads()) {
        System.out.println(nice(Path.of("/proc/self/task/" + thread)));
      }
    }
  }

  /** The 19th field of a thread's {@code stat}. */
  private static int nice(Path task) throws IOException {
    String stat = Files.readString(task.resolve("stat"));
    return Integer.parseInt(stat.substring(stat.lastIndexOf(')') + 2).split(" ")[16]);
  }
}
