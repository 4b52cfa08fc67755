package dev.slipway.cli;

import dev.slipway.base.Json;
import dev.slipway.cli.display.Display;
import dev.slipway.cli.display.Output;
import dev.slipway.cli.display.Units;
import dev.slipway.plan.Calibration;
import dev.slipway.plan.MachineProfile;
import dev.slipway.tensor.Device;
import dev.slipway.tensor.Engine;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tools.jackson.databind.node.ObjectNode;

@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    description = "This machine, JDK, engine, threads and memory, and what would be slow and why.")
final class DoctorCommand implements Callable<Integer> {
  /**
   * Below this, in GFLOP/s a core, products run without the vector units that this software
   * expects.
   */
  private static final double SLOW_GFLOPS_PER_CORE = 20;

  private static final long LITTLE_MEMORY = 4L << 30;

  @Mixin private Output output = new Output();

  @Override
  public Integer call() {
    Display display = Display.standard();
    display.phase("doctor");
    display.progress("starting the engine and measuring");
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("java", Runtime.version() + ", " + System.getProperty("java.vm.name"));
    facts.put("system", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
    facts.put("engine", "libtorch " + Engine.version() + ", " + Engine.oneDnnVersion());
    facts.put(
        "blas",
        "mkl".equals(System.getProperty("org.bytedeco.openblas.load")) ? "MKL" : "OpenBLAS");
    facts.put("vectors", Engine.cpuCapability());
    MachineProfile machine = Calibration.machine();
    facts.put("processor", machine.processor());
    facts.put("cores", Integer.toString(machine.cores()));
    facts.put("threads", Integer.toString(Engine.threads()));
    facts.put("memory", Units.bytes(machine.memory()) + " (" + machine.memorySource() + ")");
    facts.put("bf16", String.format(Locale.ROOT, "%,.0f GFLOP/s", machine.bf16Gflops()));
    facts.put("fp32", String.format(Locale.ROOT, "%,.0f GFLOP/s", machine.fp32Gflops()));
    facts.put("bandwidth", String.format(Locale.ROOT, "%.1f GB/s", machine.bandwidth() / 1e9));
    facts.put("gpu", Device.cudaIsAvailable() ? "CUDA" : "none that this build of libtorch sees");
    Path sources = Path.of(System.getProperty("java.home"), "lib", "src.zip");
    facts.put("src.zip", Files.exists(sources) ? sources.toString() : "missing");
    List<String> findings = findings(machine, Files.exists(sources));
    display.done("checked");
    ObjectNode document = Json.object();
    ObjectNode factNode = document.putObject("facts");
    facts.forEach(factNode::put);
    findings.forEach(document.putArray("findings")::add);
    output.print(document, () -> text(facts, findings));
    return 0;
  }

  private static List<String> findings(MachineProfile machine, boolean sources) {
    List<String> findings = new ArrayList<>();
    if (!Engine.hasFastBfloat16()) {
      findings.add(
          "this processor has no bf16 instructions: training computes in fp32, at about half the speed");
    }
    if (machine.fp32Gflops() < SLOW_GFLOPS_PER_CORE * machine.cores()) {
      findings.add(
          String.format(
              Locale.ROOT,
              "matrix products reach only %.0f GFLOP/s in fp32: other programs use the cores, or the processor has no AVX2",
              machine.fp32Gflops()));
    }
    if (Engine.threads() != machine.cores()) {
      findings.add(
          "the engine uses "
              + Engine.threads()
              + " threads for "
              + machine.cores()
              + " cores: set SLIPWAY_THREADS or unset OMP_NUM_THREADS");
    }
    if (machine.memory() < LITTLE_MEMORY) {
      findings.add("less than 4 GB of memory: only small models will fit");
    }
    if (!"mkl".equals(System.getProperty("org.bytedeco.openblas.load"))) {
      findings.add("MKL is not asked for: start by ./slipway, or products may be ten times slower");
    }
    if (!sources) {
      findings.add(
          "the JDK has no lib/src.zip: `launch` needs --source PATH, or install the JDK's sources");
    }
    return findings;
  }

  private static String text(Map<String, String> facts, List<String> findings) {
    StringBuilder text = new StringBuilder();
    facts.forEach(
        (name, value) -> text.append(String.format(Locale.ROOT, "  %-11s %s%n", name, value)));
    text.append('\n');
    if (findings.isEmpty()) {
      text.append("  Nothing that would be slow was found.\n");
    }
    findings.forEach(finding -> text.append("  slow: ").append(finding).append('\n'));
    return text.toString();
  }
}
