package dev.slipway.bench;

import dev.slipway.model.Execution;
import dev.slipway.nn.ParameterSet;
import dev.slipway.optim.GradientClipping;
import dev.slipway.optim.Optimizer;
import dev.slipway.optim.OptimizerConfig;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Engine;
import dev.slipway.tokenizer.TokenBatch;
import dev.slipway.tune.Targets;
import dev.slipway.tune.TunedDecoder;
import dev.slipway.tune.TuningMethod;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import tools.jackson.databind.node.ObjectNode;

/**
 * A LoRA step on a Llama of 110 M parameters beside PEFT on PyTorch: tokens a second and the
 * largest resident set, a process each, warm, in turn. The file is in the type of products, as
 * published models are.
 *
 * <p>Arguments, all optional: {@code precisions=fp32,bf16} {@code rounds=5} {@code seconds=8}
 * {@code rows=4} {@code columns=256} {@code rank=8} {@code targets=all-linear} {@code layers=12}
 * {@code peers=eager,compiled} {@code folder=target/lora-model}; or {@code ours FOLDER TOKENS
 * PRECISION ROWS COLUMNS RANK TARGETS} for one process. The Python is {@code $PYTHON}.
 */
public final class LoraBench {
  private static final int HIDDEN = 768;
  private static final int INNER = 2048;
  private static final int VOCABULARY = 32_000;
  private static final double RATE = 1e-4;

  private LoraBench() {}

  public static void main(String[] arguments) throws IOException {
    if (arguments.length == 8 && arguments[0].equals("ours")) {
      serve(Arrays.copyOfRange(arguments, 1, arguments.length));
      return;
    }
    Map<String, String> given = TaskTraining.arguments(arguments);
    Path folder = Path.of(given.getOrDefault("folder", "target/lora-model"));
    int layers = Integer.parseInt(given.getOrDefault("layers", "12"));
    Path tokens = folder.resolve("tokens.i32");
    for (String precision : given.getOrDefault("precisions", "fp32,bf16").split(",")) {
      Path model = folder.resolve(precision + "-" + layers);
      if (!Files.exists(model.resolve("config.json"))) {
        write(model, layers, precision(precision));
        write(tokens);
      }
      compare(precision, model, tokens, given);
    }
  }

  private static DType precision(String name) {
    return name.equals("bf16") ? DType.BFLOAT16 : DType.FLOAT32;
  }

