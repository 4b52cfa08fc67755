package dev.slipway.platform.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.slipway.base.Json;
import dev.slipway.platform.access.KeyFile;
import dev.slipway.platform.access.Limits;
import dev.slipway.platform.access.Scope;
import dev.slipway.platform.server.FakeEngine;
import dev.slipway.platform.server.ModelServer;
import dev.slipway.platform.server.Safety;
import dev.slipway.platform.server.ServeOptions;
import dev.slipway.platform.server.TextModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The chat page as a person uses it, in the system's Chromium where there is one. */
class ChatPageTest {
  private static final String SAID =
      "A slipway is a ramp:\n```java\nwhile (ship.isDry()) {\n    ship.slide();\n}\n```\nNo <b>html</b>.";

  @TempDir Path folder;
  private final Semaphore permits = new Semaphore(0);

  private static Browser browser(Path profile) throws Exception {
    Optional<Path> chromium = Browser.find();
    assumeTrue(
        chromium.isPresent(),
        "skipped: there is no Chromium on the PATH; SLIPWAY_CHROMIUM names one elsewhere");
    return Browser.start(chromium.get(), Files.createDirectories(profile));
  }

  private ModelServer serve(ServeOptions options) throws InterruptedException {
    ModelServer server =
        ModelServer.start(
            options.withPort(0),
            "harbour-1b",
            () -> new FakeEngine(permits, SAID),
            List.of(new ConsolePage()));
    server.awaitReady();
    return server;
  }

  private static String text(Browser browser, String selector) {
    return browser
        .value("document.querySelector('" + selector + "').textContent")
        .asString("nothing");
  }

  private static void say(Browser browser, String words) {
    browser.value("message.focus()");
    browser.type(words);
    browser.press("Enter", 13, 0);
  }

  @Test
  void aConversationByKeyboard() throws Exception {
    Path file = folder.resolve("feedback.jsonl");
    try (ModelServer server = serve(ServeOptions.DEFAULT.withFeedback(file));
        Browser browser = browser(folder.resolve("profile"))) {
      browser.size(1280, 860);
      browser.theme("light");
      browser.open(server.address().resolve("/chat#key=" + server.sessionKey()));
      browser.until("document.getElementById('state').dataset.state === 'ready'");
      assertThat(text(browser, "#name")).isEqualTo("harbour-1b");
      assertThat(browser.value("location.hash").stringValue()).isEmpty();
      picture(browser, "chat-empty-1280-light");

      // Words come as they are written, and Esc stops them.
      say(browser, "What is a slipway?");
      permits.release(20);
      browser.until("turns.length === 2 && turns[1].content.length === 20");
      assertThat(browser.value("document.getElementById('stop').hidden").booleanValue()).isFalse();
      picture(browser, "chat-writing-1280-light");
      browser.press("Escape", 27, 0);
      browser.until("running === null");
      assertThat(browser.value("turns[1].content").stringValue()).isEqualTo(SAID.substring(0, 20));
      assertThat(text(browser, ".assistant .note")).isEqualTo("stopped");
      assertThat(browser.value("document.querySelector('.up') === null").booleanValue()).isTrue();

      // A whole answer in its place; code is set apart and nothing of it is HTML.
      permits.release(10_000);
      browser.value("document.getElementById('again').click()");
      browser.until("running === null && turns.length === 2 && turns[1].id !== null");
      assertThat(text(browser, ".assistant pre")).contains("ship.slide();").doesNotContain("`");
      assertThat(browser.value("document.querySelector('.said b') === null").booleanValue())
          .isTrue();

      // Thumbs, and what it should have said.
      browser.value("document.querySelector('.up').click()");
      browser.until("document.querySelector('.up').getAttribute('aria-pressed') === 'true'");
      assertThat(row(file).get("rating").stringValue()).isEqualTo("up");
      browser.value("document.querySelector('.down').click()");
      browser.until("document.querySelector('.better textarea') !== null");
      assertThat(browser.controls()).noneMatch(control -> control.matches("\\w+ *"));
      assertThat(browser.controls())
          .contains(
              "textbox Message",
              "textbox System message",
              "button Good answer",
              "button Bad answer",
              "button New conversation",
              "link Continue a text",
              "log Messages")
          .anyMatch(control -> control.startsWith("slider Temperature"));
      browser.value("document.querySelector('.better textarea').select()");
      browser.type("A ramp into the water.");
      picture(browser, "chat-correcting-1280-light");
      browser.value("document.querySelector('.better .go').click()");
      browser.until("document.querySelector('.better') === null");
      JsonNode row = row(file);
      assertThat(row.get("rating").stringValue()).isEqualTo("down");
      assertThat(row.get("chosen").get(0).get("content").stringValue())
          .isEqualTo("A ramp into the water.");
      assertThat(row.get("prompt").get(0).get("content").stringValue())
          .isEqualTo("What is a slipway?");

      // A second question, on other screens.
      say(browser, "And a dock?");
      browser.until("running === null && turns.length === 4");
      picture(browser, "chat-1280-light");
      browser.theme("dark");
      picture(browser, "chat-1280-dark");
      for (String scheme : List.of("dark", "light")) {
        browser.theme(scheme);
        browser.size(400, 820);
        browser.value("document.getElementById('settings').open = false");
        assertThat(browser.value("document.documentElement.scrollWidth <= 400").booleanValue())
            .as("nothing wider than a phone")
            .isTrue();
        picture(browser, "chat-400-" + scheme);
        browser.value("document.getElementById('settings').open = true");
        picture(browser, "chat-settings-400-" + scheme);
      }

      // A refusal is told, and the conversation goes on.
      browser.value("document.getElementById('system').value = 'be good'");
      say(browser, "Hm");
      browser.until("!document.getElementById('error').hidden");
      assertThat(text(browser, "#error")).contains("no system role");
      browser.value("document.getElementById('fresh').click()");
      assertThat(browser.value("turns.length").intValue()).isZero();
      assertThat(text(browser, "#empty")).isNotEmpty();
    }
  }

