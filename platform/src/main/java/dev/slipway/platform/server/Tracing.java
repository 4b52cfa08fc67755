package dev.slipway.platform.server;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.TracerProvider;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * OpenTelemetry's traces of requests: the request, its time in the queue, its prompt's computation
 * (prefill) and its answer's (decode), sent by OTLP over HTTP. A caller's {@code traceparent} (W3C
 * Trace Context) is gone on with, its decision whether to record included. A collector that is slow
 * or gone costs its spans and nothing else.
 */
final class Tracing implements AutoCloseable {
  private static final AttributeKey<String> METHOD = AttributeKey.stringKey("http.request.method");
  private static final AttributeKey<String> PATH = AttributeKey.stringKey("url.path");
  private static final AttributeKey<Long> STATUS =
      AttributeKey.longKey("http.response.status_code");
  private static final AttributeKey<String> MODEL = AttributeKey.stringKey("gen_ai.request.model");
  private static final AttributeKey<Long> INPUT = AttributeKey.longKey("gen_ai.usage.input_tokens");
  private static final AttributeKey<Long> OUTPUT =
      AttributeKey.longKey("gen_ai.usage.output_tokens");
  private static final AttributeKey<String> REQUEST = AttributeKey.stringKey("slipway.request_id");
  private static final AttributeKey<Long> CHOICE = AttributeKey.longKey("slipway.choice");
  private static final Duration LAST_SEND = Duration.ofSeconds(3);
  private static final Duration PERIOD = Duration.ofSeconds(1);

  private final @Nullable SdkTracerProvider provider;
  private final Tracer tracer;

  private Tracing(@Nullable SdkTracerProvider provider) {
    this.provider = provider;
    this.tracer =
        provider == null
            ? TracerProvider.noop().get("slipway")
            : provider.get("dev.slipway.server");
  }

  /**
   * @param collector where OTLP over HTTP is taken, without {@code /v1/traces}; null for no traces
   */
  static Tracing to(@Nullable URI collector) {
    if (collector == null) {
      return new Tracing(null);
    }
    String base = collector.toString().replaceFirst("/+$", "");
    return new Tracing(
        SdkTracerProvider.builder()
            .setResource(
                Resource.getDefault()
                    .merge(
                        Resource.create(
                            Attributes.of(AttributeKey.stringKey("service.name"), "slipway"))))
            .setSampler(Sampler.parentBased(Sampler.alwaysOn()))
            .addSpanProcessor(
                BatchSpanProcessor.builder(
                        OtlpHttpSpanExporter.builder().setEndpoint(base + "/v1/traces").build())
                    .setScheduleDelay(PERIOD)
                    .build())
            .build());
  }

  private enum Headers implements TextMapGetter<ServerRequest> {
    GETTER;

    @Override
    public Iterable<String> keys(ServerRequest http) {
      return List.of("traceparent", "tracestate");
    }

    @Override
    public @Nullable String get(@Nullable ServerRequest http, String key) {
      return http == null ? null : http.headers().first(HeaderNames.create(key)).orElse(null);
    }
  }

  /** Begins the span of a request. */
  Request begin(ServerRequest http, String path, String requestId) {
    Context parent =
        W3CTraceContextPropagator.getInstance().extract(Context.root(), http, Headers.GETTER);
    String method = http.prologue().method().text();
    Span span =
        tracer
            .spanBuilder(method + " " + path)
            .setParent(parent)
            .setSpanKind(SpanKind.SERVER)
            .setAttribute(METHOD, method)
            .setAttribute(PATH, path)
            .setAttribute(REQUEST, requestId)
            .startSpan();
    return new Request(tracer, span, parent.with(span));
  }

  /** The span of one request, and of what is done for it. */
  static final class Request {
    /** Of what is not traced. */
    static final Request NONE =
        new Request(TracerProvider.noop().get("slipway"), Span.getInvalid(), Context.root());

    private final Tracer tracer;
    private final Span span;
    private final Context context;
    private final long nanos = System.nanoTime();
    private final long epoch = TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis());

    private Request(Tracer tracer, Span span, Context context) {
      this.tracer = tracer;
      this.span = span;
      this.context = context;
    }

    /** The trace that an exemplar names: a recorded one; else null. */
    @Nullable SpanContext exemplar() {
      SpanContext own = span.getSpanContext();
      return own.isValid() && own.isSampled() ? own : null;
    }

    /**
     * Something that was done for it.
     *
     * @param begin by {@link System#nanoTime}
     */
    void step(String name, int choice, long begin, long end) {
      if (span.isRecording()) {
        tracer
            .spanBuilder(name)
            .setParent(context)
            .setStartTimestamp(epoch + begin - nanos, TimeUnit.NANOSECONDS)
            .setAttribute(CHOICE, (long) choice)
            .startSpan()
            .end(epoch + end - nanos, TimeUnit.NANOSECONDS);
      }
    }

    void end(Exchange exchange, int status) {
      if (exchange.model() != null) {
        span.setAttribute(MODEL, exchange.model());
        span.setAttribute(INPUT, exchange.promptTokens());
        span.setAttribute(OUTPUT, exchange.completionTokens());
      }
      span.setAttribute(STATUS, (long) status);
      if (status >= 500) {
        span.setStatus(StatusCode.ERROR, String.format(Locale.ROOT, "answered %d", status));
      }
      span.end();
    }
  }

  /** Sends what is left, within a few seconds. */
  @Override
  public void close() {
    if (provider != null) {
      provider.shutdown().join(LAST_SEND.toSeconds(), TimeUnit.SECONDS);
    }
  }
}
