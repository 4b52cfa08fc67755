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
 * @param queue what may wait while others run
 * @param maxBodyBytes largest request body
 * @param drain how long accepted requests may go on after the service was told to stop
 * @param safety what protects it
 * @param feedback file that takes what people think of answers; null takes nothing
 * @param traces where OpenTelemetry's traces go, by OTLP over HTTP; null for none
 */
public record ServeOptions(
    String host,
    int port,
    Queue queue,
    int maxBodyBytes,
    Duration drain,
    Safety safety,
    @Nullable Path feedback,
    @Nullable URI traces) {
  public static final ServeOptions DEFAULT =
      new ServeOptions(
          "127.0.0.1",
          8080,
          new Queue(64, 1 << 18, 32),
          1 << 20,
          Duration.ofSeconds(30),
          Safety.NONE,
          null,
          null);

  /**
   * @param continuations most that wait; more are refused with 429
   * @param tokens most, of prompts and asked for, that wait
   * @param choices most continuations of one request: prompts times {@code n}
   */
  public record Queue(int continuations, long tokens, int choices) {
    public Queue {
      require(continuations >= 1, "queue", continuations, "at least 1");
      require(tokens >= 1, "queue-tokens", tokens, "at least 1");
      require(choices >= 1 && choices <= continuations, "max-choices", choices, "1 to the queue's");
    }

    /** A shorter queue takes no longer requests than itself. */
    Queue withContinuations(int value) {
      return new Queue(value, tokens, Math.min(choices, value));
    }
  }

  public ServeOptions {
    require(port >= 0 && port <= 65_535, "port", port, "between 0 and 65535");
    require(maxBodyBytes >= 1, "max-body", maxBodyBytes, "at least 1");
    require(!drain.isNegative(), "drain", drain.toMillis(), "no less than 0");
  }

  public ServeOptions withHost(String value) {
    return new ServeOptions(value, port, queue, maxBodyBytes, drain, safety, feedback, traces);
  }

  public ServeOptions withPort(int value) {
    return new ServeOptions(host, value, queue, maxBodyBytes, drain, safety, feedback, traces);
  }

  /**
   * @param continuations most that wait
   */
  public ServeOptions withQueue(int continuations) {
    Queue value = queue.withContinuations(continuations);
    return new ServeOptions(host, port, value, maxBodyBytes, drain, safety, feedback, traces);
  }

  public ServeOptions withMaxBodyBytes(int value) {
    return new ServeOptions(host, port, queue, value, drain, safety, feedback, traces);
  }

  public ServeOptions withDrain(Duration value) {
    return new ServeOptions(host, port, queue, maxBodyBytes, value, safety, feedback, traces);
  }

  public ServeOptions withSafety(Safety value) {
    return new ServeOptions(host, port, queue, maxBodyBytes, drain, value, feedback, traces);
  }

  public ServeOptions withFeedback(@Nullable Path value) {
    return new ServeOptions(host, port, queue, maxBodyBytes, drain, safety, value, traces);
  }

  public ServeOptions withTraces(@Nullable URI value) {
    return new ServeOptions(host, port, queue, maxBodyBytes, drain, safety, feedback, value);
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
