package dev.slipway.bench;

import dev.slipway.base.binding.Binder;
import dev.slipway.base.binding.Shapes;
import dev.slipway.base.binding.YamlReader;
import dev.slipway.model.Pass;
import dev.slipway.model.sequential.Layer;
import dev.slipway.model.sequential.Padding;
import dev.slipway.model.sequential.Sequential;
import dev.slipway.model.sequential.SequentialConfig;
import dev.slipway.model.sequential.Window;
import dev.slipway.nn.Input;
import dev.slipway.nn.InputShape;
import dev.slipway.nn.Inputs;
import dev.slipway.nn.loss.Loss;
import dev.slipway.optim.GradientClipping;
import dev.slipway.optim.Optimizer;
import dev.slipway.optim.OptimizerConfig;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Engine;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
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
import java.util.Random;

/**
 * Examples a second of a training step of textbook networks, beside PyTorch eager on the same
 * machine in the same minutes: both are warm, and they run short rounds in turn; medians count.
 *
 * <p>Arguments, all optional: {@code networks=lstm,cnn,resnet18} {@code rounds=7} {@code seconds=3}
 * {@code losses=50} (compares losses from the same start in place of speed). The Python is {@code
 * $PYTHON}.
 */
public final class StepsBench {
  private static final int ROWS = 64;
  private static final int BATCHES = 8;

  private StepsBench() {}

  /** A network, with what it is given. */
  private record Subject(String name, InputShape input, int classes, String layers) {
    boolean binary() {
      return classes == 2;
    }
  }

  record Document(List<Layer> layers) {}

  private static final List<Subject> SUBJECTS =
      List.of(
          new Subject(
              "lstm",
              InputShape.ids("x", 10_000, 250L),
              2,
              "[{ embedding: 16 }, { lstm: 32 }, { dense: 1 }]"),
          new Subject(
              "cnn",
              InputShape.floats("x", 1L, 28L, 28L),
              10,
              "[{ conv2d: { filters: 32, kernel: 3, activation: relu } }, { max-pool2d: { size: 2 } },"
                  + " flatten, { dense: { units: 64, activation: relu } }, { dense: 10 }]"),
          new Subject("resnet18", InputShape.floats("x", 3L, 32L, 32L), 10, resnet18()));

  private static String resnet18() {
    StringBuilder layers =
        new StringBuilder(
            "[{ conv2d: { filters: 64, kernel: 7, stride: 2, padding: 3, bias: false } },"
                + " batch-norm, relu, { max-pool2d: { size: 3, stride: 2, padding: 1 } }");
    int[] widths = {64, 64, 128, 256, 512};
    for (int i = 0; i < 4; i++) {
      block(layers, widths[i + 1], i == 0 ? 1 : 2, i > 0);
      block(layers, widths[i + 1], 1, false);
    }
    return layers.append(", global-avg-pool, { dense: 10 }]").toString();
  }

  private static void block(StringBuilder layers, int width, int stride, boolean projected) {
    layers.append(
        String.format(
            Locale.ROOT,
            ", { residual: { layers: [{ conv2d: { filters: %1$d, kernel: 3, stride: %2$d, padding:"
                + " 1, bias: false } }, batch-norm, relu, { conv2d: { filters: %1$d, kernel: 3,"
                + " padding: 1, bias: false } }, batch-norm], activation: relu",
            width,
            stride));
    if (projected) {
      layers.append(
          String.format(
              Locale.ROOT,
              ", shortcut: [{ conv2d: { filters: %d, kernel: 1, stride: %d, bias: false } },"
                  + " batch-norm]",
              width,
              stride));
    }
    layers.append(" } }");
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
    options.put("networks", "lstm,cnn,resnet18");
    options.put("rounds", "7");
    options.put("seconds", "3");
    options.put("losses", "0");
    for (String arg : args) {
      String[] pair = arg.split("=", 2);
      if (pair.length != 2 || !options.containsKey(pair[0])) {
        throw new IllegalArgumentException(arg + " is none of " + options.keySet());
      }
      options.put(pair[0], pair[1]);
    }
    Engine.setThreads(2);
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    for (String name : Objects.requireNonNull(options.get("networks")).split(",")) {
      Subject subject =
          SUBJECTS.stream()
              .filter(candidate -> candidate.name.equals(name))
              .findFirst()
              .orElseThrow(() -> new IllegalArgumentException("no network is named " + name));
      run(subject, options, out);
    }
  }

