package dev.slipway.platform.console;

import dev.slipway.platform.server.Pages;
import dev.slipway.platform.server.ResponseBody;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRules;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * The console at {@code /}, where a text is continued, and {@code /chat}, where one talks with the
 * model: two pages with their styles and scripts, all from the jar, nothing from elsewhere, which
 * their content security policy makes sure of.
 */
public final class ConsolePage implements Pages {
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
          + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  @Override
  public Set<String> paths() {
    return Set.of(
        "/",
        "/chat",
        "/console/console.css",
        "/console/chat.css",
        "/console/service.js",
        "/console/console.js",
        "/console/chat.js",
        "/favicon.svg");
  }

  @Override
  public void routing(HttpRules rules) {
    ResponseBody.read(rules, "/", file("index.html", "text/html; charset=utf-8"));
    ResponseBody.read(rules, "/chat", file("chat.html", "text/html; charset=utf-8"));
    ResponseBody.read(rules, "/console/chat.css", file("chat.css", "text/css; charset=utf-8"));
    ResponseBody.read(
        rules, "/console/service.js", file("service.js", "text/javascript; charset=utf-8"));
    ResponseBody.read(rules, "/console/chat.js", file("chat.js", "text/javascript; charset=utf-8"));
    ResponseBody.read(
        rules, "/console/console.css", file("console.css", "text/css; charset=utf-8"));
    ResponseBody.read(
        rules, "/console/console.js", file("console.js", "text/javascript; charset=utf-8"));
    ResponseBody.read(rules, "/favicon.svg", file("favicon.svg", "image/svg+xml"));
  }

  static Handler file(String name, String type) {
    return file(name, type, UnaryOperator.identity());
  }

  /**
   * @param shown what becomes of its text
   */
  static Handler file(String name, String type, UnaryOperator<String> shown) {
    byte[] bytes =
        shown
            .apply(new String(read(name), StandardCharsets.UTF_8))
            .getBytes(StandardCharsets.UTF_8);
    return (request, response) -> {
      response.headers().set(HeaderNames.CONTENT_TYPE, type);
      response.headers().set(HeaderNames.CACHE_CONTROL, "no-cache");
      response.headers().set(HeaderNames.create("Content-Security-Policy"), POLICY);
      response.headers().set(HeaderNames.create("X-Content-Type-Options"), "nosniff");
      response.headers().set(HeaderNames.create("X-Frame-Options"), "DENY");
      response.headers().set(HeaderNames.create("Referrer-Policy"), "no-referrer");
      response.headers().set(HeaderNames.create("Cross-Origin-Opener-Policy"), "same-origin");
      ResponseBody.send(request, response, bytes);
    };
  }

  private static byte[] read(String name) {
    try (InputStream in = ConsolePage.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("the jar lacks the console's " + name);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
