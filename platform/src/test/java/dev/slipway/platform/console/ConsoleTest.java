package dev.slipway.platform.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.slipway.platform.server.FakeEngine;
import dev.slipway.platform.server.ModelServer;
import dev.slipway.platform.server.ServeOptions;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** The page as a person uses it, in the system's Chromium where there is one. */
@TestMethodOrder(org.junit.jupiter.api.MethodOrderer.MethodName.class)
class ConsoleTest {
  private static final String SCRIPT =
      """
      if (a[i] == key) {
                      return i;
                  }
              }
              return -1;
          }
      """;
  private static final int CONTROL = 2;

  @TempDir static Path folder;
  private static final Semaphore PERMITS = new Semaphore(0);
  private static ModelServer server;

  @BeforeAll
  static void serve() throws InterruptedException {
    server =
        ModelServer.start(
            ServeOptions.DEFAULT.withPort(0),
            "jdk-code",
            () -> new FakeEngine(PERMITS, SCRIPT),
            List.of(new ConsolePage()));
    server.awaitReady();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void everyFileComesFromTheJarWithItsTypeAndGuards() throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      for (String[] file :
          List.of(
              new String[] {"/", "text/html; charset=utf-8"},
              new String[] {"/chat", "text/html; charset=utf-8"},
              new String[] {"/console/console.css", "text/css; charset=utf-8"},
              new String[] {"/console/chat.css", "text/css; charset=utf-8"},
              new String[] {"/console/service.js", "text/javascript; charset=utf-8"},
              new String[] {"/console/chat.js", "text/javascript; charset=utf-8"},
              new String[] {"/console/console.js", "text/javascript; charset=utf-8"},
              new String[] {"/favicon.svg", "image/svg+xml"})) {
        HttpResponse<String> response =
            client.send(
                HttpRequest.newBuilder(server.address().resolve(file[0])).build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type")).hasValue(file[1]);
        assertThat(response.headers().firstValue("Content-Security-Policy").orElseThrow())
            .contains("default-src 'none'")
            .contains("frame-ancestors 'none'");
        assertThat(response.headers().firstValue("X-Frame-Options")).hasValue("DENY");
        assertThat(response.body().replace("http://www.w3.org/2000/svg", ""))
            .as("nothing from elsewhere")
            .doesNotContain("http://", "https://", "//cdn");
      }
    }
  }

  @Test
  void onePersonAtTheKeyboard() throws Exception {
    Optional<Path> chromium = Browser.find();
    assumeTrue(
        chromium.isPresent(),
        "skipped: there is no Chromium on the PATH; SLIPWAY_CHROMIUM names one elsewhere");
    try (Browser browser = Browser.start(chromium.get(), folder)) {
      browser.size(1280, 860);
      browser.theme("light");
      browser.open(server.address());
      browser.until("document.getElementById('state').dataset.state === 'ready'");
      assertThat(browser.value("document.getElementById('name').textContent").stringValue())
          .isEqualTo("jdk-code");
      assertThat(browser.value("document.getElementById('parameters').textContent").stringValue())
          .isEqualTo("1.3 M");

      // Continue by keyboard; the words come one by one.
      browser.value("text.focus()");
      browser.press("Enter", 13, CONTROL);
      PERMITS.release(40);
      browser.until("document.querySelector('.ghost') !== null");
      browser.until("document.querySelector('.ghost').textContent.length === 40");
      assertThat(browser.value("running !== null").booleanValue()).isTrue();
      picture(browser, "writing-light");

      // Stop; what came stays as a suggestion, which Tab keeps.
      browser.press("Escape", 27, 0);
      browser.until("running === null");
      assertThat(browser.value("ghost.end - ghost.start").intValue()).isEqualTo(40);
      browser.press("Tab", 9, 0);
      browser.until("document.querySelector('.ghost') === null");
      assertThat(browser.value("text.value").stringValue()).endsWith(SCRIPT.substring(0, 40));

      // An example by click, a whole answer, and away with it.
      PERMITS.release(10_000);
      browser.value("document.querySelector('[data-example=loop]').click()");
      browser.value("document.getElementById('go').click()");
      browser.until("running === null && ghost !== null");
      assertThat(browser.value("text.value").stringValue()).endsWith(SCRIPT);
      assertThat(browser.value("document.getElementById('tally').textContent").stringValue())
          .startsWith(SCRIPT.length() + " tokens in ");
      assertThat(browser.value("document.getElementById('speed').textContent").stringValue())
          .matches("[0-9.]+");
      picture(browser, "done-light");
      browser.theme("dark");
      picture(browser, "done-dark");
      browser.size(390, 1180);
      picture(browser, "narrow-dark");
      assertThat(browser.value("document.documentElement.scrollWidth <= 390").booleanValue())
          .as("nothing wider than a phone")
          .isTrue();
      browser.theme("light");
      picture(browser, "narrow-light");
      browser.value("document.getElementById('drop').click()");
      assertThat(browser.value("text.value === EXAMPLES.loop").booleanValue()).isTrue();

      // A refusal is told where one looks, and typing on goes on.
      browser.size(1280, 860);
      browser.value("put('x'.repeat(1020))");
      browser.value("go()");
      browser.until("!document.getElementById('error').hidden");
      assertThat(browser.value("document.getElementById('error').textContent").stringValue())
          .contains("maximum context length is 1024 tokens");
      picture(browser, "refused-light");
      browser.value("put('')");
      browser.type("int a");
      assertThat(browser.value("text.value").stringValue()).isEqualTo("int a");
      assertThat(browser.value("document.getElementById('error').hidden").booleanValue()).isTrue();
    }
  }

  /** For a person to look at, where SLIPWAY_SCREENSHOTS names a folder. */
  private static void picture(Browser browser, String name) throws IOException {
    String target = System.getenv("SLIPWAY_SCREENSHOTS");
    byte[] png = browser.screenshot();
    assertThat(png).hasSizeGreaterThan(1000);
    if (target != null) {
      Files.write(Files.createDirectories(Path.of(target)).resolve(name + ".png"), png);
    }
  }
}