  private static TextModels.Model fake(String name, String script) {
    return new TextModels.Model(name, _ -> new FakeEngine(null, script));
  }

  private static ModelServer serveSeveral(ServeOptions options) throws InterruptedException {
    SequencedMap<String, Double> shares = new LinkedHashMap<>();
    shares.put("harbour-1b", 0.5);
    shares.put("long-words", 0.5);
    ModelServer server =
        ModelServer.start(
            options.withPort(0),
            new TextModels(
                List.of(
                    fake("harbour-1b", SAID),
                    fake("long-words", "Donaudampfschiff".repeat(12) + "\n```\n" + "x".repeat(300)),
                    fake(
                        "right-to-left",
                        "\u05e8\u05de\u05e4\u05d4 \u05dc\u05e1\u05e4\u05d9\u05e0\u05d5\u05ea, slipway.\nA ramp.")),
                List.of(),
                List.of(new TextModels.Split("both", shares)),
                null),
            List.of(new ConsolePage(), new LivePage(true)));
    server.awaitReady();
    return server;
  }

  private static void choose(Browser browser, String name) {
    browser.value("document.getElementById('model').value = '" + name + "'");
    browser.value(
        "document.getElementById('model').dispatchEvent(new Event('change', {bubbles: true}))");
  }

  private static void answered(Browser browser, int turns) {
    browser.until("running === null && turns.length === " + turns);
  }

  /** In light and dark, on a desk and on a phone; nothing may be wider than the screen. */
  static void everywhere(Browser browser, String name) throws IOException {
    for (String scheme : List.of("light", "dark")) {
      browser.theme(scheme);
      for (int width : new int[] {1280, 390}) {
        browser.size(width, width == 390 ? 844 : 860);
        assertThat(browser.value("document.documentElement.scrollWidth <= " + width).booleanValue())
            .as("nothing wider than " + width)
            .isTrue();
        picture(browser, name + "-" + width + "-" + scheme);
      }
    }
  }

