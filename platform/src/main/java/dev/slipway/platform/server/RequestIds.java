package dev.slipway.platform.server;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Headers;
import java.util.UUID;
import java.util.regex.Pattern;

/** The name of a request in its answer, in the log and in traces. */
final class RequestIds {
  static final HeaderName HEADER = HeaderNames.create("X-Request-Id");

  /** What can't break a line of a log, nor a header. */
  private static final Pattern FIT = Pattern.compile("[A-Za-z0-9._:/+=-]{1,128}");

  private RequestIds() {}

  /** The client's own where it sends a fit one; else a new one. */
  static String of(Headers sent) {
    String given = sent.first(HEADER).orElse("");
    return FIT.matcher(given).matches() ? given : "req-" + UUID.randomUUID();
  }
}
