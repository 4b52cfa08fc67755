package dev.slipway.platform.server;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/** Whether a service can, and may, listen where it is told to. */
final class ListenAddress {
  private ListenAddress() {}

  /**
   * To other machines only with keys, and with TLS unless it was said that none is wanted.
   *
   * @throws SlipwayException {@code serve.needs-keys}, {@code serve.needs-tls}
   */
  static void requireSafe(ServeOptions options) {
    if (isLoopback(options)) {
      return;
    }
    Safety safety = options.safety();
    if (safety.keys() == null) {
      throw new SlipwayException(
          Exit.USAGE,
          "serve.needs-keys",
          options.host() + " is reached by other machines, and without keys anyone could ask",
          "make a key with `slipway keys create NAME` and give its file with --keys, or listen on"
              + " 127.0.0.1");
    }
    if (safety.tls() == null && !safety.plain()) {
      throw new SlipwayException(
          Exit.USAGE,
          "serve.needs-tls",
          options.host()
              + " is reached by other machines, and without TLS keys and texts could be read on"
              + " their way",
          "give --tls-cert and --tls-key, or put --no-tls where something before the service does"
              + " TLS");
    }
  }

  private static boolean isLoopback(ServeOptions options) {
    try {
      for (InetAddress address : InetAddress.getAllByName(options.host())) {
        if (!address.isLoopbackAddress()) {
          return false;
        }
      }
      return true;
    } catch (UnknownHostException e) {
      throw noSuchAddress(options, e);
    }
  }

  /** Helidon only logs that it can't listen: try before it, to tell why. */
  static void requireFree(ServeOptions options) {
    String place = options.host() + ":" + options.port();
    InetSocketAddress address = new InetSocketAddress(options.host(), options.port());
    if (address.isUnresolved()) {
      throw noSuchAddress(options, null);
    }
    try (ServerSocket probe = new ServerSocket()) {
      probe.bind(address);
    } catch (BindException e) {
      String message = String.valueOf(e.getMessage());
      if (message.contains("Permission denied")) {
        throw new SlipwayException(
            Exit.RESOURCE,
            "serve.port-forbidden",
            "no permission to listen on " + place,
            "choose a port above 1023 with --port",
            e);
      }
      if (message.contains("Cannot assign")) {
        throw noSuchAddress(options, e);
      }
      throw new SlipwayException(
          Exit.RESOURCE,
          "serve.port-in-use",
          "another program listens on " + place + " already",
          "stop it, or choose another port with --port "
              + (options.port() % 65_535 + 1)
              + " (--port 0 takes any free one)",
          e);
    } catch (IOException e) {
      throw new SlipwayException(
          Exit.RESOURCE,
          "serve.not-listening",
          "can't listen on " + place + " (" + e.getMessage() + ")",
          "choose another --host or --port",
          e);
    }
  }

  private static SlipwayException noSuchAddress(ServeOptions options, @Nullable Throwable e) {
    return new SlipwayException(
        Exit.USAGE,
        "serve.no-such-address",
        "this machine has no address " + options.host(),
        "choose --host 127.0.0.1 for this machine alone, or 0.0.0.0 for all that reach it",
        e);
  }
}
