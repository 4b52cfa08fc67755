package dev.slipway.base;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemoryLimitTest {
  @Test
  void controlGroupsOfVersion2(@TempDir Path root) throws IOException {
    file(root, "proc/self/cgroup", "0::/a/b\n");
    file(root, "proc/meminfo", "MemTotal: 100 kB\nMemAvailable:   24000000 kB\n");
    file(root, "sys/fs/cgroup/a/b/memory.max", "max\n");
    file(root, "sys/fs/cgroup/a/memory.max", "3000000000\n");
    file(root, "sys/fs/cgroup/a/memory.high", "2000000000\n");
    assertThat(MemoryLimit.linux(root))
        .containsExactlyInAnyOrder(
            new MemoryLimit(24_576_000_000L, "memory that is free now"),
            new MemoryLimit(3_000_000_000L, "control group v2 memory.max"),
            new MemoryLimit(2_000_000_000L, "control group v2 memory.high"));
  }

  @Test
  void controlGroupsOfVersion1InAContainer(@TempDir Path root) throws IOException {
    file(root, "proc/self/cgroup", "5:cpu,cpuacct:/x\n4:memory:/docker/0123\nnonsense\n");
    file(root, "sys/fs/cgroup/memory/memory.limit_in_bytes", "1073741824\n");
    assertThat(MemoryLimit.linux(root))
        .containsExactly(new MemoryLimit(1L << 30, "control group v1 memory.limit_in_bytes"));
    file(root, "sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    assertThat(MemoryLimit.linux(root)).isEmpty();
    assertThat(MemoryLimit.linux(root.resolve("nothing"))).isEmpty();
    assertThat(MemoryLimit.current().bytes()).isPositive();
    assertThat(MemoryLimit.whole().bytes()).isGreaterThanOrEqualTo(MemoryLimit.current().bytes());
  }

  private static void file(Path root, String name, String text) throws IOException {
    Path file = root.resolve(name);
    Files.createDirectories(file.resolve("..").normalize());
    Files.writeString(file, text);
  }
}
