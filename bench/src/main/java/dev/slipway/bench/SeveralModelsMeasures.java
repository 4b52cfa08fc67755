package dev.slipway.bench;

import dev.slipway.base.Json;
import dev.slipway.model.pretrained.PretrainedDecoder;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import dev.slipway.tune.Adapter;
import dev.slipway.tune.Adapters;
import dev.slipway.tune.PeftFolder;
import dev.slipway.tune.Targets;
import dev.slipway.tune.TuningMethod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;

/** What adapters cost beside a model, and what a new version costs those who ask meanwhile. */
final class SeveralModelsMeasures {
  private static final int ADAPTERS = 3;
  private static final int CLIENTS = 16;
  private static final int RELOADS = 20;

  private final Path folder;
  private final List<String> options;

  /**
   * @param options of {@code slipway serve}
   */
  SeveralModelsMeasures(Path folder, List<String> options) {
    this.folder = folder;
    this.options = options;
  }

  private static String name(int adapter) {
    return "adapter-" + adapter;
  }

  private List<String> withAdapters() throws IOException {
    List<String> all = new ArrayList<>(options);
    all.addAll(List.of("--name", "base"));
    for (int i = 0; i < ADAPTERS; i++) {
      Path adapter = folder.resolveSibling(folder.getFileName() + "-" + name(i));
      if (!Files.exists(adapter)) {
        write(folder, adapter, i);
      }
      all.addAll(List.of("--adapter", name(i) + "=" + adapter));
    }
    return all;
  }

  /** Rank 16 around all projections, with random values. */
  private static void write(Path model, Path adapter, int seed) {
    try (PretrainedDecoder opened = PretrainedDecoder.open(model, DType.BFLOAT16);
        Adapter made =
            Adapters.attach(
                TuningMethod.Lora.of(16, 32, new Targets.AllLinear(), false, false),
                opened.network().projections().values(),
                seed);
        Scope _ = Scope.open();
        NoGrad _ = NoGrad.open()) {
      SplittableRandom random = new SplittableRandom(seed);
      for (ParameterSpec spec : made.parameters().specs()) {
        Tensor value = made.parameters().value(spec.name());
        float[] drawn = new float[Math.toIntExact(value.numel())];
        for (int i = 0; i < drawn.length; i++) {
          drawn[i] = (float) (0.1 * random.nextDouble() - 0.05);
        }
        value.copyInPlace(Tensor.of(drawn, value.shape()));
      }
      PeftFolder.write(adapter, made, model.toString());
    }
  }

  /** Tokens a second of the model, of one adapter, and of all of them in the same steps. */
  void adapters(int rounds) throws IOException, InterruptedException {
    try (SlipwayServer server = SlipwayServer.start(folder, withAdapters())) {
      ServeClients clients = new ServeClients(server.address());
      Map<String, IntFunction<String>> mixes =
          Map.of(
              "the model",
              _ -> "base",
              "one adapter",
              _ -> name(0),
              "the model and " + ADAPTERS + " adapters",
              i -> i % (ADAPTERS + 1) == 0 ? "base" : name(i % (ADAPTERS + 1) - 1));
      Map<String, List<Double>> rates = new ConcurrentHashMap<>();
      mixes.values().forEach(mix -> warm(clients, mix));
      for (int round = 0; round < rounds; round++) {
        for (Map.Entry<String, IntFunction<String>> mix : mixes.entrySet()) {
          for (int streams : new int[] {1, CLIENTS}) {
            rates
                .computeIfAbsent(mix.getKey() + ", " + streams, _ -> new ArrayList<>())
                .add(clients.decode(streams, 128, 128, round, mix.getValue()));
          }
        }
      }
      rates.forEach(
          (of, all) ->
              System.out.printf(
                  Locale.ROOT,
                  "adapters  %s streams: %.0f tokens/s %s%n",
                  of,
                  ServeBench.median(all),
                  all.stream().map(Math::round).toList()));
    }
  }

