package dev.slipway.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFilesTest {
  @TempDir Path folder;

  @Test
  void writesAndReplacesAFile() throws IOException {
    Path file = folder.resolve("deep/er/file.txt");
    AtomicFiles.write(file, "one");
    AtomicFiles.write(file, "zwei ü");
    assertThat(Files.readString(file)).isEqualTo("zwei ü");
    assertThat(names(folder.resolve("deep/er"))).containsExactly("file.txt");
  }

  @Test
  void aFailedWriteLeavesTheOldFileAndNothingElse() throws IOException {
    Path file = folder.resolve("file.txt");
    AtomicFiles.write(file, "old");
    assertThatThrownBy(
            () ->
                AtomicFiles.write(
                    file,
                    out -> {
                      out.write(1);
                      throw new IOException("No space left on device");
                    }))
        .isInstanceOfSatisfying(
            SlipwayException.class, e -> assertThat(e.code()).isEqualTo("file.disk-full"));
    assertThat(Files.readString(file)).isEqualTo("old");
    assertThat(names(folder)).containsExactly("file.txt");
  }

  @Test
  void writesAndReplacesAFolder() throws IOException {
    Path target = folder.resolve("run");
    AtomicFiles.writeFolder(
        target,
        f -> {
          Files.createDirectories(f.resolve("sub"));
          Files.writeString(f.resolve("sub/a"), "1");
        });
    AtomicFiles.writeFolder(target, f -> Files.writeString(f.resolve("b"), "2"));
    assertThat(names(target)).containsExactly("b");
    assertThat(names(folder)).containsExactly("run");
  }

  @Test
  void aFailedFolderLeavesTheOldOne() throws IOException {
    Path target = folder.resolve("run");
    AtomicFiles.writeFolder(target, f -> Files.writeString(f.resolve("a"), "1"));
    assertThatThrownBy(
            () ->
                AtomicFiles.writeFolder(
                    target,
                    f -> {
                      Files.writeString(f.resolve("b"), "2");
                      throw new IllegalStateException("a bug");
                    }))
        .isInstanceOf(IllegalStateException.class);
    assertThat(names(target)).containsExactly("a");
    assertThat(names(folder)).containsExactly("run");
  }

  @Test
  void anInterruptionNeitherStopsAWriteNorIsLost() throws IOException {
    Thread.currentThread().interrupt();
    AtomicFiles.writeFolder(folder.resolve("run"), f -> Files.writeString(f.resolve("a"), "1"));
    assertThat(Thread.interrupted()).isTrue();
    assertThat(names(folder.resolve("run"))).containsExactly("a");
  }

  @Test
  void leftoversOfKilledProcessesAreDeletedAndNothingElse() throws IOException {
    Files.createDirectories(folder.resolve(".run.1234-1.partial/sub"));
    Files.writeString(folder.resolve(".run.1234-1.partial/sub/a"), "1");
    Files.writeString(folder.resolve(".file.1234-2.partial"), "1");
    Files.writeString(folder.resolve("mine.partial"), "1");
    AtomicFiles.deleteLeftovers(folder);
    assertThat(names(folder)).containsExactly("mine.partial");
  }

  @Test
  void aFolderIsCleanedOfWhatKilledProcessesLeftOfIt() throws IOException {
    long pid = ProcessHandle.current().pid();
    long dead = Integer.MAX_VALUE - 1L; // beyond what systems give
    Files.createDirectories(folder.resolve(".run." + dead + "-1-1.partial/sub"));
    Files.createDirectories(folder.resolve(".run." + pid + "-1-1.partial"));
    Files.createDirectories(folder.resolve(".run.1-1-1.partial"));
    Files.createDirectories(folder.resolve(".other." + dead + "-1-1.partial"));
    AtomicFiles.writeFolder(folder.resolve("run"), f -> Files.writeString(f.resolve("a"), "1"));
    // Process 1 runs always, and the other folder is not this one's business.
    assertThat(names(folder))
        .containsExactly(".other." + dead + "-1-1.partial", ".run.1-1-1.partial", "run");
  }

  @Test
  void deletingDoesNotFollowLinks() throws IOException {
    Path kept = Files.createDirectory(folder.resolve("kept"));
    Files.writeString(kept.resolve("a"), "1");
    Path tree = Files.createDirectory(folder.resolve("tree"));
    Files.createSymbolicLink(tree.resolve("link"), kept);
    AtomicFiles.delete(tree);
    AtomicFiles.delete(folder.resolve("never-there"));
    assertThat(names(folder)).containsExactly("kept");
    assertThat(names(kept)).containsExactly("a");
  }

  @Test
  void aFolderWithoutPermissionIsSaidInOneLine() throws IOException {
    assertThat(AtomicFiles.problem(folder, new AccessDeniedException("x")).line())
        .startsWith("error[file.no-permission]: no permission to write");
    Path locked = Files.createDirectory(folder.resolve("locked"));
    assertThat(locked.toFile().setWritable(false)).isTrue();
    assumeTrue(!Files.isWritable(locked), "skipped: this user may write everywhere");
    assertThatThrownBy(() -> AtomicFiles.write(locked.resolve("a"), "1"))
        .isInstanceOfSatisfying(
            SlipwayException.class, e -> assertThat(e.code()).isEqualTo("file.no-permission"));
  }

  @Test
  void hashesAsEveryoneDoes() throws IOException {
    String abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"; // FIPS 180-2
    assertThat(Hashing.sha256("abc")).isEqualTo(abc);
    Path file = folder.resolve("abc");
    Files.writeString(file, "abc");
    assertThat(Hashing.sha256(file)).isEqualTo(abc);
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.map(p -> p.getFileName().toString()).sorted().toList();
    }
  }
}
