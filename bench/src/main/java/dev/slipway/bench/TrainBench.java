package dev.slipway.bench;

import dev.slipway.model.Execution;
import dev.slipway.model.gpt.GptAutograd;
import dev.slipway.model.gpt.GptConfig;
import dev.slipway.model.gpt.GptKernels;
import dev.slipway.nn.ParameterSet;
import dev.slipway.optim.GradientClipping;
import dev.slipway.optim.Optimizer;
import dev.slipway.optim.OptimizerConfig;
import dev.slipway.tensor.DType;
import dev.slipway.tokenizer.TokenBatch;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
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

/**
 * Tokens a second of one training step, beside PyTorch on the same machine in the same minutes:
 * every contestant is warm, and they run short rounds in turn; medians count.
 *
 * <p>Arguments, all optional: {@code shapes=a,b} {@code rounds=5} {@code seconds=4} {@code
 * peers=compiled-bf16,…} {@code ours=kernels-bf16,…} {@code losses=200} (compares losses in place
 * of speed). The Python is {@code $PYTHON}.
 */
public final class TrainBench {
  private TrainBench() {}

  /** Small enough that rounding does not grow into another course of training in 200 steps. */
  private static final double RATE = 3e-4;

  private record Shape(String name, GptConfig config, int rows, int columns) {}

  private static final List<Shape> SHAPES =
      List.of(
          gpt2("v6288-t256", 6288, 256, 8, 6, 6, 384),
          gpt2("v4096-t256", 4096, 256, 32, 4, 4, 256),
          gpt2("v65-t64", 65, 64, 12, 4, 4, 128),
          gpt2("v6288-t1024", 6288, 1024, 2, 6, 6, 384),
          llama("llama-v4096-t256", 4096, 256, 8, 6, 6, 384, 1024));

  private static Shape gpt2(
      String name, int vocabulary, int columns, int rows, int layers, int heads, int hidden) {
    return new Shape(
        name, GptConfig.gpt2(vocabulary, columns, hidden, layers, heads), rows, columns);
  }

  private static Shape llama(
      String name,
      int vocabulary,
      int columns,
      int rows,
      int layers,
      int heads,
      int hidden,
      int inner) {
    return new Shape(
        name,
        new GptConfig(
            GptConfig.Layout.LLAMA,
            vocabulary,
            columns,
            hidden,
            layers,
            heads,
            heads,
            hidden / heads,
            inner,
            true,
            1e-5,
            10_000),
        rows,
        columns);
  }

  /** One who trains: ours, or PyTorch in a process of its own. */
  private interface Contestant extends AutoCloseable {
    double round(double seconds);

    double[] losses(int steps);

    @Override
    void close();
  }

  public static void main(String[] args) throws IOException {
    Map<String, String> options = new LinkedHashMap<>();
    options.put("shapes", "v6288-t256,v4096-t256,v65-t64,v6288-t1024,llama-v4096-t256");
    options.put("rounds", "5");
    options.put("seconds", "4");
    options.put("peers", "compiled-bf16,eager-bf16,compiled-fp32,eager-fp32");
    options.put("ours", "kernels-bf16,kernels-fp32,autograd-bf16,autograd-fp32");
    options.put("losses", "0");
    for (String arg : args) {
      String[] pair = arg.split("=", 2);
      if (pair.length != 2 || !options.containsKey(pair[0])) {
        throw new IllegalArgumentException(arg + " is none of " + options.keySet());
      }
      options.put(pair[0], pair[1]);
    }
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    for (String name : options.get("shapes").split(",")) {
      Shape shape =
          SHAPES.stream()
              .filter(candidate -> candidate.name.equals(name))
              .findFirst()
              .orElseThrow(() -> new IllegalArgumentException("no shape is named " + name));
      run(shape, options, out);
    }
  }

