package dev.slipway.platform.server;

import dev.slipway.platform.engine.Continuation;
import dev.slipway.platform.engine.EngineFacts;
import dev.slipway.platform.engine.FinishReason;
import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * What the service counts, for Prometheus. Where vLLM has a metric it has vLLM's very name, prefix
 * {@code vllm:} included, so that dashboards made for vLLM work unchanged; what vLLM does not have
 * is named {@code slipway_…}.
 */
final class ServerMetrics {
  private static final double[] LATENCIES = {
    0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80
  };
  private static final double[] COUNTS = {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000};

  private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";
  private static final String OPEN_METRICS =
      "application/openmetrics-text; version=1.0.0; charset=utf-8";

  private static final String END = "# EOF\n";

  private final Exemplars exemplars;
  private final PrometheusMeterRegistry registry;

  /** Those of each model and adapter, by its name. */
  private final Map<String, ServerMetrics> all;

  private final List<Labelled> labelled;

  private final VersionMetrics.Versions versions;
  private final Tags tags;
  private final Counter promptTokens;
  private final Counter generationTokens;
  private final Map<FinishReason, Counter> finished = new EnumMap<>(FinishReason.class);
  private final Counter failed;
  private final Counter refused;
  private final Counter predictions;
  private final Counter auditFailures;
  private final Timer queueTime;
  private final Timer timeToFirstToken;
  private final Timer interTokenLatency;
  private final Timer timePerOutputToken;
  private final Timer requestTimePerOutputToken;
  private final Timer prefillTime;
  private final Timer decodeTime;
  private final Timer inferenceTime;
  private final Timer requestLatency;
  private final DistributionSummary requestPromptTokens;
  private final DistributionSummary requestGenerationTokens;
  private final DistributionSummary requestMaxTokens;
  private final DistributionSummary iterationTokens;

  /**
   * @param model the name that the {@code model_name} label has
   * @param traced whether there are traces that exemplars name; taking them costs a timer for each
   *     histogram and some tokens, also where none is taken
   */
  ServerMetrics(String model, boolean traced) {
    this(
        model,
        new Exemplars(),
        new ConcurrentHashMap<>(),
        new CopyOnWriteArrayList<>(),
        new PrometheusRegistry(),
        traced);
    new UptimeMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    // Its collector listener lives as long as the registry: no need to close it earlier.
    new JvmMemoryMetrics().bindTo(registry);
  }

  private ServerMetrics(
      String model,
      Exemplars exemplars,
      Map<String, ServerMetrics> all,
      List<Labelled> labelled,
      PrometheusRegistry prometheus,
      boolean traced) {
    this(
        model,
        exemplars,
        all,
        labelled,
        traced
            ? new PrometheusMeterRegistry(
                PrometheusConfig.DEFAULT, prometheus, Clock.SYSTEM, exemplars)
            : new PrometheusMeterRegistry(PrometheusConfig.DEFAULT, prometheus, Clock.SYSTEM));
  }

  private ServerMetrics(
      String model,
      Exemplars exemplars,
      Map<String, ServerMetrics> all,
      List<Labelled> labelled,
      PrometheusMeterRegistry registry) {
    this.exemplars = exemplars;
    this.all = all;
    this.labelled = labelled;
    this.registry = registry;
    all.put(model, this);
    tags = Tags.of("model_name", model);
    versions = new VersionMetrics.Versions(registry, model, ServerMetrics::latencies);
    promptTokens = counter("vllm:prompt_tokens", "Prompt tokens processed");
    generationTokens = counter("vllm:generation_tokens", "Tokens generated");
    for (FinishReason reason : FinishReason.values()) {
      finished.put(
          reason,
          Counter.builder("vllm:request_success")
              .description("Continuations finished, by reason")
              .tags(tags.and(Tag.of("finished_reason", reason.word())))
              .register(registry));
    }
    failed = counter("slipway_requests_failed", "Continuations ended by an error of the service");
    refused = counter("slipway_requests_refused", "Requests refused because the queue was full");
    auditFailures =
        counter(
            "slipway_audit_failures", "Requests refused because the audit log can't be written");
    predictions = counter("slipway_predictions", "Inputs answered");
    queueTime = timer("vllm:request_queue_time", "Time in the queue");
    timeToFirstToken = timer("vllm:time_to_first_token", "From arrival to the first token");
    interTokenLatency = timer("vllm:inter_token_latency", "Between a token and the next");
    timePerOutputToken =
        timer("vllm:time_per_output_token", "The same, by the name of older dashboards");
    requestTimePerOutputToken =
        timer("vllm:request_time_per_output_token", "Mean of a continuation's tokens");
    prefillTime = timer("vllm:request_prefill_time", "From the queue to the first token");
    decodeTime = timer("vllm:request_decode_time", "From the first token to the last");
    inferenceTime = timer("vllm:request_inference_time", "Time being computed");
    requestLatency = timer("vllm:e2e_request_latency", "From arrival to the last token");
    requestPromptTokens = summary("vllm:request_prompt_tokens", "Prompt tokens of a continuation");
    requestGenerationTokens =
        summary("vllm:request_generation_tokens", "Tokens generated in a continuation");
    requestMaxTokens =
        summary("vllm:request_params_max_tokens", "Tokens that a continuation may come to");
    iterationTokens = summary("vllm:iteration_tokens_total", "Tokens of a step");
  }

