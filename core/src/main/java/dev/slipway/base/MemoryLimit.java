package dev.slipway.base;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Memory that this process may take.
 *
 * @param bytes the smallest of the limits that hold
 * @param source which one that is
 */
public record MemoryLimit(long bytes, String source) {
  /** Of this machine or container: control groups (v2 and v1) and what is free now. */
  public static MemoryLimit current() {
    return smallest(linux(Path.of("/")));
  }

  /** As {@link #current}, whatever others hold of it now. */
  public static MemoryLimit whole() {
    return smallest(groups(Path.of("/")));
  }

  private static MemoryLimit smallest(List<MemoryLimit> set) {
    List<MemoryLimit> limits = new ArrayList<>(set);
    if (ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system) {
      limits.add(new MemoryLimit(system.getTotalMemorySize(), "the machine's memory"));
    }
    return limits.stream()
        .min(Comparator.comparingLong(MemoryLimit::bytes))
        .orElseGet(
            () -> new MemoryLimit(Runtime.getRuntime().maxMemory(), "the largest Java heap"));
  }

  /**
   * @param root where {@code /proc} and {@code /sys} are
   * @return every limit that is set
   */
  static List<MemoryLimit> linux(Path root) {
    List<MemoryLimit> limits = groups(root);
    available(root).ifPresent(limits::add);
    return limits;
  }

  private static List<MemoryLimit> groups(Path root) {
    List<MemoryLimit> limits = new ArrayList<>();
    for (String line : lines(root.resolve("proc/self/cgroup"))) {
      String[] parts = line.split(":", 3); // id:controllers:path
      if (parts.length < 3) {
        continue;
      }
      if (parts[1].isEmpty()) {
        Path top = root.resolve("sys/fs/cgroup");
        climb(limits, top, parts[2], "memory.max", "control group v2 memory.max");
        climb(limits, top, parts[2], "memory.high", "control group v2 memory.high");
      } else if (List.of(parts[1].split(",")).contains("memory")) {
        Path top = root.resolve("sys/fs/cgroup/memory");
        String name = "control group v1 memory.limit_in_bytes";
        climb(limits, top, parts[2], "memory.limit_in_bytes", name);
      }
    }
    return limits;
  }

  /** A group is held by its parents' limits too; in a container the path may not be visible. */
  private static void climb(
      List<MemoryLimit> limits, Path top, String path, String file, String source) {
    Path group = top.resolve(path.replaceFirst("^/+", "")).normalize();
    if (!group.startsWith(top) || !Files.isDirectory(group)) {
      group = top;
    }
    for (Path at = group; at != null && at.startsWith(top); at = at.getParent()) {
      for (String line : lines(at.resolve(file))) {
        number(line.strip()).ifPresent(bytes -> limits.add(new MemoryLimit(bytes, source)));
      }
    }
  }

  private static Optional<MemoryLimit> available(Path root) {
    return lines(root.resolve("proc/meminfo")).stream()
        .filter(line -> line.startsWith("MemAvailable:"))
        .flatMap(line -> number(line.replaceAll("[^0-9]", "")).stream())
        .map(kilobytes -> new MemoryLimit(kilobytes * 1024, "memory that is free now"))
        .findFirst();
  }

  private static Optional<Long> number(String text) {
    // "max" in v2 and a number near 2⁶³ in v1 mean that there is no limit.
    return text.matches("\\d{1,18}") ? Optional.of(Long.parseLong(text)) : Optional.empty();
  }

  private static List<String> lines(Path file) {
    try {
      return Files.isReadable(file) ? Files.readAllLines(file) : List.of();
    } catch (IOException e) {
      return List.of(); // a group that vanished has no limit
    }
  }
}
