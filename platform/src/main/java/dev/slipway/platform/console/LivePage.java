package dev.slipway.platform.console;

import dev.slipway.platform.server.Pages;
import dev.slipway.platform.server.ResponseBody;
import io.helidon.webserver.http.HttpRules;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * The page at {@code /live}: requests, tokens, queue, cache and latencies of the last minutes,
 * drawn from {@code /metrics} by its own script. Where the service has keys it asks its reader for
 * one.
 */
public final class LivePage implements Pages {
  private final boolean besideConsole;

  /**
   * @param besideConsole whether the same service has the console's pages, to which it then leads
   */
  public LivePage(boolean besideConsole) {
    this.besideConsole = besideConsole;
  }

  @Override
  public Set<String> paths() {
    return Set.of("/live", "/console/live.js", "/console/live.css", "/console/favicon.svg");
  }

  @Override
  public void routing(HttpRules rules) {
    UnaryOperator<String> shown =
        besideConsole ? UnaryOperator.identity() : page -> page.replaceFirst(" *<nav .*\n", "");
    ResponseBody.read(
        rules, "/live", ConsolePage.file("live.html", "text/html; charset=utf-8", shown));
    ResponseBody.read(
        rules, "/console/favicon.svg", ConsolePage.file("favicon.svg", "image/svg+xml"));
    ResponseBody.read(
        rules, "/console/live.js", ConsolePage.file("live.js", "text/javascript; charset=utf-8"));
    ResponseBody.read(
        rules, "/console/live.css", ConsolePage.file("live.css", "text/css; charset=utf-8"));
  }
}
