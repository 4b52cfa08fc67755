package dev.slipway.platform.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.slipway.platform.access.KeyFile;
import dev.slipway.platform.access.Limits;
import dev.slipway.platform.access.Scope;
import dev.slipway.platform.server.FakeEngine;
import dev.slipway.platform.server.ModelServer;
import dev.slipway.platform.server.Safety;
import dev.slipway.platform.server.ServeOptions;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class LivePageTest {
  @TempDir Path folder;

  @Test
  void itLeadsToTheOtherPagesWhereThereAreSome() throws Exception {
    for (boolean console : List.of(true, false)) {
      try (ModelServer server =
              ModelServer.start(
                  ServeOptions.DEFAULT.withPort(0),
                  "toy",
                  () -> new FakeEngine(null, "return a;"),
                  List.of(new LivePage(console)));
          HttpClient client = HttpClient.newHttpClient()) {
        String page = get(client, server, "/live").body();
        assertThat(page.contains("<a href=\"/chat\">")).isEqualTo(console);
        assertThat(page).contains("<main>");
        assertThat(get(client, server, "/console/favicon.svg").statusCode()).isEqualTo(200);
      }
    }
  }

  private static HttpResponse<String> get(HttpClient client, ModelServer server, String path)
      throws Exception {
    return client.send(
        HttpRequest.newBuilder(server.address().resolve(path)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void whatHappensIsDrawnForWhoeverHasTheKey() throws Exception {
    Optional<Path> chromium = Browser.find();
    assumeTrue(
        chromium.isPresent(),
        "skipped: there is no Chromium on the PATH; SLIPWAY_CHROMIUM names one elsewhere");
    Path file = folder.resolve("keys.json");
    String key =
        new KeyFile(file)
            .create("ann", List.of(Scope.INFER, Scope.METRICS), Instant.now(), null, Limits.NONE)
            .secret();
    try (ModelServer server =
            ModelServer.start(
                ServeOptions.DEFAULT.withPort(0).withSafety(Safety.NONE.withKeys(file)),
                "toy",
                () -> new FakeEngine(null, "return a;"),
                List.of(new LivePage(true), new ConsolePage()));
        HttpClient client = HttpClient.newHttpClient();
        Browser browser = Browser.start(chromium.get(), folder)) {
      server.awaitReady();
      browser.size(1280, 860);
      browser.theme("light");
      browser.open(server.address().resolve("/live"));
      browser.until("document.getElementById('state').textContent === 'needs a key'");
      ChatPageTest.everywhere(browser, "live-key");
      String font = "getComputedStyle(document.querySelector('%s')).fontFamily";
      assertThat(browser.value(font.formatted("#ask button")))
          .isEqualTo(browser.value(font.formatted("body")));
      browser.value("document.getElementById('key').value = '" + key + "'");
      browser.value("document.querySelector('#ask button').click()");
      browser.until("document.getElementById('failed').textContent === '0'");
      for (int i = 0; i < 5; i++) {
        client.send(
            HttpRequest.newBuilder(server.address().resolve("/v1/completions"))
                .header("Authorization", "Bearer " + key)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"prompt\": \"a\", \"max_tokens\": 9}"))
                .build(),
            HttpResponse.BodyHandlers.discarding());
      }
      // Both lines of a chart have a point with a value, and the legend tells it.
      browser.until("/median .*s/.test(document.querySelector('#first figcaption').textContent)");
      browser.until("document.querySelector('#tokens .s0').getAttribute('d').includes('L')");
      browser.until("/^0 – .*s$/.test(document.querySelector('#first .scale').textContent)");
      assertThat(browser.value("document.querySelectorAll('figure svg').length").intValue())
          .isEqualTo(6);
      ChatPageTest.everywhere(browser, "live");
      server.close();
      browser.until("document.getElementById('state').textContent.startsWith('not reached')");
      assertThat(browser.value("document.querySelector('main.stale') !== null").booleanValue())
          .as("figures that are not of now are drawn faint")
          .isTrue();
      ChatPageTest.everywhere(browser, "live-gone");
    }
  }
}
