package dev.slipway.plan;

import dev.slipway.base.MemoryLimit;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.kernel.Throughput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Measures a machine in a few seconds. */
public final class Calibration {
  private static final int SIZE = 1024;
  private static final double PRIMITIVE_SECONDS = 0.25;

  private Calibration() {}

  /** Makes networks whose steps can be timed; the caller joins model, execution and optimizer. */
  public interface Steps {
    Step open(RunShape shape);
  }

  /** A network on random tokens. */
  public interface Step extends AutoCloseable {
    /** One whole step: every micro-batch forward and backward, and the update. */
    void run();

    @Override
    void close();
  }

  /** Matrix products, bandwidth and limits of this machine; about a second. */
  public static MachineProfile machine() {
    MemoryLimit limit = MemoryLimit.current();
    return new MachineProfile(
        processor(),
        Runtime.getRuntime().availableProcessors(),
        limit.bytes(),
        limit.source(),
        product(DType.FLOAT32) / 1e9,
        product(DType.BFLOAT16) / 1e9,
        Throughput.memoryBandwidth(PRIMITIVE_SECONDS),
        List.of());
  }

  /**
   * The machine with measured steps of these shapes.
   *
   * @param seconds that may be spent on all of them together
   */
  public static MachineProfile withProbes(
      MachineProfile machine, List<RunShape> shapes, Steps steps, double seconds) {
    List<MachineProfile.SpeedProbe> probes = new ArrayList<>();
    for (RunShape shape : shapes) {
      try (Step step = steps.open(shape)) {
        probes.add(
            new MachineProfile.SpeedProbe(shape, median(step::run, seconds / shapes.size())));
      }
    }
    return machine.withProbes(probes);
  }

  /** Operations a second, by the way that training takes. */
  private static double product(DType type) {
    return Throughput.matmul(type, SIZE, SIZE, SIZE, PRIMITIVE_SECONDS);
  }

  /** After a first time that does not count, repeats for so long, and at least three times. */
  private static double median(Runnable work, double seconds) {
    work.run();
    List<Double> times = new ArrayList<>();
    long start = System.nanoTime();
    while (times.size() < 3 || (System.nanoTime() - start < seconds * 1e9 && times.size() < 1000)) {
      long before = System.nanoTime();
      work.run();
      times.add((System.nanoTime() - before) / 1e9);
    }
    double[] sorted = times.stream().mapToDouble(Double::doubleValue).toArray();
    Arrays.sort(sorted);
    return Math.max(1e-9, sorted[sorted.length / 2]);
  }

  private static String processor() {
    Path file = Path.of("/proc/cpuinfo");
    if (Files.isReadable(file)) {
      try (Stream<String> lines = Files.lines(file)) {
        return lines
            .filter(line -> line.toLowerCase(Locale.ROOT).startsWith("model name"))
            .map(line -> line.substring(line.indexOf(':') + 1).strip())
            .findFirst()
            .orElseGet(() -> System.getProperty("os.arch"));
      } catch (IOException e) {
        return System.getProperty("os.arch"); // only a name for people
      }
    }
    return System.getProperty("os.arch");
  }
}
