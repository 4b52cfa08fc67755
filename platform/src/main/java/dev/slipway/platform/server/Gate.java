package dev.slipway.platform.server;

import dev.slipway.platform.access.Allowance;
import dev.slipway.platform.access.Caller;
import dev.slipway.platform.access.Keyring;
import dev.slipway.platform.access.Limits;
import dev.slipway.platform.access.Scope;
import dev.slipway.platform.access.SessionKey;
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

  /** What ends in a file: no one stores anything there without a key. */
  private static final Set<String> STORED = Set.of("/v1/feedback");

  /** What changes which models there are, by vLLM's paths. */
  private static final Set<String> CHANGES =
      Set.of("/v1/load_lora_adapter", "/v1/unload_lora_adapter");

  private final @Nullable Keyring keys;
  private final @Nullable SessionKey session;
  private final Set<String> pages;
  private final String name;

  /**
   * @param keys null where everyone may ask who reaches the service
   * @param session opens what is stored where there are no keys; null where nothing is
   * @param pages paths of pages, style and scripts that are the same for everybody
   * @param name of the address that the service listens on
   */
  Gate(@Nullable Keyring keys, @Nullable SessionKey session, Set<String> pages, String name) {
    this.keys = keys;
    this.session = session;
    this.pages = pages;
    this.name = name;
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
    boolean changes =
        path.startsWith("/v1/admin/") || path.startsWith("/admin/") || CHANGES.contains(path);
    return changes ? Scope.ADMIN : Scope.INFER;
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
      requireOwnName(http);
      requireOwnOrigin(http, writes);
    }
    Caller caller =
        keys == null
            ? unknown(http, response)
            : scope == null ? Caller.LOCAL : known(http, keys, response);
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
    Optional<String> given = bearer(http);
    return given
        .flatMap(keys::caller)
        .orElseThrow(
            () ->
                unauthorized(
                    response,
                    given.isPresent()
                        ? "the API key is unknown, has expired or was revoked"
                        : http.headers().contains(HeaderNames.AUTHORIZATION)
                            ? "the Authorization header is of another kind, expected Bearer KEY"
                            : "no API key was sent, expected the header Authorization: Bearer KEY"));
  }

  /** Of a service without keys, where a key that nobody needs is no mistake. */
  private Caller unknown(RoutingRequest http, RoutingResponse response) {
    if (session == null) {
      return Caller.LOCAL;
    }
    Caller caller = bearer(http).map(session::caller).orElse(Caller.LOCAL);
    if (STORED.contains(http.path().path()) && !caller.equals(Caller.OWNER)) {
      throw unauthorized(
          response,
          "what is stored needs the key that the service told when it was started, as the header"
              + " Authorization: Bearer KEY");
    }
    return caller;
  }

  private static Optional<String> bearer(RoutingRequest http) {
    String given = http.headers().first(HeaderNames.AUTHORIZATION).orElse("");
    return given.regionMatches(true, 0, BEARER, 0, BEARER.length())
        ? Optional.of(given.substring(BEARER.length()).strip())
        : Optional.empty();
  }

  private static ApiProblem unauthorized(RoutingResponse response, String reason) {
    response.headers().set(HeaderNames.WWW_AUTHENTICATE, "Bearer realm=\"slipway\"");
    return ApiProblem.refused(401, null, "invalid_api_key", reason);
  }

  /**
   * A name of someone else's that points at this machine would make that one's page a page of this
   * service, to a browser (DNS rebinding): without keys only names are answered to that nobody else
   * can point here.
   */
  private void requireOwnName(RoutingRequest http) {
    String host = http.headers().first(HeaderNames.HOST).orElse("");
    if (!host.isEmpty() && !isOwnName(host)) {
      throw ApiProblem.refused(
          403,
          null,
          "host_forbidden",
          "this service has no keys and answers to localhost, not to '"
              + RequestFields.shown(host)
              + "'; start it with --keys to use other names");
    }
  }

  /**
   * Without keys a page of any site could have its reader's browser write to this machine: what a
   * browser sends carries the page's origin, which has to be this service's own.
   */
  private static void requireOwnOrigin(RoutingRequest http, boolean writes) {
    String origin = http.headers().first(HeaderNames.ORIGIN).orElse("");
    if (!writes || origin.isEmpty()) {
      return;
    }
    String host = http.headers().first(HeaderNames.HOST).orElse("");
    if (!origin.replaceFirst("^https?://", "").equals(host)) {
      throw ApiProblem.refused(
          403,
          null,
          "origin_forbidden",
          "a page of " + origin + " may not ask this service, which has no keys");
    }
  }

  private boolean isOwnName(String authority) {
    String host;
    try {
      host = URI.create("http://" + authority).getHost();
    } catch (IllegalArgumentException e) {
      return false;
    }
    return host != null
        && (host.equalsIgnoreCase("localhost")
            || host.equalsIgnoreCase(name)
            || host.startsWith("[")
            || host.matches("[0-9.]+"));
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
      int seconds = (int) Math.max(1, standing.waits().plusNanos(999_999_999).toSeconds());
      throw ApiProblem.limited(
          what,
          "the key '"
              + caller.name()
              + "' has used its "
              + (standing.ofTokens() ? limits.tokens() : limits.requests())
              + " "
              + what
              + " a minute; try again in "
              + seconds
              + " s",
          seconds);
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
