package dev.slipway.platform.feedback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FeedbackFileTest {
  @TempDir Path folder;

  private Path path() {
    return folder.resolve("new/feedback.jsonl");
  }

  @Test
  void whatWasTakenIsThereWhenItIsOpenedAgain() throws Exception {
    try (FeedbackFile file = FeedbackFile.open(path(), 1000)) {
      file.append(Json.object().put("a", "é"));
    }
    try (FeedbackFile file = FeedbackFile.open(path(), 1000)) {
      file.append(Json.object().put("b", 2));
    }
    assertThat(Files.readAllLines(path())).containsExactly("{\"a\":\"é\"}", "{\"b\":2}");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path())))
        .isEqualTo("rw-------");
  }

  @Test
  void aLineThatIsTakenBackLeavesTheOthers() throws Exception {
    try (FeedbackFile file = FeedbackFile.open(path(), 1000)) {
      file.append(Json.object().put("a", 1));
      FeedbackFile.Place place = file.append(Json.object().put("b", 2));
      file.append(Json.object().put("c", 3));
      file.blank(place);
      file.append(Json.object().put("d", 4));
    }
    assertThat(Files.readAllLines(path()))
        .containsExactly("{\"a\":1}", "       ", "{\"c\":3}", "{\"d\":4}");
  }

  @Test
  void halfALineIsCutOff() throws Exception {
    try (FeedbackFile file = FeedbackFile.open(path(), 1 << 20)) {
      file.append(Json.object().put("a", 1));
    }
    Files.writeString(path(), "{\"b\":\"" + "x".repeat(200_000), StandardOpenOption.APPEND);
    try (FeedbackFile file = FeedbackFile.open(path(), 1 << 20)) {
      assertThat(file.length()).isEqualTo(8);
      file.append(Json.object().put("c", 3));
    }
    assertThat(Files.readAllLines(path())).containsExactly("{\"a\":1}", "{\"c\":3}");
  }

  @Test
  void takesNoMoreThanItMay() throws Exception {
    try (FeedbackFile file = FeedbackFile.open(path(), 20)) {
      file.append(Json.object().put("a", 1));
      file.append(Json.object().put("b", 2));
      assertThatThrownBy(() -> file.append(Json.object().put("c", 3)))
          .isInstanceOf(FeedbackFile.Full.class)
          .hasMessageContaining("20 bytes");
      assertThat(file.length()).isEqualTo(16);
    }
  }

  @Test
  void oneServiceAtATimeWritesIt() throws Exception {
    try (FeedbackFile _ = FeedbackFile.open(path(), 100)) {
      assertThatThrownBy(() -> FeedbackFile.open(path(), 100))
          .isInstanceOf(SlipwayException.class)
          .hasMessageContaining("another service");
    }
    assertThatThrownBy(() -> FeedbackFile.open(folder, 100))
        .isInstanceOf(SlipwayException.class)
        .hasMessageContaining("is a folder");
  }

  @Test
  void whatWasTakenOutlivesAKilledProcess() throws Exception {
    Process process =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "-cp",
                System.getProperty("java.class.path"),
                Writer.class.getName(),
                path().toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    int taken = 0;
    try (BufferedReader said = process.inputReader()) {
      while (taken < 50) {
        taken = Integer.parseInt(said.readLine());
      }
    } finally {
      process.destroyForcibly().waitFor();
    }
    try (FeedbackFile file = FeedbackFile.open(path(), 1 << 20)) {
      file.append(Json.object().put("last", true));
    }
    List<String> lines = Files.readAllLines(path());
    assertThat(lines).hasSizeGreaterThan(taken);
    for (int i = 0; i < lines.size() - 1; i++) {
      assertThat(Json.parse(lines.get(i), "line").get("number").intValue()).isEqualTo(i + 1);
    }
  }

  /** Takes lines until it is killed, and says how many it took. */
  static final class Writer {
    private Writer() {}

    public static void main(String[] arguments) throws Exception {
      FeedbackFile file = FeedbackFile.open(Path.of(arguments[0]), 1 << 20);
      for (int i = 1; i < 5_000; i++) {
        file.append(Json.object().put("number", i).put("text", "x".repeat(100)));
        System.out.println(i);
      }
    }
  }
}
