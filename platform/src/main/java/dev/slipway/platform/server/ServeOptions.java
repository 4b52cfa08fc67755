package dev.slipway.platform.server;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a model is served.
 *
 * @param host address to listen on; the default is for this machine alone
 * @param port 0 takes any free one
 * @param queue most continuations that wait while others run; more are refused with 429
 * @param queueTokens most tokens, of prompts and asked for, that wait
 * @param maxBodyBytes largest request body
 * @param maxChoices most continuations of one request: prompts times {@code n}
 * @param drain how long accepted requests may go on after the service was told to stop
 * @param safety what protects it
 * @param feedback file that takes what people think of answers; null takes nothing
 * @param traces where OpenTelemetry's traces go, by OTLP over HTTP; null for none
 */
public record ServeOptions(
    String host,
    int port,
    int queue,
    long queueTokens,
    int maxBodyBytes,
    int maxChoices,
    Duration drain,
    Safety safety,
    @Nullable Path feedback,
    @Nullable URI traces) {
  public static final ServeOptions DEFAULT =
      new ServeOptions(
          "127.0.0.1",
          8080,
          64,
          1 << 18,
          1 << 20,
          32,
          Duration.ofSeconds(30),
          Safety.NONE,
          null,
          null);

  public ServeOptions {
    require(port >= 0 && port <= 65_535, "port", port, "between 0 and 65535");
    require(queue >= 1, "queue", queue, "at least 1");
    require(queueTokens >= 1, "queue-tokens", queueTokens, "at least 1");
    require(maxBodyBytes >= 1, "max-body", maxBodyBytes, "at least 1");
    require(maxChoices >= 1 && maxChoices <= queue, "max-choices", maxChoices, "1 to the queue's");
    require(!drain.isNegative(), "drain", drain.toMillis(), "no less than 0");
  }

  public ServeOptions withHost(String newHost) {
    return new ServeOptions(
        newHost,
        port,
        queue,
        queueTokens,
        maxBodyBytes,
        maxChoices,
        drain,
        safety,
        feedback,
        traces);
  }

  public ServeOptions withPort(int newPort) {
    return new ServeOptions(
        host,
        newPort,
        queue,
        queueTokens,
        maxBodyBytes,
        maxChoices,
        drain,
        safety,
        feedback,
        traces);
  }

  public ServeOptions withQueue(int newQueue) {
    return new ServeOptions(
        host,
        port,
        newQueue,
        queueTokens,
        maxBodyBytes,
        Math.min(maxChoices, newQueue),
        drain,
        safety,
        feedback,
        traces);
  }

  public ServeOptions withQueueTokens(long newQueueTokens) {
    return new ServeOptions(
        host,
        port,
        queue,
        newQueueTokens,
        maxBodyBytes,
        maxChoices,
        drain,
        safety,
        feedback,
        traces);
  }

  public ServeOptions withMaxBodyBytes(int newMaxBodyBytes) {
    return new ServeOptions(
        host,
        port,
        queue,
        queueTokens,
        newMaxBodyBytes,
        maxChoices,
        drain,
        safety,
        feedback,
        traces);
  }

  public ServeOptions withDrain(Duration newDrain) {
    return new ServeOptions(
        host,
        port,
        queue,
        queueTokens,
        maxBodyBytes,
        maxChoices,
        newDrain,
        safety,
        feedback,
        traces);
  }

  public ServeOptions withSafety(Safety newSafety) {
    return new ServeOptions(
        host,
        port,
        queue,
        queueTokens,
        maxBodyBytes,
        maxChoices,
        drain,
        newSafety,
        feedback,
        traces);
  }

  public ServeOptions withFeedback(@Nullable Path newFeedback) {
    return new ServeOptions(
        host,
        port,
        queue,
        queueTokens,
        maxBodyBytes,
        maxChoices,
        drain,
        safety,
        newFeedback,
        traces);
  }

  public ServeOptions withTraces(@Nullable URI newTraces) {
    return new ServeOptions(
        host,
        port,
        queue,
        queueTokens,
        maxBodyBytes,
        maxChoices,
        drain,
        safety,
        feedback,
        newTraces);
  }

  private static void require(boolean holds, String name, long value, String expected) {
    if (!holds) {
      throw new SlipwayException(
          Exit.USAGE,
          "serve.option",
          "--" + name + " is " + value + ", expected " + expected,
          "give another value");
    }
  }
}