  private static void run(Shape shape, Map<String, String> options, PrintStream out)
      throws IOException {
    Path folder = Files.createTempDirectory("train-bench");
    Path weights = folder.resolve("weights.f32");
    Path tokens = folder.resolve("tokens.i32");
    int[] stream = tokens(shape.config.vocabularySize(), 400_000);
    try (ParameterSet parameters = ParameterSet.allocate(shape.config.parameters())) {
      parameters.initialise(7);
      write(weights, parameters.flat().toFloats());
    }
    write(tokens, stream);
    Map<String, Contestant> contestants = new LinkedHashMap<>();
    try {
      for (String name : split(Objects.requireNonNull(options.get("ours")))) {
        contestants.put(name, new Ours(shape, name, stream));
      }
      for (String name : split(Objects.requireNonNull(options.get("peers")))) {
        contestants.put(name, new Peer(shape, name, weights, tokens));
      }
      out.printf(
          Locale.ROOT,
          "%n%s  %.1f M parameters, %d x %d tokens a step%n",
          shape.name,
          shape.config.parameterCount() / 1e6,
          shape.rows,
          shape.columns);
      int losses = Integer.parseInt(options.get("losses"));
      if (losses > 0) {
        losses(contestants, losses, out);
      } else {
        speed(
            contestants,
            Integer.parseInt(options.get("rounds")),
            Double.parseDouble(options.get("seconds")),
            out);
      }
    } finally {
      contestants.values().forEach(Contestant::close);
      Files.delete(weights);
      Files.delete(tokens);
      Files.delete(folder);
    }
  }

  private static List<String> split(String names) {
    return names.isEmpty() ? List.of() : Arrays.asList(names.split(","));
  }

  private static void losses(Map<String, Contestant> contestants, int steps, PrintStream out) {
    contestants.forEach(
        (name, contestant) -> {
          double[] losses = contestant.losses(steps);
          out.printf(
              Locale.ROOT,
              "  %-16s loss %.5f at first, %.5f after %d steps%n",
              name,
              losses[0],
              losses[steps - 1],
              steps);
        });
  }

  private static void speed(
      Map<String, Contestant> contestants, int rounds, double seconds, PrintStream out) {
    Map<String, double[]> measured = new LinkedHashMap<>();
    contestants.forEach(
        (name, contestant) -> {
          contestant.round(Math.max(8, 2 * seconds)); // compiles, on both sides
          measured.put(name, new double[rounds]);
        });
    for (int round = 0; round < rounds; round++) {
      for (Map.Entry<String, double[]> entry : measured.entrySet()) {
        entry.getValue()[round] =
            Objects.requireNonNull(contestants.get(entry.getKey())).round(seconds);
      }
    }
    Map<String, Double> medians = new LinkedHashMap<>();
    measured.forEach(
        (name, values) -> {
          Arrays.sort(values);
          medians.put(name, values[values.length / 2]);
          out.printf(
              Locale.ROOT,
              "  %-16s %,9.0f tokens/s  (%,.0f to %,.0f)%n",
              name,
              values[values.length / 2],
              values[0],
              values[values.length - 1]);
        });
    for (String pair :
        List.of(
            "kernels-bf16/compiled-bf16",
            "kernels-fp32/compiled-fp32",
            "autograd-bf16/eager-bf16",
            "autograd-fp32/eager-fp32")) {
      Double ours = medians.get(pair.split("/")[0]);
      Double theirs = medians.get(pair.split("/")[1]);
      if (ours != null && theirs != null) {
        out.printf(Locale.ROOT, "  %s = %.2f%n", pair.replace("/", " ÷ "), ours / theirs);
      }
    }
  }

  /** A sequence with something to learn: each token follows from the last but for two bits. */
  private static int[] tokens(int vocabulary, int count) {
    int[] tokens = new int[count];
    long state = 12345;
    for (int i = 1; i < count; i++) {
      state = state * 6364136223846793005L + 1442695040888963407L;
      tokens[i] = (int) ((tokens[i - 1] * 5L + 1 + (state >>> 62)) % vocabulary);
    }
    return tokens;
  }