  /** The metrics of another model or adapter of the same service. */
  ServerMetrics of(String model) {
    ServerMetrics known = all.get(model);
    if (known != null) {
      return known;
    }
    synchronized (all) {
      ServerMetrics made = all.get(model);
      return made != null ? made : new ServerMetrics(model, exemplars, all, labelled, registry);
    }
  }

  /** Those of one version of this model or adapter. */
  VersionMetrics version(String version) {
    return versions.of(version);
  }

  /**
   * A metric that says something by its labels, looked up when someone reads. Micrometer would take
   * the {@code _info} off its name.
   */
  void watchRows(String name, String description, Supplier<List<Row>> rows) {
    labelled.add(new Labelled(name, description, rows));
  }

  private record Labelled(String name, String description, Supplier<List<Row>> rows) {
    void write(StringBuilder text) {
      text.append("# HELP ").append(name).append(' ').append(description).append('\n');
      text.append("# TYPE ").append(name).append(" gauge\n");
      for (Row row : rows.get()) {
        text.append(name)
            .append(
                row.labels.entrySet().stream()
                    .map(label -> label.getKey() + "=\"" + escaped(label.getValue()) + '"')
                    .collect(Collectors.joining(",", "{", "} ")))
            .append(row.value)
            .append('\n');
      }
    }

    private static String escaped(String value) {
      return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }
  }

  /**
   * A row of a metric that says something by its labels.
   *
   * @param labels in the order of their names
   */
  record Row(SortedMap<String, String> labels, double value) {
    /**
     * @param labels names and values in turn
     */
    static Row of(double value, String... labels) {
      SortedMap<String, String> sorted = new TreeMap<>();
      for (int i = 0; i < labels.length; i += 2) {
        sorted.put(labels[i], labels[i + 1]);
      }
      return new Row(sorted, value);
    }
  }

  void watch(Supplier<Number> running, Supplier<Number> waiting) {
    gauge("vllm:num_requests_running", "Requests computed now", running);
    gauge("vllm:num_requests_waiting", "Requests waiting", waiting);
  }

  /** What only an engine that batches has. */
  void watchEngine(Supplier<EngineFacts> facts) {
    gauge(
        "vllm:kv_cache_usage_perc",
        "Share of the cache in use, 1 for all",
        () -> facts.get().cacheUse());
    total(
        "vllm:prefix_cache_queries", "Prompt tokens looked up", () -> facts.get().prefixQueries());
    total("vllm:prefix_cache_hits", "Prompt tokens found computed", () -> facts.get().prefixHits());
    total(
        "vllm:num_preemptions",
        "Continuations set back for others",
        () -> facts.get().preemptions());
    total("vllm:spec_decode_num_draft_tokens", "Tokens guessed", () -> facts.get().draftTokens());
    total(
        "vllm:spec_decode_num_accepted_tokens",
        "Guesses that were right",
        () -> facts.get().acceptedTokens());
    total(
        "slipway_model_seconds",
        "Time that the network took, in seconds",
        () -> facts.get().modelSeconds());
  }

  void watchConnections(Supplier<Number> open) {
    gauge("slipway_connections", "Connections open", open);
  }

