package dev.slipway.platform.runs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunLockTest {
  @TempDir Path run;

  @Test
  void tellsWhoHoldsTheRunAndLetsItGo() {
    assertThat(RunLock.holder(run)).isEmpty();
    try (RunLock lock = RunLock.acquire(run, "slipway launch")) {
      assertThat(lock).isNotNull();
      assertThat(RunLock.holder(run))
          .hasValueSatisfying(
              holder -> {
                assertThat(holder.pid()).isEqualTo(ProcessHandle.current().pid());
                assertThat(holder.toString()).contains("slipway launch");
              });
      assertThatThrownBy(() -> RunLock.acquire(run, "slipway resume"))
          .isInstanceOfSatisfying(
              SlipwayException.class,
              e -> {
                assertThat(e.exit()).isEqualTo(Exit.LOCKED);
                assertThat(e.line())
                    .contains("process " + ProcessHandle.current().pid())
                    .contains("slipway launch");
              });
    }
    assertThat(RunLock.holder(run)).isEmpty();
    RunLock.acquire(run, "slipway resume").close();
  }

  /** A process that takes the run and holds it. */
  private Process another() throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx64m",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            Holding.class.getName(),
            run.toString())
        .redirectErrorStream(true)
        .start();
  }

  @Test
  void anotherProcessIsKeptOutUntilTheHolderIsKilled() throws Exception {
    Files.writeString(run.resolve(RunFolder.RECIPE), "name: x\n");
    Process other = another();
    try {
      BufferedReader out =
          new BufferedReader(new InputStreamReader(other.getInputStream(), StandardCharsets.UTF_8));
      assertThat(out.readLine()).isEqualTo("held");
      assertThat(RunFolder.read(run).status()).isEqualTo(RunStatus.RUNNING);
      assertThat(RunFolder.read(run).holder()).contains("process " + other.pid());
      assertThatThrownBy(() -> RunLock.acquire(run, "slipway resume"))
          .hasMessageContaining("process " + other.pid())
          .hasMessageContaining("slipway run");
    } finally {
      other.destroyForcibly().waitFor();
    }
    assertThat(RunFolder.read(run).status()).isEqualTo(RunStatus.INTERRUPTED);
    RunLock.acquire(run, "slipway resume").close();
  }

  @Test
  void lookingAtTheRunDoesNotDropItsLock() throws Exception {
    try (RunLock lock = RunLock.acquire(run, "slipway launch")) {
      assertThat(lock).isNotNull();
      Files.writeString(run.resolve(RunFolder.RECIPE), "name: x\n");
      assertThat(RunFolder.read(run).status()).isEqualTo(RunStatus.RUNNING);
      assertThat(RunFolder.read(run).status()).isEqualTo(RunStatus.RUNNING);
      Process other = another();
      String said = new String(other.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      other.waitFor();
      assertThat(said).contains("run.locked").contains("slipway launch");
    }
  }

  @Test
  void aRunThatIsNotThereIsToldPlainly() {
    assertThatThrownBy(() -> RunLock.acquire(run.resolve("nope"), "slipway resume"))
        .isInstanceOfSatisfying(
            SlipwayException.class, e -> assertThat(e.code()).isEqualTo("run.missing"));
  }

  @Test
  void aFullDiskIsCalledOne() throws IOException {
    Path full = Path.of("/dev/full"); // Linux' device that takes nothing
    assumeTrue(Files.exists(full), "there is no /dev/full");
    Files.createSymbolicLink(run.resolve(RunLock.FILE), full);
    assertThatThrownBy(() -> RunLock.acquire(run, "slipway run"))
        .isInstanceOfSatisfying(
            SlipwayException.class, e -> assertThat(e.code()).isEqualTo("file.disk-full"));
  }

  /** Another process that takes the lock, says so and waits to be killed. */
  static final class Holding {
    public static void main(String[] args) throws IOException {
      try {
        RunLock lock = RunLock.acquire(Path.of(args[0]), "slipway run");
        System.out.println("held");
        System.in.read();
        lock.close();
      } catch (SlipwayException e) {
        System.out.println(e.line());
      }
    }
  }
}