  private static void run(Subject subject, Map<String, String> options, PrintStream out)
      throws IOException {
    Path folder = Files.createTempDirectory("steps-bench");
    Random random = new Random(5);
    int size = (int) (ROWS * subject.input.sizes().stream().reduce(1L, (a, b) -> a * b));
    boolean ids = subject.input.kind() == InputShape.Kind.IDS;
    float[] floats = new float[ids ? 0 : BATCHES * size];
    long[] longs = new long[ids ? BATCHES * size : 0];
    long[] targets = random.longs(BATCHES * (long) ROWS, 0, subject.classes).toArray();
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) random.nextGaussian();
    }
    for (int i = 0; i < longs.length; i++) {
      longs[i] = random.nextInt(10_000);
    }
    ByteBuffer inputs = buffer(4 * floats.length + 8 * longs.length);
    inputs.asFloatBuffer().put(floats);
    inputs.asLongBuffer().put(longs);
    Files.write(folder.resolve("inputs"), inputs.array());
    ByteBuffer wanted = buffer(8 * targets.length);
    wanted.asLongBuffer().put(targets);
    Files.write(folder.resolve("targets"), wanted.array());
    try (Ours ours = new Ours(subject, floats, longs, targets)) {
      float[] weights = ours.network.parameters().flat().toFloats();
      ByteBuffer bytes = buffer(4 * weights.length);
      bytes.asFloatBuffer().put(weights);
      Files.write(folder.resolve("weights"), bytes.array());
      out.printf(
          Locale.ROOT, "%n%s  %,d parameters, batches of %d%n", subject.name, weights.length, ROWS);
      try (Peer peer = new Peer(subject, folder)) {
        int steps = Integer.parseInt(options.get("losses"));
        if (steps > 0) {
          losses(ours, peer, steps, out);
        } else {
          speed(
              ours,
              peer,
              Integer.parseInt(options.get("rounds")),
              Double.parseDouble(options.get("seconds")),
              out);
        }
      }
    } finally {
      for (String file : List.of("inputs", "targets", "weights")) {
        Files.deleteIfExists(folder.resolve(file));
      }
      Files.delete(folder);
    }
  }

  private static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static void losses(Contestant ours, Contestant peer, int steps, PrintStream out) {
    double[] a = ours.losses(steps);
    double[] b = peer.losses(steps);
    double most = 0;
    for (int i = 0; i < steps; i++) {
      most = Math.max(most, Math.abs(a[i] - b[i]));
    }
    out.printf(
        Locale.ROOT,
        "  loss %.5f at first, %.5f after %d steps; PyTorch's %.5f and %.5f, %.1e apart at most%n",
        a[0],
        a[steps - 1],
        steps,
        b[0],
        b[steps - 1],
        most);
  }

  private static void speed(
      Contestant ours, Contestant peer, int rounds, double seconds, PrintStream out) {
    ours.round(Math.max(6, 2 * seconds)); // compiles
    peer.round(seconds);
    double[] a = new double[rounds];
    double[] b = new double[rounds];
    double[] ratios = new double[rounds];
    for (int round = 0; round < rounds; round++) {
      a[round] = ours.round(seconds);
      b[round] = peer.round(seconds);
      ratios[round] = a[round] / b[round];
    }
    Arrays.sort(a);
    Arrays.sort(b);
    Arrays.sort(ratios);
    int middle = rounds / 2;
    out.printf(
        Locale.ROOT,
        "  slipway  %,9.0f examples/s  (%,.0f to %,.0f)%n  pytorch  %,9.0f examples/s  (%,.0f to"
            + " %,.0f)%n  slipway ÷ pytorch eager = %.2f  (%.2f to %.2f; median of %d rounds in"
            + " turn)%n",
        a[middle],
        a[0],
        a[rounds - 1],
        b[middle],
        b[0],
        b[rounds - 1],
        ratios[middle],
        ratios[0],
        ratios[rounds - 1],
        rounds);
  }

  private static final class Ours implements Contestant {
    private final Sequential network;
    private final Optimizer optimizer;
    private final List<Tensor> inputs = new ArrayList<>();
    private final List<Tensor> targets = new ArrayList<>();
    private final Loss loss;
    private long steps;

    Ours(Subject subject, float[] floats, long[] longs, long[] classes) {
      Document document =
          Objects.requireNonNull(
              Binder.bind(
                      YamlReader.parse("layers: " + subject.layers, subject.name),
                      new Shapes(List.of(Window.TYPE, Padding.TYPE)).document(Document.class),
                      Document.class,
                      _ -> null)
                  .value());
      network =
          Sequential.create(SequentialConfig.of(List.of(subject.input), document.layers()), 7);
      optimizer = OptimizerConfig.Adam.of(1e-3).bind(network.parameters());
      loss = subject.binary() ? Loss.BinaryCrossEntropy.PLAIN : Loss.CrossEntropy.PLAIN;
      long[] shape = new long[1 + subject.input.sizes().size()];
      shape[0] = ROWS;
      for (int i = 1; i < shape.length; i++) {
        shape[i] = subject.input.sizes().get(i - 1);
      }
      try (Scope scope = Scope.open()) {
        int size = Math.max(floats.length, longs.length) / BATCHES;
        for (int i = 0; i < BATCHES; i++) {
          inputs.add(
              scope.keep(
                  floats.length > 0
                      ? Tensor.of(Arrays.copyOfRange(floats, i * size, (i + 1) * size), shape)
                      : Tensor.of(Arrays.copyOfRange(longs, i * size, (i + 1) * size), shape)));
          Tensor wanted = Tensor.of(Arrays.copyOfRange(classes, i * ROWS, (i + 1) * ROWS), ROWS);
          targets.add(scope.keep(subject.binary() ? wanted.to(DType.FLOAT32) : wanted));
        }
      }
    }

    private double step() {
      int batch = (int) (steps % BATCHES);
      network.parameters().flatGradients().zeroInPlace();
      double value;
      try (Scope _ = Scope.open()) {
        Tensor output = network.output(Inputs.of("x", Input.of(inputs.get(batch))), Pass.TRAINING);
        Tensor sum = loss.sum(Input.of(output), Input.of(targets.get(batch)));
        sum.div(ROWS).backward();
        value = sum.item() / ROWS;
      }
      double norm = GradientClipping.globalNorm(network.parameters());
      optimizer.step(steps++, 1, GradientClipping.scale(norm, 1));
      return value;
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
      return count * (double) ROWS / ((System.nanoTime() - start) / 1e9);
    }

    @Override
    public double[] losses(int count) {
      double[] losses = new double[count];
      for (int i = 0; i < count; i++) {
        losses[i] = step();
      }
      return losses;
    }

    @Override
    public void close() {
      optimizer.close();
      network.close();
      inputs.forEach(Tensor::close);
      targets.forEach(Tensor::close);
    }
  }

  private static final class Peer implements Contestant {
    private final Process process;
    private final PrintWriter commands;
    private final BufferedReader answers;

    Peer(Subject subject, Path folder) throws IOException {
      process =
          new ProcessBuilder(
                  Objects.requireNonNullElse(System.getenv("PYTHON"), "python3"),
                  "bench/peers/steps.py",
                  subject.name,
                  "--weights",
                  folder.resolve("weights").toString(),
                  "--inputs",
                  folder.resolve("inputs").toString(),
                  "--targets",
                  folder.resolve("targets").toString())
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      commands = new PrintWriter(process.getOutputStream(), true, StandardCharsets.UTF_8);
      answers =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    private String ask(String command) {
      commands.println(command);
      try {
        return Objects.requireNonNull(answers.readLine(), "the peer ended; see its error");
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public double round(double seconds) {
      return Double.parseDouble(ask("round " + seconds));
    }

    @Override
    public double[] losses(int steps) {
      return Arrays.stream(ask("losses " + steps).split(" "))
          .mapToDouble(Double::valueOf)
          .toArray();
    }

    @Override
    public void close() {
      commands.println("quit");
      try {
        process.waitFor();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
