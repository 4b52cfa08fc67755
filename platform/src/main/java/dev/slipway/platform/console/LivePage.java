package dev.slipway.platform.console;

import dev.slipway.platform.server.Pages;
import dev.slipway.platform.server.ResponseBody;
import io.helidon.webserver.http.HttpRules;
import java.util.Set;

/**
 * The page at {@code /live}: requests, tokens, queue, cache and latencies of the last minutes,
 * drawn from {@code /metrics} by its own script. Where the service has keys it asks its reader for
 * one.
 */
public final class LivePage implements Pages {
  @Override
  public Set<String> paths() {
    return Set.of("/live", "/console/live.js", "/console/live.css");
  }

  @Override
  public void routing(HttpRules rules) {
    ResponseBody.read(rules, "/live", ConsolePage.file("live.html", "text/html; charset=utf-8"));
    ResponseBody.read(
        rules, "/console/live.js", ConsolePage.file("live.js", "text/javascript; charset=utf-8"));
    ResponseBody.read(
        rules, "/console/live.css", ConsolePage.file("live.css", "text/css; charset=utf-8"));
  }
}
