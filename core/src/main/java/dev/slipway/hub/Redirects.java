package dev.slipway.hub;

import java.net.URI;
import java.net.http.HttpResponse;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Where an answer sends on to. */
final class Redirects {
  private static final Set<Integer> STATUSES = Set.of(301, 302, 303, 307, 308);

  private Redirects() {}

  /** The address, or null where the answer is no redirect, or one from https to plain http. */
  static @Nullable URI target(HttpResponse<?> response, URI from) {
    if (!STATUSES.contains(response.statusCode())) {
      return null;
    }
    String location = response.headers().firstValue("Location").orElse("");
    URI to;
    try {
      to = from.resolve(location);
    } catch (IllegalArgumentException _) {
      return null; // no address at all: the status is told as it is
    }
    boolean less = "https".equals(from.getScheme()) && !"https".equals(to.getScheme());
    return location.isEmpty() || less || to.getHost() == null ? null : to;
  }

  static boolean sameHost(URI a, URI b) {
    return Objects.equals(a.getHost(), b.getHost())
        && a.getPort() == b.getPort()
        && Objects.equals(a.getScheme(), b.getScheme());
  }
}
