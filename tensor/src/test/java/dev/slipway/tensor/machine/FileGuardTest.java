package dev.slipway.tensor.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.condition.OS.LINUX;

import dev.slipway.tensor.DType;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(value = LINUX, architectures = "amd64")
class FileGuardTest {
  private static final int PAGE = 4096;

  @TempDir private Path folder;

  private Path file(String name, int pages) throws IOException {
    byte[] ones = new byte[pages * PAGE];
    Arrays.fill(ones, (byte) 1);
    return Files.write(folder.resolve(name), ones);
  }

  private static MemorySegment map(Path file, Arena arena) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
    }
  }

  private static void cut(Path file, long bytes) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(bytes);
    }
  }

  /** The sum of all bytes, by libtorch. */
  private static double sum(MemorySegment bytes) {
    try (Scope _ = Scope.open()) {
      return Tensor.view(bytes, DType.UINT8, bytes.byteSize()).sum().item();
    }
  }

  @Test
  void nativeCodeReadsZerosWhereAFileWasCutOff() throws IOException {
    Path file = file("cut", 300);
    try (Arena arena = Arena.ofShared()) {
      MemorySegment bytes = map(file, arena);
      FileGuard guard = FileGuard.of(bytes);
      assertThat(sum(bytes.asSlice(0, PAGE))).isEqualTo(PAGE);
      assertThat(guard.isCut()).isFalse();
      cut(file, 10 * PAGE + 100);
      // What a page has behind the file's end reads as zeros without any fault.
      assertThat(sum(bytes)).isEqualTo(10 * PAGE + 100);
      assertThat(guard.isCut()).isTrue();
      assertThat(bytes.get(ValueLayout.JAVA_BYTE, bytes.byteSize() - 1)).isZero();
      guard.close();
      guard.close();
      assertThat(guard.isCut()).isTrue();
    }
  }

  @Test
  void eachFileIsToldOfByItself() throws IOException {
    Path first = file("first", 3);
    Path second = file("second", 3);
    try (Arena arena = Arena.ofShared()) {
      MemorySegment one = map(first, arena);
      MemorySegment two = map(second, arena);
      try (FileGuard whole = FileGuard.of(one);
          FileGuard cut = FileGuard.of(two)) {
        cut(second, 0);
        assertThat(sum(two)).isZero();
        assertThat(sum(one)).isEqualTo(3 * PAGE);
        assertThat(whole.isCut()).isFalse();
        assertThat(cut.isCut()).isTrue();
      }
      // A place in the table that was used is as a new one.
      try (FileGuard again = FileGuard.of(one)) {
        assertThat(again.isCut()).isFalse();
      }
    }
  }

  /** Elsewhere the JVM's own handler goes on: it makes an error of what Java code reads. */
  @Test
  void whatIsNotGuardedIsTheJvmsMatter() throws IOException {
    Path file = file("other", 3);
    try (Arena arena = Arena.ofShared()) {
      MemorySegment guarded = map(file("guarded", 1), arena);
      MemorySegment bytes = map(file, arena);
      try (FileGuard guard = FileGuard.of(guarded)) {
        cut(file, 0);
        byte[] target = new byte[3 * PAGE];
        assertThatThrownBy(
                () -> MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, 0, target, 0, target.length))
            .isInstanceOf(InternalError.class);
        assertThat(guard.isCut()).isFalse();
      }
    }
  }
}
