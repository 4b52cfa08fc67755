package dev.slipway.platform.server;

import io.prometheus.metrics.tracer.common.SpanContext;
import org.jspecify.annotations.Nullable;

/**
 * The trace that a measurement belongs to, for the metrics' exemplars. One thread measures for one
 * request after the other, so that it is said which one with each measurement.
 */
final class Exemplars implements SpanContext {
  private final ThreadLocal<io.opentelemetry.api.trace.@Nullable SpanContext> current =
      new ThreadLocal<>();

  /** Measures something of a request. */
  void of(Tracing.Request trace, Runnable measurement) {
    io.opentelemetry.api.trace.SpanContext exemplar = trace.exemplar();
    if (exemplar == null) {
      measurement.run();
      return;
    }
    current.set(exemplar);
    try {
      measurement.run();
    } finally {
      current.remove();
    }
  }

  @Override
  public @Nullable String getCurrentTraceId() {
    io.opentelemetry.api.trace.SpanContext context = current.get();
    return context == null ? null : context.getTraceId();
  }

  @Override
  public @Nullable String getCurrentSpanId() {
    io.opentelemetry.api.trace.SpanContext context = current.get();
    return context == null ? null : context.getSpanId();
  }

  @Override
  public boolean isCurrentSpanSampled() {
    return current.get() != null;
  }

  @Override
  public void markCurrentSpanAsExemplar() {
    // Spans need no mark: an exemplar names a trace that is recorded as a whole.
  }
}
