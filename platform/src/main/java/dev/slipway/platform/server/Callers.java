package dev.slipway.platform.server;

import dev.slipway.platform.access.Caller;
import dev.slipway.platform.access.Scope;
import io.helidon.webserver.http.ServerRequest;

/** Who sent a request, for its handler. */
final class Callers {
  private Callers() {}

  /** Who was let in with this request. */
  static Caller of(ServerRequest http) {
    return http.context()
        .get(Caller.class)
        .orElseThrow(() -> new IllegalStateException("a request that nobody let in"));
  }

  /**
   * @throws ApiProblem 403 unless the caller may do this
   */
  static Caller require(ServerRequest http, Scope scope) {
    Caller caller = of(http);
    if (!caller.may(scope)) {
      throw ApiProblem.refused(
          403,
          null,
          "insufficient_permissions",
          caller.name().isEmpty()
              ? "this needs a key with the scope '"
                  + scope.word()
                  + "', and the service was started without --keys"
              : "the key '" + caller.name() + "' lacks the scope '" + scope.word() + "'");
    }
    return caller;
  }
}
