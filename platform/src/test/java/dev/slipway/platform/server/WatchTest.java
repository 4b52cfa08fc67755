package dev.slipway.platform.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.slipway.platform.Eventually;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Metrics and traces: what a service tells of itself. */
@Timeout(120)
class WatchTest {
  private static final String PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

  private final HttpClient client = HttpClient.newHttpClient();

  @AfterEach
  void close() {
    client.close();
  }

  private HttpResponse<String> post(ModelServer server, String body, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(server.address().resolve("/v1/completions"))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> metrics(ModelServer server, String accept)
      throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(server.address().resolve("/metrics"))
            .header("Accept", accept)
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static Map<String, Double> values(String text) {
    Map<String, Double> values = new HashMap<>();
    text.lines()
        .filter(line -> !line.startsWith("#") && !line.isBlank())
        .forEach(
            line -> {
              int end = line.lastIndexOf(' ');
              values.put(line.substring(0, end), Double.parseDouble(line.substring(end + 1)));
            });
    return values;
  }

  private static String body(String prompt, int tokens, String more) {
    return "{\"prompt\":\""
        + prompt
        + "\",\"max_tokens\":"
        + tokens
        + ",\"temperature\":0"
        + more
        + "}";
  }

  @Test
  void metricsAreExactAfterManyRequestsAtOnce() throws Exception {
    int requests = 60;
    long promptTokens = 0;
    long generated = 0;
    try (ModelServer server =
        ModelServer.start(
            ServeOptions.DEFAULT.withPort(0).withQueue(200), "toy", FakeEngine::new, List.of())) {
      server.awaitReady();
      List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
      for (int i = 0; i < requests; i++) {
        String prompt = "x".repeat(1 + i % 7);
        int tokens = 1 + i % 5;
        promptTokens += prompt.length() + 1; // and the start token
        generated += tokens;
        // Every fourth is ended by a stop text before its last token.
        String stop =
            i % 4 == 3 && tokens > 1
                ? ",\"stop\":\"" + (char) ('a' + (24 + tokens - 1) % 26) + "\""
                : "";
        generated -= stop.isEmpty() ? 0 : 1;
        answers.add(
            client.sendAsync(
                HttpRequest.newBuilder(server.address().resolve("/v1/completions"))
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString(body(prompt, tokens, stop)))
                    .build(),
                HttpResponse.BodyHandlers.ofString()));
      }
      int stopped = 0;
      for (CompletableFuture<HttpResponse<String>> answer : answers) {
        assertThat(answer.get().statusCode()).isEqualTo(200);
        stopped += answer.get().body().contains("\"finish_reason\":\"stop\"") ? 1 : 0;
      }
      assertThat(post(server, "{}").statusCode()).isEqualTo(400);
      assertThat(post(server, body("!", 1, "")).statusCode()).isEqualTo(500);
      String http =
          "slipway_http_requests_total{model_name=\"toy\",path=\"/v1/completions\",status=\"";
      // An answer is counted once it is sent, which its client may know a little before.
      Eventually.holds(
          "all answers are counted",
          () -> {
            Map<String, Double> so = values(metrics(server, "*/*").body());
            return so.getOrDefault(http + "200\"}", 0.0) >= requests
                && so.containsKey(http + "500\"}");
          });
      Map<String, Double> values = values(metrics(server, "*/*").body());
      String toy = "{model_name=\"toy\"}";
      String reason = "vllm:request_success_total{finished_reason=\"";
      assertThat(stopped).isPositive();
      assertThat(values)
          .containsEntry("vllm:prompt_tokens_total" + toy, (double) promptTokens)
          .containsEntry("vllm:generation_tokens_total" + toy, (double) generated)
          .containsEntry(reason + "stop\",model_name=\"toy\"}", (double) stopped)
          .containsEntry(reason + "length\",model_name=\"toy\"}", (double) requests - stopped)
          .containsEntry(reason + "abort\",model_name=\"toy\"}", 0.0)
          .containsEntry("slipway_requests_failed_total" + toy, 1.0)
          .containsEntry("vllm:time_to_first_token_seconds_count" + toy, (double) requests)
          .containsEntry("vllm:request_prompt_tokens_count" + toy, (double) requests)
          .containsEntry("vllm:request_prompt_tokens_sum" + toy, (double) promptTokens)
          .containsEntry("vllm:request_generation_tokens_sum" + toy, (double) generated)
          .containsEntry(
              "vllm:inter_token_latency_seconds_count" + toy, (double) generated - requests)
          .containsEntry("vllm:request_queue_time_seconds_count" + toy, requests + 1.0)
          .containsEntry("vllm:e2e_request_latency_seconds_count" + toy, requests + 1.0)
          .containsEntry("vllm:num_requests_running" + toy, 0.0)
          .containsEntry("vllm:num_requests_waiting" + toy, 0.0)
          .containsEntry(http + "200\"}", (double) requests)
          .containsEntry(http + "400\"}", 1.0)
          .containsEntry(http + "500\"}", 1.0);
    }
  }

