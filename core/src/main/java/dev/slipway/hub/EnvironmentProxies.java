package dev.slipway.hub;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Proxies by the variables that curl and Python follow: {@code https_proxy}, {@code http_proxy},
 * {@code all_proxy} and {@code no_proxy}, in small or capital letters. Where none is set it is the
 * JVM's own setting.
 */
final class EnvironmentProxies extends ProxySelector {
  private final Map<String, Proxy> proxies = new HashMap<>();
  private final @Nullable Proxy all;
  private final List<String> excepted;
  private final @Nullable ProxySelector otherwise;

  /**
   * @param otherwise asked where no variable names a proxy
   * @throws dev.slipway.base.SlipwayException {@code hub.bad-proxy}
   */
  EnvironmentProxies(
      UnaryOperator<@Nullable String> environment, @Nullable ProxySelector otherwise) {
    this.otherwise = otherwise;
    for (String scheme : List.of("https", "http")) {
      String address = set(environment, scheme + "_proxy");
      if (address != null) {
        proxies.put(scheme, proxy(address));
      }
    }
    String address = set(environment, "all_proxy");
    all = address == null ? null : proxy(address);
    excepted =
        Arrays.stream(
                Objects.requireNonNullElse(set(environment, "no_proxy"), "")
                    .toLowerCase(Locale.ROOT)
                    .split(","))
            .map(each -> each.strip().replaceFirst("^\\*?\\.", ""))
            .filter(each -> !each.isEmpty())
            .toList();
  }

  private static @Nullable String set(UnaryOperator<@Nullable String> environment, String name) {
    String small = environment.apply(name);
    String value = small == null ? environment.apply(name.toUpperCase(Locale.ROOT)) : small;
    return value == null || value.isBlank() ? null : value.strip();
  }

  @Override
  public List<Proxy> select(URI uri) {
    String host = Objects.requireNonNullElse(uri.getHost(), "").toLowerCase(Locale.ROOT);
    String scheme = Objects.requireNonNullElse(uri.getScheme(), "").toLowerCase(Locale.ROOT);
    Proxy own = proxies.get(scheme);
    Proxy proxy = own == null ? all : own;
    if (proxy == null) {
      return otherwise == null ? List.of(Proxy.NO_PROXY) : otherwise.select(uri);
    }
    boolean direct =
        excepted.stream()
            .anyMatch(each -> each.equals("*") || host.equals(each) || host.endsWith("." + each));
    return List.of(direct ? Proxy.NO_PROXY : proxy);
  }

  private static Proxy proxy(String address) {
    URI uri;
    try {
      uri = URI.create(address.contains("://") ? address : "http://" + address);
    } catch (IllegalArgumentException _) {
      throw HubProblems.badProxy(address);
    }
    boolean plain = "http".equals(uri.getScheme()) && uri.getUserInfo() == null;
    if (!plain || uri.getHost() == null) {
      // What is shown has no password in it.
      throw HubProblems.badProxy(address.replaceFirst("//.*@", "//…@"));
    }
    return new Proxy(
        Proxy.Type.HTTP,
        InetSocketAddress.createUnresolved(uri.getHost(), uri.getPort() < 0 ? 80 : uri.getPort()));
  }

  @Override
  public void connectFailed(URI uri, SocketAddress address, IOException problem) {
    // The download itself tells it, and tries again.
  }
}
