package dev.slipway.platform.server;

import io.helidon.webserver.http.HttpService;
import java.util.Set;

/** Pages, their style and scripts: the same for everybody, so that they need no key. */
public interface Pages extends HttpService {
  /** The paths that it answers. All others of a service need a key. */
  Set<String> paths();
}
