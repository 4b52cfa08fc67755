package dev.slipway.platform.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.platform.Eventually;
import dev.slipway.platform.access.KeyFile;
import dev.slipway.platform.access.Limits;
import dev.slipway.platform.access.Scope;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who asks for much does not hold up who asks for little. */
@Timeout(120)
class FairnessTest {
  private static final String ASK = "{\"prompt\":\"%s\",\"max_tokens\":3,\"temperature\":0}";

  @TempDir private Path folder;

  @Test
  void keysAreServedInTurnHoweverMuchEachAsks() throws Exception {
    Path file = folder.resolve("keys.json");
    KeyFile keys = new KeyFile(file);
    String ann = key(keys, "ann");
    String bob = key(keys, "bob");
    Semaphore permits = new Semaphore(0);
    CompletableFuture<FakeEngine> engine = new CompletableFuture<>();
    ServeOptions options = ServeOptions.DEFAULT.withPort(0).withSafety(Safety.NONE.withKeys(file));
    try (ModelServer server =
            ModelServer.start(
                options,
                "toy",
                () -> {
                  engine.complete(new FakeEngine(permits));
                  return engine.join();
                },
                List.of());
        Http http = new Http(server)) {
      server.awaitReady();
      List<CompletableFuture<Integer>> answers = new ArrayList<>();
      answers.add(later(http, ann, "a"));
      Eventually.holds("the first request is begun", () -> !engine.join().begun.isEmpty());
      for (int i = 0; i < 5; i++) {
        answers.add(later(http, ann, "a"));
      }
      waiting(server, ann, 5);
      answers.add(later(http, bob, "b"));
      answers.add(later(http, bob, "b"));
      waiting(server, ann, 7);
      permits.release(1000);
      for (CompletableFuture<Integer> answer : answers) {
        assertThat(answer.get(20, TimeUnit.SECONDS)).isEqualTo(200);
      }
    }
    assertThat(String.join("", engine.join().begun)).isEqualTo("ababaaaa");
  }

  private static String key(KeyFile keys, String name) {
    return keys.create(name, List.of(Scope.INFER, Scope.METRICS), Instant.now(), null, Limits.NONE)
        .secret();
  }

  private static CompletableFuture<Integer> later(Http http, String key, String prompt) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            HttpResponse<String> answer =
                http.post(
                    "/v1/completions", ASK.formatted(prompt), "Authorization", "Bearer " + key);
            return answer.statusCode();
          } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
          }
        },
        task -> Thread.ofVirtual().start(task));
  }

  /** Until so many wait. */
  private static void waiting(ModelServer server, String key, int count) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest ask =
          HttpRequest.newBuilder(server.address().resolve("/metrics"))
              .header("Authorization", "Bearer " + key)
              .build();
      String line = "vllm:num_requests_waiting{model_name=\"toy\"} " + count + ".0";
      Eventually.holds(
          line, () -> client.send(ask, HttpResponse.BodyHandlers.ofString()).body().contains(line));
    }
  }
}
