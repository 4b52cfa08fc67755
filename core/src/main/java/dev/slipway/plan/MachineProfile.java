package dev.slipway.plan;

import dev.slipway.model.gpt.GptConfig;
import java.util.List;

/**
 * What a machine can do, measured.
 *
 * @param processor as the system names it
 * @param cores that this process may use
 * @param memory bytes that this process may take
 * @param memorySource which limit that is: {@code cgroup v2 memory.max}, …
 * @param fp32Gflops matrix products of 1024³ in fp32, 10⁹ operations a second
 * @param bf16Gflops the same in bf16
 * @param bandwidth bytes a second that a pass over buffers larger than the caches reads and writes
 * @param probes steps of real networks, measured
 */
public record MachineProfile(
    String processor,
    int cores,
    long memory,
    String memorySource,
    double fp32Gflops,
    double bf16Gflops,
    double bandwidth,
    List<SpeedProbe> probes) {

  /** One forward and backward of a micro-batch with its update, measured. */
  public record SpeedProbe(RunShape shape, double seconds) {
    public SpeedProbe {
      if (!(seconds > 0)) {
        throw new IllegalArgumentException("a step took " + seconds + " s, expected more than 0");
      }
    }
  }

  public MachineProfile {
    probes = List.copyOf(probes);
  }

  public MachineProfile withProbes(List<SpeedProbe> probes) {
    return new MachineProfile(
        processor, cores, memory, memorySource, fp32Gflops, bf16Gflops, bandwidth, probes);
  }

  /** Peak of the matrix products that a run of this shape does, operations a second. */
  double peak(RunShape shape) {
    return 1e9 * (shape.width() == 2 ? bf16Gflops : fp32Gflops);
  }

  /** Watts at work when nobody says: 12 a core and 10 for the rest. An assumption, not measured. */
  public double assumedWatts() {
    return 10 + 12.0 * cores;
  }

  /** Share of the machine's own matrix product speed that so many tokens a second are. */
  public double shareOfPeak(RunShape shape, double tokensPerSecond) {
    GptConfig config = shape.config();
    return tokensPerSecond * TrainingFlops.perToken(config) / peak(shape);
  }
}