  @Test
  void whatTheEngineCountsIsStillThereAfterGarbageIsCollected(@TempDir Path folder)
      throws Exception {
    try (ModelServer server =
        TinyModel.serve(folder, ServeOptions.DEFAULT.withPort(0), List.of())) {
      server.awaitReady();
      System.gc(); // takes what a meter refers to weakly
      for (int i = 0; i < 2; i++) { // the second one begins after the first one's facts are told
        assertThat(post(server, body("public int ", 4, "")).statusCode()).isEqualTo(200);
      }
      Map<String, Double> values = values(metrics(server, "*/*").body());
      for (String name :
          List.of("vllm:prefix_cache_queries_total", "slipway_model_seconds_total")) {
        assertThat(
                values.entrySet().stream()
                    .filter(entry -> entry.getKey().startsWith(name + "{"))
                    .mapToDouble(Map.Entry::getValue)
                    .sum())
            .as(name)
            .isPositive();
      }
    }
  }

  @Test
  void everyMetricOfVllmThatASingleServiceHasIsThere() throws Exception {
    try (ModelServer server =
        ModelServer.start(ServeOptions.DEFAULT.withPort(0), "toy", FakeEngine::new, List.of())) {
      server.awaitReady();
      post(server, body("a", 3, ""));
      Set<String> names =
          metrics(server, "*/*")
              .body()
              .lines()
              .filter(line -> line.startsWith("# TYPE "))
              .map(line -> line.split(" ")[2])
              .collect(Collectors.toSet());
      assertThat(names)
          .contains(
              "vllm:num_requests_running",
              "vllm:num_requests_waiting",
              "vllm:kv_cache_usage_perc",
              "vllm:prefix_cache_queries_total",
              "vllm:prefix_cache_hits_total",
              "vllm:num_preemptions_total",
              "vllm:prompt_tokens_total",
              "vllm:generation_tokens_total",
              "vllm:request_success_total",
              "vllm:request_prompt_tokens",
              "vllm:request_generation_tokens",
              "vllm:request_params_max_tokens",
              "vllm:time_to_first_token_seconds",
              "vllm:inter_token_latency_seconds",
              "vllm:time_per_output_token_seconds",
              "vllm:request_time_per_output_token_seconds",
              "vllm:e2e_request_latency_seconds",
              "vllm:request_queue_time_seconds",
              "vllm:request_inference_time_seconds",
              "vllm:request_prefill_time_seconds",
              "vllm:request_decode_time_seconds",
              "vllm:spec_decode_num_draft_tokens_total",
              "vllm:spec_decode_num_accepted_tokens_total");
    }
  }

