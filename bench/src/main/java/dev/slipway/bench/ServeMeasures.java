package dev.slipway.bench;

import dev.slipway.base.Json;
import dev.slipway.bench.ServeClients.Streamed;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/** What a server gives its clients beside the speed of decoding; each prints its line. */
final class ServeMeasures {
  private static final int CLIENTS = 16;
  private static final int REQUESTS = 64;

  /** As many as write to all of the cache, and one more. */
  private static final int GOES = 4;

  /** How often memory is looked at in a long run, and what may come to it in its second half. */
  private static final long LOOK_NANOS = 30_000_000_000L;

  private static final double FLAT = 1.05;

  private final Path folder;
  private final List<String> options;

  /**
   * @param options of {@code slipway serve}
   */
  ServeMeasures(Path folder, List<String> options) {
    this.folder = folder;
    this.options = options;
  }

  private record Request(List<Integer> prompt, int answer) {}

  /** Prompts of 32 to 512 tokens, answers of 16 to 256, from a seed. */
  private static List<Request> requests(int count, long seed) {
    return requests(count, seed, seed + 1);
  }

  /** As above, whose lengths depend on the first seed alone. */
  private static List<Request> requests(int count, long lengths, long tokens) {
    SplittableRandom length = new SplittableRandom(lengths);
    SplittableRandom token = new SplittableRandom(tokens);
    List<Request> requests = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      List<Integer> prompt = ServeClients.prompt(token, length.nextInt(32, 513));
      requests.add(new Request(prompt, length.nextInt(16, 257)));
    }
    return requests;
  }

  private static void warm(ServeClients clients) throws InterruptedException {
    clients.decode(CLIENTS, 32, 96, 17L); // the JVM compiles
    clients.decode(1, 32, 96, 18L);
  }

  // ---- throughput, and times to the first token ----

  /**
   * 16 clients that ask one request after the other, in several goes: in the first ones the cache
   * of keys and values is written to for the first time, and the system has to find it memory. Then
   * half of that load, at random times.
   */
  void load() throws IOException, InterruptedException {
    String python = System.getenv().getOrDefault("PYTHON_TRANSFORMERS", System.getenv("PYTHON"));
    double their =
        Json.parse(
                ServeBench.output(python, "bench/peers/serve_transformers.py", folder.toString())
                    .strip(),
                "the peer's output")
            .path("tokens_per_second")
            .asDouble();
    try (SlipwayServer server = SlipwayServer.start(folder, options)) {
      ServeClients clients = new ServeClients(server.address());
      warm(clients);
      double seconds = 0;
      for (int go = 0; go < GOES; go++) {
        seconds = ask(clients, requests(REQUESTS, 5, go), their);
      }
      firstTokens(clients, REQUESTS / seconds / 2);
    }
  }

  /**
   * @return seconds until all had their answers
   */
  private static double ask(ServeClients clients, List<Request> requests, double their)
      throws InterruptedException {
    AtomicInteger next = new AtomicInteger();
    List<Future<List<Streamed>>> futures = new ArrayList<>();
    List<Streamed> all = new ArrayList<>();
    long start = System.nanoTime();
    long firstIdle = Long.MAX_VALUE;
    try (ExecutorService threads = ServeClients.threads()) {
      for (int i = 0; i < CLIENTS; i++) {
        futures.add(threads.submit(() -> client(clients, requests, next)));
      }
      for (Future<List<Streamed>> future : futures) {
        List<Streamed> answers = get(future);
        all.addAll(answers);
        firstIdle = Math.min(firstIdle, answers.getLast().tokens().getLast());
      }
    }
    double seconds = (System.nanoTime() - start) * 1e-9;
    // At the end some clients have nothing more to ask: their share is told apart.
    long idle = firstIdle;
    double busySeconds = (idle - start) * 1e-9;
    long tokens = all.stream().mapToLong(each -> each.tokens().size()).sum();
    long busyTokens =
        all.stream().flatMap(each -> each.tokens().stream()).filter(at -> at <= idle).count();
    System.out.printf(
        Locale.ROOT,
        "%d clients  Slipway %.0f tokens/s in all, %.0f while all of them ask (%.0f of %.0f s), transformers one"
            + " after the other %.1f: ratios %.1f and %.1f%n",
        CLIENTS,
        tokens / seconds,
        busyTokens / busySeconds,
        busySeconds,
        seconds,
        their,
        tokens / seconds / their,
        busyTokens / busySeconds / their);
    return seconds;
  }

  private static List<Streamed> client(
      ServeClients clients, List<Request> requests, AtomicInteger next)
      throws IOException, InterruptedException {
    List<Streamed> answers = new ArrayList<>();
    for (int i = next.getAndIncrement(); i < requests.size(); i = next.getAndIncrement()) {
      answers.add(clients.stream(requests.get(i).prompt, requests.get(i).answer));
    }
    return answers;
  }

  private static void firstTokens(ServeClients clients, double rate) throws InterruptedException {
    SplittableRandom random = new SplittableRandom(6);
    List<Request> requests = requests(2 * REQUESTS, 7);
    List<Future<Streamed>> futures = new ArrayList<>();
    List<Double> times = new ArrayList<>();
    try (ExecutorService threads = ServeClients.threads()) {
      for (Request request : requests) {
        futures.add(threads.submit(() -> clients.stream(request.prompt, request.answer)));
        // Requests come as Poisson's process: what lies between two is exponentially distributed.
        Thread.sleep((long) (-Math.log(1 - random.nextDouble()) / rate * 1000));
      }
      for (Future<Streamed> future : futures) {
        times.add(get(future).first() * 1e-6);
      }
    }
    List<Double> sorted = times.stream().sorted().toList();
    double median = ServeBench.median(times);
    double p99 = sorted.get((int) Math.ceil(0.99 * sorted.size()) - 1);
    System.out.printf(
        Locale.ROOT,
        "half of the saturating load (%.2f requests/s)  time to first token: median %.0f ms, p99 %.0f ms of"
            + " %d: ratio %.2f%n",
        rate,
        median,
        p99,
        sorted.size(),
        p99 / median);
  }

  // ---- prefix cache ----

  /** Time to the first token of 400 tokens that came before, by that of 400 new ones. */
  void prefix() throws IOException, InterruptedException {
    try (SlipwayServer server = SlipwayServer.start(folder, options)) {
      ServeClients clients = new ServeClients(server.address());
      warm(clients);
      SplittableRandom random = new SplittableRandom(8);
      List<Double> fresh = new ArrayList<>();
      List<Double> again = new ArrayList<>();
      for (int i = 0; i < 15; i++) {
        List<Integer> prefix = ServeClients.prompt(random, 400);
        for (List<Double> times : List.of(fresh, again)) {
          List<Integer> prompt = new ArrayList<>(prefix);
          prompt.addAll(ServeClients.prompt(random, 8));
          times.add(clients.stream(prompt, 2).first() * 1e-6);
        }
      }
      double cold = ServeBench.median(fresh);
      double warm = ServeBench.median(again);
      System.out.printf(
          Locale.ROOT,
          "prefix of 400 tokens  time to first token: new %.1f ms, repeated %.1f ms: ratio %.2f%n",
          cold,
          warm,
          warm / cold);
    }
  }

  // ---- start ----

  /** From the command to the first answer's first token. */
  void start(int rounds) throws IOException, InterruptedException {
    List<Double> ready = new ArrayList<>();
    List<Double> first = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      long begin = System.nanoTime();
      try (SlipwayServer server = SlipwayServer.start(folder, options)) {
        ready.add((System.nanoTime() - begin) * 1e-9);
        List<Integer> prompt = ServeClients.prompt(new SplittableRandom(9), 32);
        Streamed answer = new ServeClients(server.address()).stream(prompt, 1);
        first.add((answer.tokens().getFirst() - begin) * 1e-9);
      }
    }
    System.out.printf(
        Locale.ROOT,
        "start  ready after %.2f s, first answer after %.2f s (medians of %d)%n",
        ServeBench.median(ready),
        ServeBench.median(first),
        rounds);
  }

  // ---- many clients for long ----

  /** Many streaming clients at once, whose answers are compared with those that came alone. */
  void soak(int clientCount, double minutes) throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(options);
    all.addAll(List.of("--queue", Integer.toString(2 * clientCount)));
    try (SlipwayServer server = SlipwayServer.start(folder, all)) {
      ServeClients clients = new ServeClients(server.address());
      warm(clients);
      List<Request> requests = requests(32, 10);
      List<String> expected = new ArrayList<>();
      for (Request request : requests) {
        expected.add(clients.text(request.prompt, request.answer / 4 + 1));
      }
      AtomicInteger answers = new AtomicInteger();
      AtomicInteger wrong = new AtomicInteger();
      ConcurrentHashMap<String, Integer> lost = new ConcurrentHashMap<>();
      long end = System.nanoTime() + (long) (minutes * 60e9);
      List<Long> memory = new ArrayList<>();
      List<Future<Integer>> done = new ArrayList<>();
      try (ExecutorService threads = ServeClients.threads()) {
        for (int i = 0; i < clientCount; i++) {
          int first = i;
          Callable<Integer> client =
              () -> {
                for (int at = first; System.nanoTime() < end; at += 7) {
                  Request request = requests.get(at % requests.size());
                  try {
                    String text = clients.text(request.prompt, request.answer / 4 + 1);
                    answers.incrementAndGet();
                    wrong.addAndGet(text.equals(expected.get(at % requests.size())) ? 0 : 1);
                  } catch (IOException e) {
                    lost.merge(String.valueOf(e.getMessage()), 1, Integer::sum);
                  }
                }
                return first;
              };
          done.add(threads.submit(client));
        }
        long begin = System.nanoTime();
        for (long at = begin; at < end; at += LOOK_NANOS) {
          Thread.sleep(Math.max(0, Math.min(at + LOOK_NANOS, end) - System.nanoTime()) / 1_000_000);
          long megabytes = server.residentMegabytes();
          memory.add(megabytes);
          System.out.printf(
              Locale.ROOT,
              "after %.0f s  %d answers, %d wrong, lost %s, %d MB%n",
              (System.nanoTime() - begin) * 1e-9,
              answers.get(),
              wrong.get(),
              lost,
              megabytes);
        }
        for (Future<Integer> client : done) {
          get(client);
        }
      }
      // The cache of keys and values fills up as the service begins; afterwards nothing grows.
      long middle = memory.get(memory.size() / 2);
      long last = memory.getLast();
      boolean flat = last <= middle * FLAT;
      System.out.printf(
          Locale.ROOT,
          "%d streaming clients for %.1f minutes  %d answers, %d wrong, %d lost %s; memory %d MB half way, %d MB at the end: %s%n",
          clientCount,
          minutes,
          answers.get(),
          wrong.get(),
          lost.values().stream().mapToInt(Integer::intValue).sum(),
          lost,
          middle,
          last,
          wrong.get() == 0 && lost.isEmpty() && flat && answers.get() >= clientCount
              ? "PASSED"
              : "FAILED");
    }
  }

  // ---- what the server adds ----

  /**
   * Seconds a token of one stream over HTTP, by those that the server's engine reports; and what
   * the client itself takes of the cores, which no server's user would notice.
   */
  void overhead() throws IOException, InterruptedException {
    try (SlipwayServer server = SlipwayServer.start(folder, options)) {
      ServeClients clients = new ServeClients(server.address());
      warm(clients);
      List<Double> engine = new ArrayList<>();
      List<Double> whole = new ArrayList<>();
      List<Double> own = new ArrayList<>();
      ThreadMXBean threads = ManagementFactory.getThreadMXBean();
      for (int round = 0; round < 9; round++) {
        double before = stepSeconds(clients, server.address());
        long processor = threads.getCurrentThreadCpuTime();
        Streamed streamed =
            clients.stream(ServeClients.prompt(new SplittableRandom(round), 32), 200);
        processor = threads.getCurrentThreadCpuTime() - processor;
        double steps = stepSeconds(clients, server.address()) - before;
        int tokens = streamed.tokens().size();
        engine.add(steps / tokens);
        own.add(processor * 1e-9 / tokens);
        whole.add((streamed.tokens().getLast() - streamed.sent()) * 1e-9 / tokens);
      }
      double model = ServeBench.median(engine);
      double all = ServeBench.median(whole);
      System.out.printf(
          Locale.ROOT,
          "overhead  %.3f ms a token over HTTP, %.3f ms of it the model's: %.1f %%; the client's thread"
              + " computes for %.3f ms%n",
          all * 1e3,
          model * 1e3,
          (all / model - 1) * 100,
          ServeBench.median(own) * 1e3);
    }
  }

  private static double stepSeconds(ServeClients clients, URI server)
      throws IOException, InterruptedException {
    return clients
        .get(server.resolve("/metrics"))
        .lines()
        .filter(line -> line.startsWith("slipway_model_seconds_total"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  private static <T> T get(Future<T> future) throws InterruptedException {
    try {
      return future.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("a client failed", e);
    }
  }
}
