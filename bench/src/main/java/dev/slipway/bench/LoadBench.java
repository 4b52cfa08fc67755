package dev.slipway.bench;

import dev.slipway.base.Json;
import dev.slipway.model.decoder.DecoderNetwork;
import dev.slipway.model.pretrained.PretrainedDecoder;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Engine;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * How long a model's folder takes to its first logits, beside transformers: a process each, in
 * turn, on a file that the system has in memory. Three figures each: the whole process, the part
 * after libraries were loaded, and a model that a process opens after it has opened others. Medians
 * count.
 *
 * <p>Arguments, all optional: {@code gigabytes=2} {@code rounds=5} {@code
 * folder=target/load-model}; or {@code open FOLDER TIMES} for the part of one process. The Python
 * is {@code $PYTHON}.
 */
public final class LoadBench {
  private static final int HIDDEN = 2048;
  private static final int INNER = 5632;
  private static final int VOCABULARY = 32_000;

  /** Times that a process opens the model to tell what later ones take. */
  private static final int OPENED = 4;

  private LoadBench() {}

  /**
   * @param process seconds of the whole process
   * @param loaded seconds after its libraries were loaded
   * @param logits some of them, to compare
   */
  private record Round(double process, double loaded, List<Double> logits) {}

  public static void main(String[] arguments) throws IOException, InterruptedException {
    if (arguments.length == 3 && arguments[0].equals("open")) {
      open(Path.of(arguments[1]), Integer.parseInt(arguments[2]));
      return;
    }
    Map<String, String> settings = new HashMap<>();
    for (String argument : arguments) {
      String[] parts = argument.split("=", 2);
      settings.put(parts[0], parts.length == 2 ? parts[1] : "");
    }
    double gigabytes = Double.parseDouble(settings.getOrDefault("gigabytes", "2"));
    int rounds = Integer.parseInt(settings.getOrDefault("rounds", "5"));
    Path folder = Path.of(settings.getOrDefault("folder", "target/load-model"));
    if (!Files.exists(folder.resolve("config.json"))) {
      write(folder, gigabytes);
    }
    Path file = folder.resolve("model.safetensors");
    System.out.printf(Locale.ROOT, "%s: %.2f GB%n", file, Files.size(file) / 1e9);
    Series ours = new Series();
    Series theirs = new Series();
    for (int i = 0; i <= rounds; i++) {
      Round our = run(ourCommand(folder, 1));
      Round their = run(theirCommand(folder, 1));
      requireSame(our, their);
      if (i > 0) { // the first brings the file into memory
        ours.add(our, run(ourCommand(folder, OPENED)));
        theirs.add(their, run(theirCommand(folder, OPENED)));
      }
    }
    report("whole process", ours.process, theirs.process);
    report("libraries loaded", ours.loaded, theirs.loaded);
    report("a later model", ours.later, theirs.later);
  }

  /** Figures of one side, a round each. */
  private static final class Series {
    private final List<Double> process = new ArrayList<>();
    private final List<Double> loaded = new ArrayList<>();
    private final List<Double> later = new ArrayList<>();

    void add(Round first, Round again) {
      process.add(first.process);
      loaded.add(first.loaded);
      later.add(again.loaded);
    }
  }

  private static void requireSame(Round our, Round their) {
    for (int k = 0; k < our.logits.size(); k++) {
      if (Math.abs(our.logits.get(k) - their.logits.get(k)) > 1e-3) {
        throw new IllegalStateException("logits differ: " + our.logits + ", " + their.logits);
      }
    }
  }

  private static void report(String what, List<Double> ours, List<Double> theirs) {
    double our = median(ours);
    double their = median(theirs);
    System.out.printf(
        Locale.ROOT,
        "%-18s Slipway %.2f s, transformers %.2f s: %.2f times as fast%n",
        what,
        our,
        their,
        their / our);
  }

  private static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }

  private static List<String> ourCommand(Path folder, int times) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path"),
            LoadBench.class.getName(),
            "open",
            folder.toString(),
            String.valueOf(times)));
    return command;
  }

  private static List<String> theirCommand(Path folder, int times) {
    List<String> command =
        new ArrayList<>(List.of(System.getenv("PYTHON"), "bench/peers/load.py", folder.toString()));
    if (times > 1) {
      command.add(String.valueOf(times));
    }
    return command;
  }

  private static Round run(List<String> command) throws IOException, InterruptedException {
    long start = System.nanoTime();
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int status = process.waitFor();
    double seconds = (System.nanoTime() - start) * 1e-9;
    if (status != 0) {
      throw new IllegalStateException(command.getFirst() + " ended with " + status);
    }
    JsonNode document = Json.parse(out.strip().lines().toList().getLast(), "the process's output");
    List<Double> logits = new ArrayList<>();
    document.path("logits").forEach(value -> logits.add(value.asDouble()));
    return new Round(seconds, document.path("seconds").asDouble(), logits);
  }

  private static void open(Path folder, int times) {
    Engine.load();
    try (Scope _ =
        Scope.open()) { // classes of the libraries, as Python's import brings its modules
      Tensor one = Tensor.of(new float[] {1}, 1, 1);
      Json.parse(Json.line(Json.object().put("sum", one.matmul(one).sum().item())), "nothing");
    }
    List<Double> later = new ArrayList<>();
    ObjectNode document = opened(folder);
    for (int i = 1; i < times; i++) {
      later.add(opened(folder).path("seconds").asDouble());
    }
    if (!later.isEmpty()) {
      document.put("seconds", median(later));
    }
    System.out.println(Json.line(document));
  }

  private static ObjectNode opened(Path folder) {
    long start = System.nanoTime();
    try (PretrainedDecoder model = PretrainedDecoder.open(folder, DType.FLOAT32);
        Scope _ = Scope.open();
        NoGrad _ = NoGrad.open()) {
      int[] ids = new int[16];
      for (int i = 0; i < ids.length; i++) {
        ids[i] = 7 * i;
      }
      DecoderNetwork network = model.network();
      Tensor hidden = network.hidden(Tensor.of(ids, 1, ids.length), network.pass(ids.length));
      float[] logits = network.logits(hidden.narrow(1, ids.length - 1, 1)).toFloats(); // (V)
      ObjectNode document = Json.object();
      document.put("seconds", (System.nanoTime() - start) * 1e-9);
      for (int i = 0; i < 8; i++) {
        document.withArray("logits").add(logits[i]);
      }
      return document;
    }
  }

  private static void write(Path folder, double gigabytes) throws IOException {
    long perLayer = 4L * HIDDEN * HIDDEN + 3L * HIDDEN * INNER;
    long outside = 2L * VOCABULARY * HIDDEN;
    int layers = (int) Math.max(1, Math.round((gigabytes * 1e9 / 4 - outside) / perLayer));
    ObjectNode config = LlamaFolder.config(VOCABULARY, HIDDEN, INNER, layers, 32, DType.FLOAT32);
    LlamaFolder.write(folder, config, DType.FLOAT32, 1);
  }
}
