package dev.slipway.platform.access;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * What is left of a key's {@link Limits}: two buckets that fill up evenly and hold what comes in a
 * minute. Requests are taken as they come. Tokens are counted as they are used, so that a bucket
 * may run into debt by what is being answered just then; who owes waits until it is paid back. Not
 * taken: to reserve {@code max_tokens} beforehand, which would turn away requests for answers that
 * never get so long. Counts with a clock that only goes forward.
 */
public final class Allowance {
  private static final double MINUTE = 60e9;

  private final Limits limits;
  private final LongSupplier nanos;
  private double requests;
  private double tokens;
  private long filled;

  Allowance(Limits limits, LongSupplier nanos) {
    this.limits = limits;
    this.nanos = nanos;
    requests = limits.requests();
    tokens = limits.tokens();
    filled = nanos.getAsLong();
  }

  /**
   * How a key stands.
   *
   * @param waits how long until a request is taken; zero when it was
   * @param ofTokens whether tokens are what lacks
   * @param remainingRequests 0 where they are not limited, like the next
   * @param requestsReset until the bucket is full again
   */
  public record Standing(
      Limits limits,
      Duration waits,
      boolean ofTokens,
      long remainingRequests,
      long remainingTokens,
      Duration requestsReset,
      Duration tokensReset) {}

  Limits limits() {
    return limits;
  }

  /** Takes a request, where one may be taken. */
  public synchronized Standing takeRequest() {
    fill();
    double lacking =
        limits.requests() > 0 && requests < 1 ? (1 - requests) / limits.requests() * MINUTE : 0;
    double owing = limits.tokens() > 0 && tokens < 1 ? (1 - tokens) / limits.tokens() * MINUTE : 0;
    double waits = Math.max(lacking, owing);
    if (waits == 0 && limits.requests() > 0) {
      requests -= 1;
    }
    return new Standing(
        limits,
        Duration.ofNanos((long) Math.ceil(waits)),
        owing > lacking,
        (long) Math.max(0, requests),
        (long) Math.max(0, tokens),
        untilFull(limits.requests(), requests),
        untilFull(limits.tokens(), tokens));
  }

  /** So many tokens were used. */
  public synchronized void spend(long count) {
    if (limits.tokens() > 0) {
      fill();
      tokens -= count;
    }
  }

  private void fill() {
    long now = nanos.getAsLong();
    double minutes = (now - filled) / MINUTE;
    filled = now;
    requests = Math.min(limits.requests(), requests + minutes * limits.requests());
    tokens = Math.min(limits.tokens(), tokens + minutes * limits.tokens());
  }

  private static Duration untilFull(long limit, double level) {
    return limit == 0
        ? Duration.ZERO
        : Duration.ofNanos((long) Math.ceil((limit - level) / limit * MINUTE));
  }
}