  @Test
  void whoAsksForOpenMetricsGetsItWithExemplars() throws Exception {
    try (Collector collector = new Collector();
        ModelServer server = traced(collector)) {
      post(server, body("a", 3, ""), "traceparent", PARENT);
      HttpResponse<String> plain = metrics(server, "text/plain");
      assertThat(plain.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/plain");
      assertThat(plain.body()).doesNotContain("# EOF").doesNotContain("trace_id");
      HttpResponse<String> open =
          metrics(server, "application/openmetrics-text;version=1.0.0,text/plain;q=0.5");
      assertThat(open.headers().firstValue("Content-Type").orElseThrow())
          .startsWith("application/openmetrics-text; version=1.0.0");
      assertThat(open.body()).endsWith("# EOF\n");
      assertThat(
              open.body()
                  .lines()
                  .filter(line -> line.contains("# {"))
                  .filter(line -> line.startsWith("vllm:time_to_first_token_seconds_bucket")))
          .isNotEmpty()
          .allMatch(line -> line.contains("trace_id=\"0af7651916cd43dd8448eb211c80319c\""));
    }
  }

  @Test
  void aRequestIsTracedFromTheQueueToItsLastTokenWithinItsCallersTrace() throws Exception {
    try (Collector collector = new Collector()) {
      try (ModelServer server = traced(collector)) {
        post(server, body("a", 3, ""), "traceparent", PARENT, "X-Request-Id", "mine");
        post(server, body("b", 3, ""));
        // A caller that does not record has its decision kept.
        post(server, body("c", 3, ""), "traceparent", PARENT.replaceFirst("-01$", "-00"));
      }
      List<Span> mine =
          collector.spans.stream()
              .filter(
                  span ->
                      HexFormat.of()
                          .formatHex(span.getTraceId().toByteArray())
                          .equals("0af7651916cd43dd8448eb211c80319c"))
              .toList();
      assertThat(mine.stream().map(Span::getName))
          .containsExactlyInAnyOrder("POST /v1/completions", "queue", "prefill", "decode");
      Map<String, Span> byName = mine.stream().collect(Collectors.toMap(Span::getName, s -> s));
      Span whole = span(byName, "POST /v1/completions");
      assertThat(HexFormat.of().formatHex(whole.getParentSpanId().toByteArray()))
          .isEqualTo("b7ad6b7169203331");
      assertThat(whole.getKind()).isEqualTo(Span.SpanKind.SPAN_KIND_SERVER);
      Map<String, Object> attributes = new HashMap<>();
      whole
          .getAttributesList()
          .forEach(
              one ->
                  attributes.put(
                      one.getKey(),
                      one.getValue().hasIntValue()
                          ? (Object) one.getValue().getIntValue()
                          : one.getValue().getStringValue()));
      assertThat(attributes)
          .containsEntry("slipway.request_id", "mine")
          .containsEntry("http.response.status_code", 200L)
          .containsEntry("gen_ai.request.model", "toy")
          .containsEntry("gen_ai.usage.input_tokens", 2L)
          .containsEntry("gen_ai.usage.output_tokens", 3L);
      long last = whole.getStartTimeUnixNano();
      for (String name : List.of("queue", "prefill", "decode")) {
        Span step = span(byName, name);
        assertThat(step.getParentSpanId()).isEqualTo(whole.getSpanId());
        assertThat(step.getStartTimeUnixNano()).as(name).isGreaterThanOrEqualTo(last - 2_000_000);
        assertThat(step.getEndTimeUnixNano()).isGreaterThanOrEqualTo(step.getStartTimeUnixNano());
        last = step.getEndTimeUnixNano();
      }
      assertThat(collector.spans).hasSize(8);
      assertThat(collector.paths).containsOnly("/v1/traces");
    }
  }

  private static Span span(Map<String, Span> spans, String name) {
    Span span = spans.get(name);
    if (span == null) {
      throw new AssertionError("there is no span " + name);
    }
    return span;
  }

  @Test
  void aCollectorThatIsNotThereCostsNoAnswer() throws Exception {
    try (ModelServer server =
        ModelServer.start(
            ServeOptions.DEFAULT.withPort(0).withTraces(URI.create("http://127.0.0.1:1")),
            "toy",
            FakeEngine::new,
            List.of())) {
      server.awaitReady();
      assertThat(post(server, body("a", 3, "")).statusCode()).isEqualTo(200);
    }
  }

  private static ModelServer traced(Collector collector) throws InterruptedException {
    ModelServer server =
        ModelServer.start(
            ServeOptions.DEFAULT.withPort(0).withTraces(collector.address()),
            "toy",
            FakeEngine::new,
            List.of());
    server.awaitReady();
    return server;
  }

  /** Takes traces as a collector of OpenTelemetry's does. */
  private static final class Collector implements AutoCloseable {
    private final HttpServer http;
    private final List<Span> spans = new CopyOnWriteArrayList<>();
    private final List<String> paths = new CopyOnWriteArrayList<>();

    Collector() throws IOException {
      http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      http.createContext(
          "/",
          exchange -> {
            paths.add(exchange.getRequestURI().getPath());
            ExportTraceServiceRequest.parseFrom(exchange.getRequestBody())
                .getResourceSpansList()
                .forEach(
                    resource ->
                        resource
                            .getScopeSpansList()
                            .forEach(scope -> spans.addAll(scope.getSpansList())));
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
          });
      http.start();
    }

    URI address() {
      return URI.create("http://127.0.0.1:" + http.getAddress().getPort() + "/");
    }

    @Override
    public void close() {
      http.stop(0);
    }
  }
}
