package dev.slipway.plan;

import dev.slipway.tensor.DType;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
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
  private static final int COPY = 16 << 20;
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
    double operations = 2.0 * SIZE * SIZE * SIZE;
    return new MachineProfile(
        processor(),
        Runtime.getRuntime().availableProcessors(),
        limit.bytes(),
        limit.source(),
        operations / secondsOfProduct(DType.FLOAT32) / 1e9,
        operations / secondsOfProduct(DType.BFLOAT16) / 1e9,
        2.0 * 4 * COPY / secondsOfCopy(),
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

  private static double secondsOfProduct(DType type) {
    try (Scope _ = Scope.open();
        NoGrad _ = NoGrad.open()) {
      Tensor a = Tensor.zeros(type, SIZE, SIZE).fillInPlace(0.5);
      Tensor b = Tensor.zeros(type, SIZE, SIZE).fillInPlace(0.25);
      return median(() -> product(a, b), PRIMITIVE_SECONDS);
    }
  }

  private static void product(Tensor a, Tensor b) {
    try (Scope _ = Scope.open()) {
      a.matmul(b);
    }
  }

  private static double secondsOfCopy() {
    try (Scope _ = Scope.open();
        NoGrad _ = NoGrad.open()) {
      Tensor source = Tensor.zeros(DType.FLOAT32, COPY);
      Tensor target = Tensor.zeros(DType.FLOAT32, COPY);
      return median(() -> target.copyInPlace(source), PRIMITIVE_SECONDS);
    }
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
