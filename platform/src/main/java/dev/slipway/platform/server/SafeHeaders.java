package dev.slipway.platform.server;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.ServerResponseHeaders;
import java.util.Map;

/**
 * What every answer says to browsers: take it for nothing else than it says it is, show it in no
 * frame, load nothing for it, keep no copy, tell nobody where it came from. Pages set their own
 * policy in its place. No header opens answers to pages of other origins, and none asks for HTTPS
 * on the whole host (HSTS), which may have other services.
 */
final class SafeHeaders {
  private static final Map<HeaderName, String> ALL =
      Map.of(
          HeaderNames.create("X-Content-Type-Options"),
          "nosniff",
          HeaderNames.create("X-Frame-Options"),
          "DENY",
          HeaderNames.create("Content-Security-Policy"),
          "default-src 'none'; frame-ancestors 'none'",
          HeaderNames.create("Referrer-Policy"),
          "no-referrer",
          HeaderNames.create("Cross-Origin-Resource-Policy"),
          "same-origin",
          HeaderNames.CACHE_CONTROL,
          "no-store");

  private SafeHeaders() {}

  static void set(ServerResponseHeaders headers, String requestId) {
    ALL.forEach(headers::set);
    headers.set(RequestIds.HEADER, requestId);
  }
}