  @Test
  void oneOfSeveralModelsIsChosenAndAnyTextIsReadable() throws Exception {
    try (ModelServer server = serveSeveral(ServeOptions.DEFAULT);
        Browser browser = browser(folder.resolve("profile"))) {
      browser.size(1280, 860);
      browser.open(server.address().resolve("/chat"));
      browser.until("document.getElementById('state').dataset.state === 'ready'");
      assertThat(browser.value("[...document.getElementById('model').options].map(o => o.text)"))
          .extracting(JsonNode::asString)
          .containsExactly(
              "harbour-1b",
              "long-words",
              "right-to-left",
              "both (split of harbour-1b, long-words)");
      browser.value("document.getElementById('max_tokens').value = 256");
      say(browser, "What is a slipway?");
      answered(browser, 2);
      choose(browser, "long-words");
      assertThat(text(browser, "#name")).isEqualTo("long-words");
      say(browser, "https://example.org/" + "a-path-without-an-end".repeat(8));
      answered(browser, 4);
      everywhere(browser, "chat-long");
      choose(browser, "right-to-left");
      say(browser, "\u05de\u05d4 \u05d6\u05d4?");
      answered(browser, 6);
      assertThat(
              browser.value(
                  "[...document.querySelectorAll('.said p')].map(p => getComputedStyle(p).direction)"))
          .extracting(JsonNode::asString)
          .containsExactly("ltr", "ltr", "ltr", "ltr", "ltr", "rtl", "rtl");
      everywhere(browser, "chat-rtl");
      choose(browser, "both");
      say(browser, "Which are you?");
      answered(browser, 8);
      assertThat(text(browser, "article:last-of-type .who"))
          .matches("both, answered by (harbour-1b|long-words)");
      assertThat(text(browser, "article .who + .said")).contains("What is");
      // What was chosen is chosen still when the page comes again.
      browser.open(server.address().resolve("/chat?again"));
      browser.until("document.getElementById('state').dataset.state === 'ready'");
      assertThat(text(browser, "#name")).isEqualTo("both");
      everywhere(browser, "chat-empty");
      browser.size(1280, 860);
      browser.value("document.getElementById('settings').open = true");
      browser.value("message.focus()");
      for (String control : List.of("model", "system", "max_tokens")) {
        for (int i = 0; i < 20 && !focused(browser).equals(control); i++) {
          browser.press("Tab", 9, 0);
        }
        assertThat(focused(browser)).isEqualTo(control);
        assertThat(
                browser
                    .value("getComputedStyle(document.activeElement).outlineStyle")
                    .stringValue())
            .as("the ring around " + control)
            .isEqualTo("solid");
      }
      browser.theme("light");
      browser.size(1280, 860);
      picture(browser, "chat-focus-1280-light");
    }
  }

  private static String focused(Browser browser) {
    return browser.value("document.activeElement.id").asString("");
  }

  @Test
  void whatFailsIsToldAndCanBeTriedAgain() throws Exception {
    Path keys = folder.resolve("keys.json");
    String secret =
        new KeyFile(keys)
            .create("ann", List.of(Scope.INFER), Instant.now(), null, new Limits(2, 0))
            .secret();
    try (Browser browser = browser(folder.resolve("profile"))) {
      browser.size(1280, 860);
      try (ModelServer server =
          serveSeveral(ServeOptions.DEFAULT.withSafety(Safety.NONE.withKeys(keys)))) {
        browser.open(server.address().resolve("/chat#key=" + secret));
        browser.until("document.getElementById('state').dataset.state === 'ready'");
        say(browser, "What is a slipway?");
        answered(browser, 2);
        say(browser, "And a dock?");
        answered(browser, 4);
        say(browser, "And a keel?");
        browser.until("running === null && !document.getElementById('error').hidden");
        assertThat(text(browser, "#error")).contains("2 requests a minute");
        everywhere(browser, "chat-429");
        assertThat(text(browser, "#again")).isEqualTo("Try again");
        assertThat(browser.value("document.getElementById('again').disabled").booleanValue())
            .isFalse();
      }
      browser.value("document.getElementById('again').click()");
      browser.until("document.getElementById('error').textContent.includes('reached')");
      browser.until("document.getElementById('state').dataset.state === 'failed'");
      assertThat(text(browser, "#error")).contains("can't be reached");
      everywhere(browser, "chat-gone");
    }
  }

