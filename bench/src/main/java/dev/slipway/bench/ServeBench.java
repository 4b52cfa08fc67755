package dev.slipway.bench;

import dev.slipway.base.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * The server's speed beside llama.cpp's on the same weights, in turn, round after round; medians
 * count. Tokens a second are of decoding alone: from the moment when every stream has its first
 * token until the first stream ends. Slipway answers over HTTP, token by token; llama.cpp is
 * stepped in its own process, without a server.
 *
 * <p>Arguments, all optional: {@code rounds=3} {@code streams=1,16} {@code prompt=128} {@code
 * answer=128} {@code folder=target/serve-model} {@code types=bf16,…} {@code measures=decode} (or
 * load, prefix, overhead, start, soak, adapters, reload, determinism, with commas) {@code
 * clients=500} {@code minutes=10}. The Python is {@code $PYTHON}, the launcher {@code ./slipway}.
 */
public final class ServeBench {
  private ServeBench() {}

  /** What is compared: the server's options and the type of the GGUF file. */
  private enum Type {
    BF16("bf16", "--dtype", "bfloat16"),
    F32("f32", "--dtype", "float32"),
    Q8_0("q8_0", "--dtype", "bfloat16", "--quantize", "int8"),
    Q4_K_M("q4_k_m", "--dtype", "bfloat16", "--quantize", "int4");

    private final String gguf;
    private final List<String> options;

    Type(String gguf, String... options) {
      this.gguf = gguf;
      this.options = List.of(options);
    }
  }

  public static void main(String[] arguments) throws IOException, InterruptedException {
    Map<String, String> settings = new HashMap<>();
    for (String argument : arguments) {
      String[] parts = argument.split("=", 2);
      settings.put(parts[0], parts.length == 2 ? parts[1] : "");
    }
    int rounds = Integer.parseInt(settings.getOrDefault("rounds", "3"));
    int prompt = Integer.parseInt(settings.getOrDefault("prompt", "128"));
    int answer = Integer.parseInt(settings.getOrDefault("answer", "128"));
    int[] streams =
        Arrays.stream(settings.getOrDefault("streams", "1,16").split(","))
            .mapToInt(Integer::parseInt)
            .toArray();
    Path folder = Path.of(settings.getOrDefault("folder", "target/serve-model"));
    if (!Files.exists(folder.resolve("config.json"))) {
      ServeModel.write(folder, 1);
    }
    int clients = Integer.parseInt(settings.getOrDefault("clients", "500"));
    double minutes = Double.parseDouble(settings.getOrDefault("minutes", "10"));
    for (String name : settings.getOrDefault("types", "bf16").split(",")) {
      Type type = Type.valueOf(name.toUpperCase(Locale.ROOT));
      List<String> options = new ArrayList<>(type.options);
      options.addAll(List.of("--kv-cache-dtype", settings.getOrDefault("cache", "auto")));
      ServeMeasures measures = new ServeMeasures(folder, options);
      for (String measure : settings.getOrDefault("measures", "decode").split(",")) {
        switch (measure) {
          case "decode" -> compare(folder, type, options, rounds, streams, prompt, answer);
          case "load" -> measures.load();
          case "prefix" -> measures.prefix();
          case "overhead" -> measures.overhead();
          case "start" -> measures.start(rounds);
          case "adapters" -> new SeveralModelsMeasures(folder, options).adapters(rounds);
          case "reload" -> new SeveralModelsMeasures(folder, options).reload();
          case "soak" -> measures.soak(clients, minutes);
          case "determinism" -> DeterminismMeasure.print();
          default -> throw new IllegalArgumentException(measure + " is no measure");
        }
      }
    }
  }

  private static void compare(
      Path folder,
      Type type,
      List<String> options,
      int rounds,
      int[] streams,
      int prompt,
      int answer)
      throws IOException, InterruptedException {
    Path gguf = folder.resolve("model-" + type.gguf + ".gguf");
    if (!Files.exists(gguf)) {
      output(
          "./slipway", "export", folder.toString(), "--type", type.gguf, "--out", gguf.toString());
    }
    List<Rates> rates = Arrays.stream(streams).mapToObj(Rates::new).toList();
    for (int round = 0; round < rounds; round++) {
      try (SlipwayServer server = SlipwayServer.start(folder, options)) {
        ServeClients clients = new ServeClients(server.address());
        clients.decode(16, 32, 96, 17L); // the JVM compiles
        clients.decode(1, 32, 96, 18L);
        for (Rates each : rates) {
          each.ours.add(clients.decode(each.streams, prompt, answer, round));
        }
      }
      for (Rates each : rates) {
        String out =
            output(
                System.getenv("PYTHON"),
                "bench/peers/serve_llama.py",
                gguf.toString(),
                Integer.toString(each.streams),
                Integer.toString(prompt),
                Integer.toString(answer));
        JsonNode document = Json.parse(out.strip(), "the peer's output");
        each.theirs.add(document.path("tokens_per_second").asDouble());
      }
    }
    for (Rates each : rates) {
      double our = median(each.ours);
      double their = median(each.theirs);
      System.out.printf(
          Locale.ROOT,
          "%-6s %2d streams  Slipway %.0f tokens/s %s, llama.cpp %.0f tokens/s %s: ratio %.2f%n",
          type.name(),
          each.streams,
          our,
          rounded(each.ours),
          their,
          rounded(each.theirs),
          our / their);
    }
  }

  /** Tokens a second of so many streams, round after round. */
  private record Rates(int streams, List<Double> ours, List<Double> theirs) {
    Rates(int streams) {
      this(streams, new ArrayList<>(), new ArrayList<>());
    }
  }

  private static List<Long> rounded(List<Double> values) {
    return values.stream().map(Math::round).toList();
  }

  static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }

  static String output(String... command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int status = process.waitFor();
    if (status != 0) {
      throw new IllegalStateException(String.join(" ", command) + " ended with " + status);
    }
    return out;
  }
}