  private static void write(Path file, float[] values) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    Files.write(file, bytes.array());
  }

  private static void write(Path file, int[] values) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asIntBuffer().put(values);
    Files.write(file, bytes.array());
  }

  private static final class Ours implements Contestant {
    private final Shape shape;
    private final int[] tokens;
    private final ParameterSet parameters;
    private final Execution execution;
    private Optimizer optimizer;
    private long steps;

    Ours(Shape shape, String name, int[] tokens) {
      this.shape = shape;
      this.tokens = tokens;
      parameters = ParameterSet.allocate(shape.config.parameters());
      parameters.initialise(7);
      optimizer = OptimizerConfig.AdamW.of(RATE, 0.1).bind(parameters);
      DType dtype = name.endsWith("bf16") ? DType.BFLOAT16 : DType.FLOAT32;
      execution =
          name.startsWith("kernels")
              ? new GptKernels(shape.config, parameters, dtype, false)
              : new GptAutograd(shape.config, parameters, dtype);
    }

    private double step() {
      int size = shape.rows * shape.columns;
      int at = (int) (steps * size % (tokens.length - size - 1));
      TokenBatch batch =
          new TokenBatch(
              shape.rows,
              shape.columns,
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

    @Override
    public double round(double seconds) {
      step();
      long start = System.nanoTime();
      int count = 0;
      while (System.nanoTime() - start < seconds * 1e9) {
        step();
        count++;
      }
      return count * (double) shape.rows * shape.columns / ((System.nanoTime() - start) / 1e9);
    }

    @Override
    public double[] losses(int count) {
      parameters.initialise(7);
      optimizer.close();
      optimizer = OptimizerConfig.AdamW.of(RATE, 0.1).bind(parameters);
      execution.parametersChanged();
      steps = 0;
      double[] losses = new double[count];
      for (int i = 0; i < count; i++) {
        losses[i] = step();
      }
      return losses;
    }

    @Override
    public void close() {
      execution.close();
      optimizer.close();
      parameters.close();
    }
  }

  private static final class Peer implements Contestant {
    private final Process process;
    private final PrintWriter commands;
    private final BufferedReader answers;

    Peer(Shape shape, String name, Path weights, Path tokens) throws IOException {
      GptConfig config = shape.config;
      List<String> command = new ArrayList<>();
      command.add(System.getenv().getOrDefault("PYTHON", "python3"));
      command.add("bench/peers/train_gpt.py");
      Map<String, Object> options = new LinkedHashMap<>();
      options.put("layout", config.layout().name().toLowerCase(Locale.ROOT));
      options.put("vocabulary", config.vocabularySize());
      options.put("columns", shape.columns);
      options.put("rows", shape.rows);
      options.put("layers", config.layers());
      options.put("heads", config.heads());
      options.put("hidden", config.hiddenSize());
      options.put("inner", config.intermediateSize());
      options.put("precision", name.endsWith("bf16") ? "bf16" : "fp32");
      options.put("rate", RATE);
      options.put("weights", weights);
      options.put("tokens", tokens);
      options.forEach((key, value) -> command.addAll(List.of("--" + key, value.toString())));
      if (name.startsWith("compiled")) {
        command.add("--compile");
      }
      ProcessBuilder builder = new ProcessBuilder(command);
      builder.redirectError(ProcessBuilder.Redirect.INHERIT);
      builder.environment().remove("GOMP_SPINCOUNT"); // ours; PyTorch is faster with its own
      process = builder.start();
      commands = new PrintWriter(process.getOutputStream(), true, StandardCharsets.UTF_8);
      answers =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    private String ask(String command) {
      commands.println(command);
      try {
        String answer = answers.readLine();
        if (answer == null) {
          throw new IllegalStateException("the peer ended without an answer to " + command);
        }
        return answer;
      } catch (IOException e) {
        throw new UncheckedIOException("the peer does not answer", e);
      }
    }

    @Override
    public double round(double seconds) {
      return Double.parseDouble(ask("round " + seconds));
    }

    @Override
    public double[] losses(int steps) {
      return Arrays.stream(ask("losses " + steps).split(" "))
          .mapToDouble(Double::parseDouble)
          .toArray();
    }

    @Override
    public void close() {
      commands.println("quit");
      commands.close();
      process.destroy();
    }
  }
}