  @Test
  void whoWasNotToldTheKeyTalksAndStoresNothing() throws Exception {
    Path file = folder.resolve("feedback.jsonl");
    permits.release(10_000);
    try (ModelServer server = serve(ServeOptions.DEFAULT.withFeedback(file));
        Browser browser = browser(folder.resolve("profile"))) {
      browser.size(400, 820);
      browser.theme("dark");
      browser.open(server.address().resolve("/chat"));
      browser.until("document.getElementById('state').dataset.state === 'ready'");
      say(browser, "Hello");
      browser.until("running === null && turns.length === 2");
      for (String leave : List.of("keyLeave", "")) {
        browser.value("document.querySelector('.up').click()");
        browser.until("document.getElementById('keyDialog').open");
        picture(browser, "chat-key-stored-400-dark");
        if (leave.isEmpty()) {
          browser.press("Escape", 27, 0);
        } else {
          browser.value("document.getElementById('" + leave + "').click()");
        }
        browser.until("!document.getElementById('keyDialog').open");
        browser.until("document.querySelector('.assistant .note').textContent === 'Not stored.'");
      }
      assertThat(Files.size(file)).isZero();
      browser.value("document.querySelector('.up').click()");
      browser.until("document.getElementById('keyDialog').open");
      browser.type(String.valueOf(server.sessionKey()));
      browser.value("document.querySelector('#keyForm button').click()");
      browser.until("document.querySelector('.up').getAttribute('aria-pressed') === 'true'");
      assertThat(row(file).get("rating").stringValue()).isEqualTo("up");
    }
  }

  @Test
  void aServiceWithKeysIsAskedWithOne() throws Exception {
    Path keys = folder.resolve("keys.json");
    String secret =
        new KeyFile(keys)
            .create("ann", List.of(Scope.INFER), Instant.now(), null, Limits.NONE)
            .secret();
    permits.release(10_000);
    try (ModelServer server = serve(ServeOptions.DEFAULT.withSafety(Safety.NONE.withKeys(keys)));
        Browser browser = browser(folder.resolve("profile"))) {
      browser.size(400, 820);
      browser.theme("light");
      browser.open(server.address().resolve("/chat"));
      browser.until("document.getElementById('keyDialog').open");
      picture(browser, "chat-key-400-light");
      browser.theme("dark");
      picture(browser, "chat-key-400-dark");
      browser.type("wrong");
      browser.press("Enter", 13, 0);
      browser.value("document.querySelector('#keyForm button').click()");
      browser.until("!document.getElementById('keyError').hidden");
      assertThat(text(browser, "#keyError")).isEqualTo("This key is not accepted.");
      browser.type(secret);
      browser.value("document.querySelector('#keyForm button').click()");
      browser.until("document.getElementById('state').dataset.state === 'ready'");
      say(browser, "Hello");
      browser.until("running === null && turns.length === 2");
      assertThat(browser.value("turns[1].content").stringValue()).isEqualTo(SAID);
      browser.open(server.address());
      browser.until("document.getElementById('state').dataset.state === 'ready'");
      assertThat(browser.value("document.getElementById('chat').hidden").booleanValue()).isFalse();
    }
  }

  private static JsonNode row(Path file) throws IOException {
    return Json.parse(
        Files.readAllLines(file).stream().filter(line -> !line.isBlank()).toList().getLast(),
        "feedback");
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
