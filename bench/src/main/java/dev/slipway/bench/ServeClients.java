package dev.slipway.bench;

import dev.slipway.base.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Streaming clients of the completions interface, which note when each event came. */
final class ServeClients {
  private static final byte[] EVENT = "data: {".getBytes(StandardCharsets.US_ASCII);

  private final URI completions;
  private final HttpClient http = HttpClient.newHttpClient();

  /** Connections that wait for a request. */
  private final ConcurrentLinkedDeque<StreamConnection> connections = new ConcurrentLinkedDeque<>();

  ServeClients(URI address) {
    completions = address.resolve("/v1/completions");
  }

  /**
   * One answer.
   *
   * @param sent when the request went, in nanoseconds
   * @param tokens when each token's event came
   */
  record Streamed(long sent, List<Long> tokens) {
    long first() {
      return tokens.getFirst() - sent;
    }
  }

  /** Streams one answer of random token ids to a prompt of such. */
  Streamed stream(List<Integer> prompt, int answer) throws IOException {
    return stream(prompt, answer, "", null);
  }

  /**
   * @param model "" for the one by default
   * @param events hears each event; null for nobody, so that no text is made of it
   */
  private Streamed stream(
      List<Integer> prompt, int answer, String model, @Nullable Consumer<String> events)
      throws IOException {
    ObjectNode body = Json.object();
    ArrayNode ids = body.putArray("prompt");
    prompt.forEach(ids::add);
    if (!model.isEmpty()) {
      body.put("model", model);
    }
    body.put("max_tokens", answer).put("temperature", 0).put("stream", true);
    byte[] json = Json.bytes(body);
    List<Long> tokens = new ArrayList<>(answer + 1);
    StreamConnection idle = connections.poll();
    StreamConnection connection = idle == null ? new StreamConnection(completions) : idle;
    boolean whole = false;
    long sent = System.nanoTime();
    try {
      connection.post(completions, json);
      for (int line = connection.next(); line >= 0; line = connection.next()) {
        if (connection.begins(EVENT, line)) {
          tokens.add(System.nanoTime());
          if (events != null) {
            events.accept(connection.text(line));
          }
        }
      }
      whole = true;
    } finally {
      if (whole) {
        connections.push(connection);
      } else {
        connection.close();
      }
    }
    return new Streamed(sent, tokens);
  }

  /** The text of one answer. */
  String text(List<Integer> prompt, int answer) throws IOException {
    return text(prompt, answer, "");
  }

  /** The text of a model's answer. */
  String text(List<Integer> prompt, int answer, String model) throws IOException {
    StringBuilder text = new StringBuilder();
    stream(
        prompt,
        answer,
        model,
        line ->
            text.append(
                Json.parse(line.substring(6), "an event")
                    .path("choices")
                    .path(0)
                    .path("text")
                    .asString()));
    return text.toString();
  }

  String get(URI address) throws IOException, InterruptedException {
    return http.send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofString())
        .body();
  }

  /** Threads for clients, of the system's: a virtual one would be woken by two others. */
  static ExecutorService threads() {
    return Executors.newThreadPerTaskExecutor(Thread.ofPlatform().daemon().factory());
  }

  static List<Integer> prompt(SplittableRandom random, int length) {
    return random.ints(length, 0, ServeModel.VOCABULARY - 1).boxed().toList();
  }

  /** Tokens a second of all streams together while each of them answers. */
  double decode(int streams, int prompt, int answer, long seed) throws InterruptedException {
    return decode(streams, prompt, answer, seed, _ -> "");
  }

  /**
   * As above, each of a model.
   *
   * @param models the name for each stream
   */
  double decode(int streams, int prompt, int answer, long seed, IntFunction<String> models)
      throws InterruptedException {
    SplittableRandom random = new SplittableRandom(seed);
    List<Future<Streamed>> futures = new ArrayList<>();
    List<Streamed> all = new ArrayList<>();
    try (ExecutorService threads = threads()) {
      for (int i = 0; i < streams; i++) {
        List<Integer> ids = prompt(random, prompt);
        String model = models.apply(i);
        futures.add(threads.submit(() -> stream(ids, answer, model, null)));
      }
      for (Future<Streamed> future : futures) {
        all.add(future.get());
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("a stream failed", e);
    }
    long begin = all.stream().mapToLong(one -> one.tokens.getFirst()).max().orElseThrow();
    long end = all.stream().mapToLong(one -> one.tokens.getLast()).min().orElseThrow();
    long count =
        all.stream()
            .mapToLong(one -> one.tokens.stream().filter(at -> at > begin && at <= end).count())
            .sum();
    return count / ((end - begin) * 1e-9);
  }
}
