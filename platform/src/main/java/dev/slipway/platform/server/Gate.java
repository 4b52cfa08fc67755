package dev.slipway.platform.server;

import dev.slipway.platform.access.Allowance;
import dev.slipway.platform.access.Caller;
import dev.slipway.platform.access.Keyring;
import dev.slipway.platform.access.Limits;
import dev.slipway.platform.access.Scope;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Lets requests in, each as its {@link Caller}, or refuses them: without a key 401, with one that
 * may not do this 403, over its limits 429. What no rule opens stays shut.
 */
final class Gate {
  private static final String BEARER = "Bearer ";

  /** What tells whether the service is there, and holds nothing of anyone's. */
  private static final Set<String> OPEN = Set.of("/health", "/ready");

  private final @Nullable Keyring keys;
  private final Set<String> pages;

  /**
   * @param keys null where everyone is let in who reaches the service
   * @param pages paths of pages, style and scripts that are the same for everybody
   */
  Gate(@Nullable Keyring keys, Set<String> pages) {
    this.keys = keys;
    this.pages = pages;
  }

  /** What a path asks for; null for nothing. */
  private @Nullable Scope scope(String method, String path) {
    boolean reads = method.equals("GET") || method.equals("HEAD");
    if (reads && (OPEN.contains(path) || pages.contains(path))) {
      return null;
    }
    if (path.equals("/metrics") || path.startsWith("/metrics/")) {
      return Scope.METRICS;
    }
    return path.startsWith("/v1/admin/") || path.startsWith("/admin/") ? Scope.ADMIN : Scope.INFER;
  }

  /** Whether the audit log is told of it: all that asks the model or changes the service. */
  boolean isTold(RoutingRequest http) {
    Scope scope = scope(http.prologue().method().text(), http.path().path());
    return scope == Scope.INFER || scope == Scope.ADMIN;
  }

  /**
   * @throws ApiProblem 401, 403 or 429
   */
  Caller admit(RoutingRequest http, RoutingResponse response) {
    String method = http.prologue().method().text();
    Scope scope = scope(method, http.path().path());
    boolean writes = method.equals("POST") || method.equals("PUT") || method.equals("DELETE");
    if (keys == null) {
      requireOwnOrigin(http, writes);
    }
    Caller caller = keys == null || scope == null ? Caller.LOCAL : known(http, keys, response);
    http.context().register(caller);
    if (scope != null) {
      Callers.require(http, scope);
    }
    if (writes && scope == Scope.INFER) {
      take(caller, response);
    }
    return caller;
  }

  private static Caller known(RoutingRequest http, Keyring keys, RoutingResponse response) {
    String given = http.headers().first(HeaderNames.AUTHORIZATION).orElse("");
    boolean bearer = given.regionMatches(true, 0, BEARER, 0, BEARER.length());
    return (bearer
            ? keys.caller(given.substring(BEARER.length()).strip())
            : Optional.<Caller>empty())
        .orElseThrow(
            () -> {
              response.headers().set(HeaderNames.WWW_AUTHENTICATE, "Bearer realm=\"slipway\"");
              return ApiProblem.refused(
                  401,
                  null,
                  "invalid_api_key",
                  given.isEmpty()
                      ? "no API key was sent, expected the header Authorization: Bearer KEY"
                      : bearer
                          ? "the API key is unknown, has expired or was revoked"
                          : "the Authorization header is of another kind, expected Bearer KEY");
            });
  }

  /**
   * Without keys a page of any site could have its reader's browser write to this machine: what a
   * browser sends carries the page's origin, which has to be this service's own, by a name that
   * nobody else can point here.
   */
  private static void requireOwnOrigin(RoutingRequest http, boolean writes) {
    String origin = http.headers().first(HeaderNames.ORIGIN).orElse("");
    if (!writes || origin.isEmpty()) {
      return;
    }
    String host = http.headers().first(HeaderNames.HOST).orElse("");
    if (!origin.replaceFirst("^https?://", "").equals(host) || !isOwnName(host)) {
      throw ApiProblem.refused(
          403,
          null,
          "origin_forbidden",
          "a page of " + origin + " may not ask this service, which has no keys");
    }
  }

  private static boolean isOwnName(String authority) {
    String host;
    try {
      host = URI.create("http://" + authority).getHost();
    } catch (IllegalArgumentException e) {
      return false;
    }
    return host != null
        && (host.equals("localhost") || host.startsWith("[") || host.matches("[0-9.]+"));
  }

  private static void take(Caller caller, RoutingResponse response) {
    Allowance.Standing standing = caller.allowance().takeRequest();
    Limits limits = standing.limits();
    if (limits.requests() > 0) {
      tell(response, "requests", limits.requests(), standing.remainingRequests());
      header(response, "reset-requests", words(standing.requestsReset()));
    }
    if (limits.tokens() > 0) {
      tell(response, "tokens", limits.tokens(), standing.remainingTokens());
      header(response, "reset-tokens", words(standing.tokensReset()));
    }
    if (!standing.waits().isZero()) {
      String what = standing.ofTokens() ? "tokens" : "requests";
      throw ApiProblem.limited(
          what,
          "the key '"
              + caller.name()
              + "' has used its "
              + (standing.ofTokens() ? limits.tokens() : limits.requests())
              + " "
              + what
              + " a minute; try again in "
              + words(standing.waits()),
          (int) Math.max(1, standing.waits().plusNanos(999_999_999).toSeconds()));
    }
  }

  private static void tell(RoutingResponse response, String what, long limit, long remaining) {
    header(response, "limit-" + what, String.valueOf(limit));
    header(response, "remaining-" + what, String.valueOf(remaining));
  }

  private static void header(RoutingResponse response, String name, String value) {
    HeaderName full = HeaderNames.create("x-ratelimit-" + name);
    response.headers().set(full, value);
  }

  /** As OpenAI's headers have it: {@code 6m0s}, {@code 1.5s}, {@code 20ms}. */
  static String words(Duration time) {
    if (time.compareTo(Duration.ofSeconds(1)) < 0) {
      return (time.toNanos() + 999_999) / 1_000_000 + "ms";
    }
    long minutes = time.toMinutes();
    double seconds = (time.toMillis() - minutes * 60_000) / 1e3;
    String rest = String.format(Locale.ROOT, "%.3f", seconds).replaceFirst("\\.?0+$", "") + "s";
    return minutes == 0 ? rest : minutes + "m" + rest;
  }
}