  void watchCertificate(Supplier<Number> expires) {
    gauge(
        "slipway_tls_certificate_expiry_timestamp_seconds",
        "Until when the certificate in use is valid",
        expires);
  }

  /** So many lines of the audit log could not be written. */
  void auditFailed(long lines) {
    auditFailures.increment(lines);
  }

  void queued(long nanos, Tracing.Request trace) {
    record(queueTime, nanos, trace);
  }

  void firstToken(long nanos, Tracing.Request trace) {
    record(timeToFirstToken, nanos, trace);
  }

  void nextToken(long nanos, Tracing.Request trace) {
    record(interTokenLatency, nanos, trace);
    record(timePerOutputToken, nanos, trace);
  }

  void computed(long computing, long total, Tracing.Request trace) {
    record(inferenceTime, computing, trace);
    record(requestLatency, total, trace);
  }

  /** What a continuation took, up to its first token and from there to its last. */
  void phases(long prefill, long decode, int tokens, Tracing.Request trace) {
    record(prefillTime, prefill, trace);
    record(decodeTime, decode, trace);
    if (tokens > 1) {
      record(requestTimePerOutputToken, decode / (tokens - 1), trace);
    }
  }

  /** A step of the model brought so many tokens. */
  void iteration(long tokens) {
    iterationTokens.record(tokens);
  }

  private void record(Timer timer, long nanos, Tracing.Request trace) {
    exemplars.of(trace, () -> timer.record(Duration.ofNanos(nanos)));
  }

  void finished(FinishReason reason, Continuation continuation, int generated) {
    int prompt = continuation.prompt().length;
    count(reason);
    requestMaxTokens.record(continuation.maxTokens());
    promptTokens.increment(prompt);
    generationTokens.increment(generated);
    requestPromptTokens.record(prompt);
    requestGenerationTokens.record(generated);
  }

  /** A continuation given up before it was begun. */
  void dropped() {
    count(FinishReason.ABORT);
  }

  void failed() {
    failed.increment();
  }

  /** An input that was answered. */
  void predicted() {
    predictions.increment();
  }

  void refused() {
    refused.increment();
  }

  /** An answer to any request, by its path's pattern and its status. */
  void answered(String path, int status) {
    Counter.builder("slipway_http_requests")
        .description("HTTP requests answered")
        .tags(tags.and("path", path, "status", String.valueOf(status)))
        .register(registry)
        .increment();
  }

  /**
   * The type of {@link #scrape}'s text: OpenMetrics, which has exemplars, for who asks for it;
   * Prometheus' text format 0.0.4 for all others.
   */
  static String type(String accept) {
    return accept.contains("application/openmetrics-text") ? OPEN_METRICS : TEXT;
  }

  String scrape(String type) {
    StringBuilder text = new StringBuilder(registry.scrape(type));
    boolean ends = type.equals(OPEN_METRICS);
    if (ends) {
      text.setLength(text.lastIndexOf(END));
    }
    labelled.forEach(each -> each.write(text));
    return ends ? text.append(END).toString() : text.toString();
  }

  private void count(FinishReason reason) {
    Counter counter = finished.get(reason);
    if (counter != null) {
      counter.increment();
    }
  }

  private Counter counter(String name, String description) {
    return Counter.builder(name).description(description).tags(tags).register(registry);
  }

  private Timer timer(String name, String description) {
    return Timer.builder(name)
        .description(description)
        .tags(tags)
        .serviceLevelObjectives(latencies())
        .register(registry);
  }

  private static Duration[] latencies() {
    return Arrays.stream(LATENCIES)
        .mapToObj(seconds -> Duration.ofNanos(Math.round(seconds * 1e9)))
        .toArray(Duration[]::new);
  }

  private DistributionSummary summary(String name, String description) {
    return DistributionSummary.builder(name)
        .description(description)
        .tags(tags)
        .serviceLevelObjectives(COUNTS)
        .register(registry);
  }

  private void total(String name, String description, Supplier<Number> value) {
    // Of the object a meter keeps a weak reference only, of the function a strong one.
    FunctionCounter.builder(name, this, _ -> value.get().doubleValue())
        .description(description)
        .tags(tags)
        .register(registry);
  }

  private void gauge(String name, String description, Supplier<Number> value) {
    Gauge.builder(name, value).description(description).tags(tags).register(registry);
  }
}