  private static void compare(String precision, Path model, Path tokens, Map<String, String> given)
      throws IOException {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    int rounds = Integer.parseInt(given.getOrDefault("rounds", "5"));
    String seconds = given.getOrDefault("seconds", "8");
    List<String> shape = new ArrayList<>(List.of(model.toString(), tokens.toString(), precision));
    for (String setting : List.of("rows=4", "columns=256", "rank=8", "targets=all-linear")) {
      String[] pair = setting.split("=", 2);
      shape.add(given.getOrDefault(pair[0], pair[1]));
    }
    Map<String, Contestant> contestants = new LinkedHashMap<>();
    try {
      contestants.put("slipway", new Contestant(ours(), shape));
      for (String peer : given.getOrDefault("peers", "eager").split(",")) {
        contestants.put(peer, new Contestant(theirs(peer), shape));
      }
      Map<String, double[]> speeds = new LinkedHashMap<>();
      out.printf(Locale.ROOT, "%s, %s%n", precision, shape.subList(3, shape.size()));
      contestants.forEach(
          (name, contestant) -> {
            String[] losses = contestant.ask("losses 4").split(" ");
            out.printf("  %-10s loss %s at first%n", name, losses[0]);
            double unused = contestant.number("round " + seconds); // warms up
            speeds.put(name, new double[rounds]);
          });
      for (int round = 0; round < rounds; round++) {
        for (Map.Entry<String, Contestant> entry : contestants.entrySet()) {
          Objects.requireNonNull(speeds.get(entry.getKey()))[round] =
              entry.getValue().number("round " + seconds);
        }
      }
      double[] own = Objects.requireNonNull(speeds.get("slipway"));
      double memory = Objects.requireNonNull(contestants.get("slipway")).number("memory");
      out.printf(
          Locale.ROOT, "  %-10s %6.0f tokens/s, %.2f GB%n", "slipway", median(own), memory / 1e9);
      for (Map.Entry<String, Contestant> entry : contestants.entrySet()) {
        if (!entry.getKey().equals("slipway")) {
          double[] theirs = Objects.requireNonNull(speeds.get(entry.getKey()));
          double taken = entry.getValue().number("memory");
          double[] ratios = new double[rounds];
          for (int i = 0; i < rounds; i++) {
            ratios[i] = own[i] / theirs[i];
          }
          double median = median(ratios);
          out.printf(
              Locale.ROOT,
              "  %-10s %6.0f tokens/s, %.2f GB; ours ÷ this one: speed %.2f (%.2f to %.2f), memory %.2f%n",
              entry.getKey(),
              median(theirs),
              taken / 1e9,
              median,
              Arrays.stream(ratios).min().orElseThrow(),
              Arrays.stream(ratios).max().orElseThrow(),
              memory / taken);
        }
      }
    } finally {
      contestants.values().forEach(Contestant::close);
    }
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  // ---- the two sides ----

  private static List<String> ours() {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), LoraBench.class.getName(), "ours"));
    return command;
  }

  private static List<String> theirs(String way) {
    List<String> command = new ArrayList<>();
    command.add(System.getenv().getOrDefault("PYTHON", "python3"));
    command.add("bench/peers/lora.py");
    if (way.startsWith("compiled")) {
      command.add("--compile");
    }
    if (way.endsWith("-products")) {
      command.addAll(List.of("--attention", "eager"));
    }
    return command;
  }

  private static final class Contestant implements AutoCloseable {
    private final Process process;
    private final PrintWriter commands;
    private final BufferedReader answers;

    Contestant(List<String> program, List<String> shape) throws IOException {
      List<String> command = new ArrayList<>(program);
      command.addAll(shape);
      ProcessBuilder builder = new ProcessBuilder(command);
      builder.redirectError(
          System.getenv("VERBOSE") == null
              ? ProcessBuilder.Redirect.DISCARD
              : ProcessBuilder.Redirect.INHERIT);
      if (!program.contains("ours")) { // ours; PyTorch is faster with its own
        builder.environment().remove("GOMP_SPINCOUNT");
        builder.environment().remove("MALLOC_ARENA_MAX");
      }
      process = builder.start();
      commands = new PrintWriter(process.getOutputStream(), true, StandardCharsets.UTF_8);
      answers =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    String ask(String command) {
      commands.println(command);
      try {
        return Objects.requireNonNull(answers.readLine(), "an answer; run it with VERBOSE=1");
      } catch (IOException e) {
        throw new IllegalStateException("no answer to " + command, e);
      }
    }

    double number(String command) {
      return Double.parseDouble(ask(command));
    }

    @Override
    public void close() {
      commands.println("quit");
      commands.close();
      process.destroy();
    }
  }

  private static void serve(String[] arguments) throws IOException {
    int[] tokens = tokens(Path.of(arguments[1]));
    int rows = Integer.parseInt(arguments[3]);
    int columns = Integer.parseInt(arguments[4]);
    int rank = Integer.parseInt(arguments[5]);
    Targets targets =
        arguments[6].equals("all-linear")
            ? new Targets.AllLinear()
            : new Targets.Named(List.of(arguments[6].split(",")), List.of());
    TuningMethod method = TuningMethod.Lora.of(rank, 2 * rank, targets, false, false);
    TunedDecoder.Way way = new TunedDecoder.Way(precision(arguments[2]), false);
    try (TunedDecoder model = TunedDecoder.open(Path.of(arguments[0]), method, way, 1);
        Execution execution = model.execution();
        Optimizer optimizer = OptimizerConfig.AdamW.of(RATE, 0.1).bind(model.parameters());
        BufferedReader commands =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      Step step = new Step(model.parameters(), execution, optimizer, tokens, rows, columns);
      PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
      for (String line = commands.readLine(); line != null; line = commands.readLine()) {
        String[] command = line.split(" ");
        switch (command[0]) {
          case "round" -> out.println(step.round(Double.parseDouble(command[1])));
          case "losses" -> {
            List<String> losses = new ArrayList<>();
            for (int i = 0; i < Integer.parseInt(command[1]); i++) {
              losses.add(Double.toString(step.run()));
            }
            out.println(String.join(" ", losses));
          }
          case "memory" -> out.println(Engine.peakResidentBytes());
          default -> {
            return;
          }
        }
      }
    }
  }

  private static final class Step {
    private final ParameterSet parameters;
    private final Execution execution;
    private final Optimizer optimizer;
    private final int[] tokens;
    private final int rows;
    private final int columns;
    private long steps;

    Step(
        ParameterSet parameters,
        Execution execution,
        Optimizer optimizer,
        int[] tokens,
        int rows,
        int columns) {
      this.parameters = parameters;
      this.execution = execution;
      this.optimizer = optimizer;
      this.tokens = tokens;
      this.rows = rows;
      this.columns = columns;
    }

    double run() {
      int size = rows * columns;
      int at = (int) (steps * size % (tokens.length - size - 1));
      TokenBatch batch =
          new TokenBatch(
              rows,
              columns,
              Arrays.copyOfRange(tokens, at, at + size),
              Arrays.copyOfRange(tokens, at + 1, at + 1 + size),
              new int[size]);
      parameters.flatGradients().zeroInPlace();
      double loss = execution.forwardBackward(batch, 1.0 / size);
      double norm = GradientClipping.globalNorm(parameters);
      optimizer.step(steps++, 1, GradientClipping.scale(norm, 1));
      execution.parametersChanged();
      return loss / size;
    }

    /** Tokens a second. */
    double round(double seconds) {
      double unused = run();
      long start = System.nanoTime();
      int count = 0;
      while (System.nanoTime() - start < seconds * 1e9) {
        unused = run();
        count++;
      }
      return count * (double) rows * columns / ((System.nanoTime() - start) / 1e9);
    }
  }

  // ---- the model and its tokens ----

  static void write(Path folder, int layers, DType dtype) throws IOException {
    ObjectNode config = LlamaFolder.config(VOCABULARY, HIDDEN, INNER, layers, 12, dtype);
    config.put("tie_word_embeddings", true);
    LlamaFolder.write(folder, config, dtype, 1);
  }

  private static void write(Path file) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(4 * 400_000).order(ByteOrder.LITTLE_ENDIAN);
    long state = 12345;
    int token = 0;
    while (bytes.hasRemaining()) { // each follows from the last but for two bits
      bytes.putInt(token);
      state = state * 6364136223846793005L + 1442695040888963407L;
      token = (int) ((token * 5L + 1 + (state >>> 62)) % VOCABULARY);
    }
    Files.write(file, bytes.array());
  }

  private static int[] tokens(Path file) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    int[] tokens = new int[bytes.remaining() / 4];
    bytes.asIntBuffer().get(tokens);
    return tokens;
  }
}
