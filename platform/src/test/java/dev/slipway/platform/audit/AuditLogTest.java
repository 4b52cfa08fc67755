package dev.slipway.platform.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class AuditLogTest {
  @TempDir Path folder;
  private Path path = Path.of("");

  @BeforeEach
  void place() {
    path = folder.resolve("audit.jsonl");
  }

  private String fill(int from, int to) throws IOException {
    try (AuditLog log = AuditLog.open(path)) {
      for (int i = from; i < to; i++) {
        log.append(Json.object().put("event", "request").put("n", i));
      }
      return log.head();
    }
  }

  private void rewrite(List<String> lines) throws IOException {
    Files.writeString(path, String.join("\n", lines) + "\n");
  }

  private void broken(int line, String what) {
    assertThatThrownBy(() -> AuditVerifier.verify(path, null))
        .isInstanceOfSatisfying(
            SlipwayException.class, e -> assertThat(e.code()).isEqualTo("audit.broken"))
        .hasMessageContaining("line " + line + ":")
        .hasMessageContaining(what);
  }

  @Test
  void onlyItsOwnerReadsIt() throws IOException {
    assumeTrue(
        path.getFileSystem().supportedFileAttributeViews().contains("posix"),
        "this file system has no rights of owners");
    fill(0, 1);
    assertThat(Files.getPosixFilePermissions(path))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
  }

  @Test
  void aLogGoesOnWhereItEndedAndIsIntact() throws IOException {
    fill(0, 10);
    String head = fill(10, 20);
    AuditVerifier.Intact intact = AuditVerifier.verify(path, null);
    assertThat(intact).isEqualTo(new AuditVerifier.Intact(20, head, 0));
    assertThat(Json.parse(Files.readAllLines(path).getLast(), "line").path("n").asInt())
        .isEqualTo(19);
  }

  @Test
  void everyChangeIsFoundWithItsLine() throws IOException {
    fill(0, 30);
    List<String> lines = Files.readAllLines(path);
    Random random = new Random(5);
    for (int round = 0; round < 200; round++) {
      int at = random.nextInt(lines.size() - 1);
      List<String> changed = new ArrayList<>(lines);
      switch (random.nextInt(5)) {
        case 0 -> {
          String line = lines.get(at);
          int place = line.lastIndexOf(':') + 1;
          changed.set(at, line.substring(0, place) + "7" + line.substring(place));
          rewrite(changed);
          broken(at + 1, "it was changed");
        }
        case 1 -> {
          changed.remove(at);
          rewrite(changed);
          broken(at + 1, "1 before it are gone");
        }
        case 2 -> {
          changed.add(at + 1, lines.get(at));
          rewrite(changed);
          broken(at + 2, "doubled or moved");
        }
        case 3 -> {
          changed.set(at, lines.get(at + 1));
          changed.set(at + 1, lines.get(at));
          rewrite(changed);
          broken(at + 1, "are gone");
        }
        default -> {
          changed.set(at, lines.get(at).substring(3));
          rewrite(changed);
          broken(at + 1, "no line of an audit log");
        }
      }
    }
  }

  @Test
  void anEndThatWasCutOffShowsAgainstAHashFromElsewhere() throws IOException {
    String head = fill(0, 10);
    assertThat(AuditVerifier.verify(path, head).lines()).isEqualTo(10);
    rewrite(Files.readAllLines(path).subList(0, 8));
    broken(8, "there were 10 lines, and there are 8");
    assertThatThrownBy(() -> AuditLog.open(path))
        .isInstanceOfSatisfying(
            SlipwayException.class, e -> assertThat(e.code()).isEqualTo("audit.damaged"))
        .hasMessageContaining("there were 10 lines, and there are 8")
        .hasMessageContaining("audit.jsonl.anchor");
    // Who cuts off both is found out by what was noted elsewhere.
    Files.delete(folder.resolve("audit.jsonl.anchor"));
    assertThat(AuditVerifier.verify(path, null).lines()).isEqualTo(8);
    assertThatThrownBy(() -> AuditVerifier.verify(path, head)).hasMessageContaining("cut off");
  }

  @Test
  void aLogThatWasMadeAnewShowsAgainstWhatIsNotedBesideIt() throws IOException {
    fill(0, 10);
    Path anchor = folder.resolve("audit.jsonl.anchor");
    String noted = Files.readString(anchor);
    Files.delete(path);
    Files.delete(anchor);
    fill(100, 112);
    Files.writeString(anchor, noted);
    broken(10, "made anew");
    // One that is spoilt says nothing, and is written again.
    Files.writeString(anchor, "{\"lines\":");
    assertThat(AuditVerifier.verify(path, null).lines()).isEqualTo(12);
    fill(112, 113);
    assertThat(Files.readString(anchor)).startsWith("{\"lines\":13,");
  }

  @Test
  void aTornLineIsCutOffAndTold() throws IOException {
    fill(0, 3);
    Files.writeString(path, "{\"seq\":4,\"previo", StandardOpenOption.APPEND);
    assertThat(AuditVerifier.verify(path, null).tornBytes()).isEqualTo(16);
    fill(3, 4);
    assertThat(AuditVerifier.verify(path, null).lines()).isEqualTo(5);
    assertThat(Files.readAllLines(path).get(3))
        .contains("\"event\":\"recovered\"")
        .contains("\"torn_bytes\":16");
  }

  @Test
  void aFirstLineThatWasTornLeavesAnEmptyLog() throws IOException {
    Files.writeString(path, "{\"se");
    fill(0, 1);
    assertThat(AuditVerifier.verify(path, null).lines()).isEqualTo(2);
  }

  @Test
  void whatIsWrongIsTold() throws IOException {
    try (AuditLog log = AuditLog.open(path)) {
      assertThat(log.head()).isEqualTo("0".repeat(64));
      assertThatThrownBy(() -> AuditLog.open(path)).hasMessageContaining("another service");
    }
    Files.writeString(path, "something else\n");
    assertThatThrownBy(() -> AuditLog.open(path)).hasMessageContaining("no line of an audit log");
    assertThat(Files.readString(path)).isEqualTo("something else\n");
    assertThatThrownBy(() -> AuditVerifier.verify(folder.resolve("none"), null))
        .hasMessageContaining("can't be read");
    assertThatThrownBy(() -> AuditLog.open(folder)).hasMessageContaining("can't be written");
  }

  /** The order of lines is that of their numbers; times are what the clock said. */
  @Test
  void aClockThatIsSetBackBreaksNothing() throws Exception {
    Instant noon = Instant.parse("2026-03-01T12:00:00Z");
    for (Instant now : List.of(noon, noon.minus(Duration.ofDays(400)), noon.plusSeconds(1))) {
      try (AuditLog log = AuditLog.open(path, Clock.fixed(now, ZoneOffset.UTC))) {
        log.append(Json.object().put("event", "request"));
      }
    }
    assertThat(AuditVerifier.verify(path, null).lines()).isEqualTo(3);
    assertThat(Files.readAllLines(path).get(1)).contains("2025-01-25T12:00:00");
  }

  /** A process that is killed in the midst of writing has written whole lines, and goes on. */
  @Test
  void aKilledProcessLosesNothing() throws Exception {
    Process process = child("kill");
    try (BufferedReader out = reader(process)) {
      for (int i = 0; i < 200; i++) {
        assertThat(out.readLine()).isEqualTo("written " + i);
      }
      process.destroyForcibly().waitFor();
    }
    long lines = AuditVerifier.verify(path, null).lines();
    assertThat(lines).isGreaterThanOrEqualTo(200);
    fill(0, 1);
    assertThat(AuditVerifier.verify(path, null).lines()).isGreaterThan(lines);
  }

  /** The system's limit on a file's size stands for a disk that is full. */
  @Test
  void aFullDiskRefusesLinesWholeAndLosesNoneThatHappened() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "skipped: there is no bash");
    Process process = child("full");
    try (BufferedReader out = reader(process)) {
      assertThat(out.lines().toList()).contains("refused").last().isEqualTo("done");
    }
    AuditVerifier.Intact full = AuditVerifier.verify(path, null);
    assertThat(full.tornBytes()).isZero();
    assertThat(Files.size(path)).isLessThanOrEqualTo(16 * 1024).isGreaterThan(15 * 1024);
  }

  private Process child(String what) throws IOException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    List<String> command =
        new ArrayList<>(
            List.of(
                java,
                "-Xmx64m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Writer.class.getName(),
                what,
                path.toString()));
    if (what.equals("full")) {
      command.addAll(0, List.of("/bin/bash", "-c", "ulimit -f 16; exec \"$@\"", "bash"));
    }
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  private static BufferedReader reader(Process process) {
    return new BufferedReader(
        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  /** Writes lines until it is killed, or until the file takes no more. */
  static final class Writer {
    public static void main(String[] args) throws IOException {
      AuditLog log = AuditLog.open(Path.of(args[1]));
      try {
        for (int i = 0; ; i++) {
          log.append(Json.object().put("event", "request").put("n", i));
          System.out.println("written " + i);
        }
      } catch (IOException e) {
        System.out.println("refused");
      }
      log.tell(Json.object().put("event", "answer").put("padding", "x".repeat(2000)));
      System.out.println("done");
      Runtime.getRuntime().halt(0);
    }
  }
}
