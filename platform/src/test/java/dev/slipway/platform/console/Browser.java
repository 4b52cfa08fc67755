package dev.slipway.platform.console;

import dev.slipway.base.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The system's Chromium, without a window, driven by its DevTools protocol over the JDK's own web
 * socket: a test needs no download and no driver.
 */
final class Browser implements AutoCloseable {
  /** Much longer than anything takes that is waited for, on a slow machine as well. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final Set<String> CONTROLS =
      Set.of("button", "link", "textbox", "slider", "combobox", "DisclosureTriangle", "log");

  private final Process process;
  private final HttpClient client = HttpClient.newHttpClient();
  private final WebSocket socket;
  private final AtomicInteger ids = new AtomicInteger();
  private final Map<Integer, CompletableFuture<JsonNode>> answers = new ConcurrentHashMap<>();

  private Browser(Process process, int port) throws Exception {
    this.process = process;
    JsonNode tabs =
        Json.parse(
            client
                .send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/json"))
                        .build(),
                    HttpResponse.BodyHandlers.ofString())
                .body(),
            "tabs");
    String address =
        tabs.valueStream()
            .filter(tab -> tab.get("type").stringValue().equals("page"))
            .map(tab -> tab.get("webSocketDebuggerUrl").stringValue())
            .findFirst()
            .orElseThrow();
    this.socket =
        client.newWebSocketBuilder().buildAsync(URI.create(address), new Answers()).join();
    call("Page.enable", Json.object());
    call("Runtime.enable", Json.object());
  }

  /** Chromium or Chrome on the PATH, or what SLIPWAY_CHROMIUM names. */
  static Optional<Path> find() {
    String named = System.getenv("SLIPWAY_CHROMIUM");
    if (named != null) {
      return Optional.of(Path.of(named));
    }
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(java.io.File.pathSeparator))
        .flatMap(
            folder ->
                Stream.of("chromium", "chromium-browser", "google-chrome")
                    .map(name -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  static Browser start(Path chromium, Path profile) throws Exception {
    Process process =
        new ProcessBuilder(
                chromium.toString(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--remote-debugging-port=0",
                "--user-data-dir=" + profile,
                "about:blank")
            .redirectErrorStream(true)
            .redirectOutput(profile.resolve("chromium.log").toFile())
            .start();
    Path portFile = profile.resolve("DevToolsActivePort");
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() < end && process.isAlive()) {
      if (Files.exists(portFile) && Files.readAllLines(portFile).size() >= 2) {
        int port = Integer.parseInt(Files.readAllLines(portFile).getFirst());
        return new Browser(process, port);
      }
      Thread.sleep(50);
    }
    process.destroyForcibly();
    throw new IOException(
        "Chromium did not start: " + Files.readString(profile.resolve("chromium.log")));
  }

  void open(URI address) {
    call("Page.navigate", Json.object().put("url", address.toString()));
    String page = address.toString().replaceFirst("#.*", "");
    until("document.readyState === 'complete' && location.href.startsWith('" + page + "')");
  }

  void size(int width, int height) {
    call(
        "Emulation.setDeviceMetricsOverride",
        Json.object()
            .put("width", width)
            .put("height", height)
            .put("deviceScaleFactor", 1)
            .put("mobile", false));
  }

  void theme(String scheme) {
    ObjectNode media = Json.object();
    media.putArray("features").addObject().put("name", "prefers-color-scheme").put("value", scheme);
    call("Emulation.setEmulatedMedia", media);
  }

  /** A key as a person presses it. */
  void press(String key, int code, int modifiers) {
    for (String type : List.of("rawKeyDown", "keyUp")) {
      call(
          "Input.dispatchKeyEvent",
          Json.object()
              .put("type", type)
              .put("key", key)
              .put("code", key)
              .put("windowsVirtualKeyCode", code)
              .put("modifiers", modifiers));
    }
  }

  void type(String text) {
    call("Input.insertText", Json.object().put("text", text));
  }

  /** The value of an expression in the page. */
  JsonNode value(String expression) {
    JsonNode result = evaluate(expression);
    if (result.has("exceptionDetails")) {
      throw new AssertionError(expression + ": " + result);
    }
    return result.path("result").path("value");
  }

  private JsonNode evaluate(String expression) {
    return call(
        "Runtime.evaluate",
        Json.object()
            .put("expression", expression)
            .put("returnByValue", true)
            .put("awaitPromise", true));
  }

  /** Waits until it is true: what the page has not made yet (a TypeError) is not true yet. */
  void until(String condition) {
    JsonNode last = null;
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (last == null || System.nanoTime() < end) {
      last = evaluate(condition);
      if (last.path("result").path("value").booleanValue(false)) {
        return;
      }
      try {
        Thread.sleep(25);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError("interrupted while waiting for " + condition, e);
      }
    }
    throw new AssertionError("never came true: " + condition + ": " + last);
  }

  /** The role and name of everything that assistive technology can act on. */
  List<String> controls() {
    List<String> controls = new ArrayList<>();
    for (JsonNode node : call("Accessibility.getFullAXTree", Json.object()).get("nodes")) {
      String role = node.path("role").path("value").asString("");
      if (CONTROLS.contains(role)) {
        controls.add(role + " " + node.path("name").path("value").asString(""));
      }
    }
    return controls;
  }

  byte[] screenshot() {
    return Base64.getDecoder()
        .decode(
            call("Page.captureScreenshot", Json.object().put("format", "png"))
                .get("data")
                .stringValue());
  }

  private JsonNode call(String method, ObjectNode parameters) {
    int id = ids.incrementAndGet();
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    answers.put(id, answer);
    ObjectNode message = Json.object().put("id", id).put("method", method);
    message.set("params", parameters);
    socket.sendText(Json.line(message), true).join();
    JsonNode result = answer.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
    if (result.has("error")) {
      throw new AssertionError(method + ": " + result.get("error"));
    }
    return result.get("result");
  }

  @Override
  public void close() throws Exception {
    socket.abort();
    client.shutdownNow();
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly().waitFor();
  }

  private final class Answers implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        JsonNode message = Json.parse(text.toString(), "DevTools");
        text.setLength(0);
        CompletableFuture<JsonNode> waiting =
            message.has("id") ? answers.remove(message.get("id").intValue()) : null;
        if (waiting != null) {
          waiting.complete(message);
        }
      }
      from.request(1);
      return CompletableFuture.completedStage(null);
    }
  }
}
