package dev.slipway.bench;

import dev.slipway.model.Execution;
import dev.slipway.model.decoder.DecoderConfig;
import dev.slipway.model.pretrained.PretrainedDecoder;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.optim.Optimizer;
import dev.slipway.optim.OptimizerConfig;
import dev.slipway.plan.MemoryForecast;
import dev.slipway.plan.TuneMemory;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Engine;
import dev.slipway.tokenizer.TokenBatch;
import dev.slipway.tune.Targets;
import dev.slipway.tune.TunedDecoder;
import dev.slipway.tune.TuningMethod;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What tuning takes in memory beside what the forecast says: a process for each method, size and
 * precision, which learns three steps of random tokens and tells its largest resident set. With
 * {@code runs=whole} it is a whole run of the built command, with what a recipe prepares, judges
 * and writes, beside the forecast that the run itself made; with {@code runs=encoder} one that
 * tunes a published encoder on few records and on many.
 *
 * <p>Arguments, all optional: {@code layers=4,12} {@code methods=full,lora,qlora,prompt,prefix}
 * {@code precisions=fp32,bf16} {@code rows=4} {@code columns=256} {@code runs=steps} {@code
 * folder=target/lora-model}; of encoders {@code model=NAME} {@code records=2000,50000} {@code
 * methods=full,lora,pfeiffer,frozen} {@code precisions=bf16}; or {@code step FOLDER METHOD
 * PRECISION ROWS COLUMNS} for one process.
 */
public final class TuneMemoryBench {
  private TuneMemoryBench() {}

  public static void main(String[] arguments) throws IOException, InterruptedException {
    if (arguments.length == 6 && arguments[0].equals("step")) {
      step(
          Path.of(arguments[1]),
          method(arguments[2]),
          type(arguments[3]),
          Integer.parseInt(arguments[4]),
          Integer.parseInt(arguments[5]));
      return;
    }
    Map<String, String> given = TaskTraining.arguments(arguments);
    Path folder = Path.of(given.getOrDefault("folder", "target/lora-model"));
    int rows = Integer.parseInt(given.getOrDefault("rows", "4"));
    int columns = Integer.parseInt(given.getOrDefault("columns", "256"));
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    String runs = given.getOrDefault("runs", "steps");
    if (runs.equals("encoder")) {
      encoders(given, out);
      return;
    }
    boolean whole = runs.equals("whole");
    for (String layers : given.getOrDefault("layers", "4,12").split(",")) {
      for (String precision : given.getOrDefault("precisions", "fp32,bf16").split(",")) {
        Path model = folder.resolve(precision + "-" + layers);
        if (!Files.exists(model.resolve("config.json"))) {
          LoraBench.write(model, Integer.parseInt(layers), type(precision));
        }
        for (String method :
            given.getOrDefault("methods", "full,lora,qlora,prompt,prefix").split(",")) {
          long forecast;
          long actual;
          if (whole) {
            WholeRuns.Peak peak = WholeRuns.ofDecoder(model, method, precision, rows, columns);
            forecast = peak.forecast();
            actual = peak.actual();
          } else {
            forecast = forecast(model, method(method), type(precision), rows, columns);
            actual = actual(model, method, precision, rows, columns);
          }
          print(out, layers + " layers, " + precision + ", " + method, forecast, actual);
        }
      }
    }
  }

  private static void encoders(Map<String, String> given, PrintStream out)
      throws IOException, InterruptedException {
    String model = given.getOrDefault("model", "sentence-transformers/all-MiniLM-L6-v2");
    for (String records : given.getOrDefault("records", "2000,50000").split(",")) {
      for (String precision : given.getOrDefault("precisions", "bf16").split(",")) {
        for (String method :
            given.getOrDefault("methods", "full,lora,pfeiffer,frozen").split(",")) {
          WholeRuns.Peak peak =
              WholeRuns.ofEncoder(model, method, precision, Integer.parseInt(records));
          print(
              out,
              records + " records, " + precision + ", " + method,
              peak.forecast(),
              peak.actual());
        }
      }
    }
  }

  private static void print(PrintStream out, String what, long forecast, long actual) {
    out.printf(
        Locale.ROOT,
        "%-30s  forecast %.2f GB, actual %.2f GB, %+.0f %%%n",
        what,
        forecast / 1e9,
        actual / 1e9,
        100.0 * (forecast - actual) / actual);
  }

  private static DType type(String precision) {
    return precision.equals("bf16") ? DType.BFLOAT16 : DType.FLOAT32;
  }

  private static TuningMethod method(String name) {
    Targets all = new Targets.AllLinear();
    return switch (name) {
      case "full" -> TuningMethod.Full.ALL;
      case "lora" -> TuningMethod.Lora.of(8, 16, all, false, false);
      case "dora" -> TuningMethod.Lora.of(8, 16, all, false, true);
      case "qlora" -> new TuningMethod.Qlora(8, 16, all, false, false, 0, List.of());
      case "prompt" -> new TuningMethod.Prompt(20, new TuningMethod.FirstValues.Vocabulary());
      case "prefix" -> new TuningMethod.Prefix(20, new TuningMethod.FirstValues.Vocabulary());
      default -> throw new IllegalArgumentException("no method is named " + name);
    };
  }

  private static long forecast(Path model, TuningMethod method, DType type, int rows, int columns) {
    DecoderConfig config = PretrainedDecoder.config(model);
    List<ParameterSpec> trained = new ArrayList<>(TunedDecoder.own(method, config));
    trained.addAll(TunedDecoder.added(method, config));
    boolean kernels = TunedDecoder.byKernels(method, config);
    boolean quantized = method instanceof TuningMethod.Qlora;
    TuneMemory.Shape shape =
        new TuneMemory.Shape(
            config,
            trained,
            type,
            rows,
            1,
            columns + (method instanceof TuningMethod.Prompt prompt ? prompt.virtualTokens() : 0),
            false,
            kernels,
            quantized);
    MemoryForecast memory = TuneMemory.forecast(shape, TuneMemory.fileBytes(model));
    return memory.total() - memory.checkpoint(); // none is written here
  }

  private static long actual(Path model, String method, String precision, int rows, int columns)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path"),
            TuneMemoryBench.class.getName(),
            "step",
            model.toString(),
            method,
            precision,
            String.valueOf(rows),
            String.valueOf(columns)));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(method + " ended with " + process.exitValue());
    }
    return Long.parseLong(out.strip());
  }

  private static void step(Path folder, TuningMethod method, DType type, int rows, int columns) {
    int size = rows * columns;
    int[] tokens = new int[size];
    int[] targets = new int[size];
    for (int i = 0; i < size; i++) {
      tokens[i] = 31 * i % 1000;
      targets[i] = 31 * (i + 1) % 1000;
    }
    TokenBatch batch = new TokenBatch(rows, columns, tokens, targets, new int[size]);
    try (TunedDecoder model =
            TunedDecoder.open(folder, method, new TunedDecoder.Way(type, false), 1);
        Execution execution = model.execution();
        Optimizer optimizer = OptimizerConfig.AdamW.of(1e-5, 0).bind(model.parameters())) {
      for (int step = 0; step < 3; step++) {
        model.parameters().flatGradients().zeroInPlace();
        double unused = execution.forwardBackward(batch, 1.0 / size);
        optimizer.step(step, 1, 1);
        execution.parametersChanged();
      }
      float[] validation = execution.losses(batch, new boolean[0]);
      if (validation.length != size) {
        throw new IllegalStateException("a loss for each position");
      }
    }
    System.out.println(Engine.peakResidentBytes());
  }
}