  private static void warm(ServeClients clients, IntFunction<String> mix) {
    try {
      clients.decode(CLIENTS, 32, 96, 17L, mix); // the JVM compiles
      clients.decode(1, 32, 96, 18L, mix);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** New versions under clients that ask all the time. */
  void reload() throws IOException, InterruptedException {
    Path other = folder.resolveSibling(folder.getFileName() + "-other");
    if (!Files.exists(other.resolve("config.json"))) {
      ServeModel.write(other, 2);
    }
    Path current = folder.resolveSibling(folder.getFileName() + "-current");
    List<Path> versions = List.of(folder.toAbsolutePath(), other.toAbsolutePath());
    point(current, versions.getFirst());
    List<String> all = new ArrayList<>(withAdapters());
    try (SlipwayServer server = SlipwayServer.start(current, all)) {
      ServeClients clients = new ServeClients(server.address());
      AtomicBoolean done = new AtomicBoolean();
      AtomicInteger answers = new AtomicInteger();
      ConcurrentHashMap<String, Integer> lost = new ConcurrentHashMap<>();
      ConcurrentHashMap<String, AtomicInteger> texts = new ConcurrentHashMap<>();
      List<Double> seconds = new ArrayList<>();
      List<Long> memory = new ArrayList<>();
      List<Long> heap = new ArrayList<>();
      warm(clients, i -> i % 2 == 0 ? "base" : name(0));
      long before = server.residentMegabytes();
      try (ExecutorService threads = ServeClients.threads()) {
        List<Future<Integer>> running = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
          int which = i % (ADAPTERS + 1);
          String model = which == 0 ? "base" : name(which - 1);
          Callable<Integer> client =
              () -> {
                while (!done.get()) {
                  try {
                    String text =
                        clients.text(
                            ServeClients.prompt(new SplittableRandom(which), 64), 48, model);
                    texts
                        .computeIfAbsent(model + " " + text, _ -> new AtomicInteger())
                        .incrementAndGet();
                    answers.incrementAndGet();
                  } catch (IOException e) {
                    lost.merge(String.valueOf(e.getMessage()), 1, Integer::sum);
                  }
                }
                return which;
              };
          running.add(threads.submit(client));
        }
        for (int i = 1; i <= RELOADS; i++) {
          Thread.sleep(500); // the version is asked for a while
          String old = version(clients, server);
          point(current, versions.get(i % versions.size()));
          long begin = System.nanoTime();
          server.hangUp();
          while (version(clients, server).equals(old)) {
            Thread.sleep(20); // a look is a request: few beside those of the clients
          }
          seconds.add((System.nanoTime() - begin) * 1e-9);
          memory.add(server.residentMegabytes());
          heap.add(heapMegabytes(clients, server));
        }
        done.set(true);
        for (Future<Integer> client : running) {
          client.get();
        }
      } catch (ExecutionException e) {
        throw new IllegalStateException("a client failed", e);
      }
      Thread.sleep(3_000); // the last old version goes, which nothing tells from outside
      System.out.printf(
          Locale.ROOT,
          "reload  %d new versions under %d clients: %d answers, %d texts (two versions of %d names), lost %s; a new"
              + " version after %.1f s (median); memory in MB %d before, %d at rest afterwards; after each, most of them with the old version still there: %s; of it Java's heap: %s%n",
          RELOADS,
          CLIENTS,
          answers.get(),
          texts.size(),
          ADAPTERS + 1,
          lost,
          ServeBench.median(seconds),
          before,
          server.residentMegabytes(),
          memory,
          heap);
    }
  }

  private static long heapMegabytes(ServeClients clients, SlipwayServer server)
      throws IOException, InterruptedException {
    return clients
            .get(server.address().resolve("/metrics"))
            .lines()
            .filter(line -> line.startsWith("jvm_memory_committed_bytes{area=\"heap\""))
            .mapToLong(
                line ->
                    (long)
                        Double.parseDouble(
                            line.substring(line.indexOf(' ', line.indexOf('}')) + 1)))
            .sum()
        >> 20;
  }

  private static void point(Path link, Path to) throws IOException {
    Path made = link.resolveSibling(link.getFileName() + ".new");
    Files.deleteIfExists(made);
    Files.createSymbolicLink(made, to);
    Files.move(made, link, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static String version(ServeClients clients, SlipwayServer server)
      throws IOException, InterruptedException {
    return Json.parse(clients.get(server.address().resolve("/v1/models/base")), "a model's card")
        .path("version")
        .asString();
  }
}
