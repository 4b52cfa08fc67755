package dev.slipway.hub;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.slipway.base.Hashing;
import dev.slipway.base.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A hub with one model, that can be told to fail; large files lie on a host of their own. */
final class FakeHub implements AutoCloseable {
  static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

  /** What is wrong with the answers that bring files. */
  enum Fault {
    NONE,
    CUTS,
    STALLS,
    CORRUPTS
  }

  private final HttpServer hub = server();
  private final HttpServer store = server();
  private final Map<String, byte[]> files = new TreeMap<>();
  private final List<String> requests = Collections.synchronizedList(new ArrayList<>());
  private final CountDownLatch closing = new CountDownLatch(1);
  volatile Fault fault = Fault.NONE;
  volatile String token = "";
  volatile int faults = Integer.MAX_VALUE;

  /** How many answers about the model come to nothing behind their headers. */
  volatile int silences;

  /** How many are that too much was asked. */
  volatile int refusals;

  FakeHub() throws IOException {
    hub.createContext("/", exchange -> answer(exchange, false));
    store.createContext("/", exchange -> answer(exchange, true));
    hub.start();
    store.start();
  }

  private static HttpServer server() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    return server;
  }

  URI endpoint() {
    return URI.create("http://127.0.0.1:" + hub.getAddress().getPort());
  }

  FakeHub with(String name, byte[] content) {
    files.put(name, content);
    return this;
  }

  FakeHub with(String name, String content) {
    return with(name, content.getBytes(StandardCharsets.UTF_8));
  }

  List<String> requests() {
    return List.copyOf(requests);
  }

  static String gitBlob(byte[] content) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-1");
      digest.update(("blob " + content.length + "\0").getBytes(StandardCharsets.UTF_8));
      return Hashing.hex(digest.digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static boolean isLarge(String name) {
    return name.endsWith(".safetensors");
  }

  private void answer(HttpExchange exchange, boolean fromStore) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      String authorization = exchange.getRequestHeaders().getFirst("Authorization");
      String range = exchange.getRequestHeaders().getFirst("Range");
      requests.add(
          exchange.getRequestMethod()
              + " "
              + (fromStore ? "store" : "hub")
              + path
              + (range == null ? "" : " " + range)
              + (authorization == null ? "" : " with token"));
      if (!fromStore && !token.isEmpty() && !("Bearer " + token).equals(authorization)) {
        exchange.getResponseHeaders().set("X-Error-Code", "GatedRepo");
        exchange.sendResponseHeaders(401, -1);
      } else if (path.startsWith("/api/models/org/model/revision/")) {
        model(exchange, path.substring(path.lastIndexOf('/') + 1));
      } else {
        path = path.replace("/resolve/main/", "/resolve/" + COMMIT + "/");
        String prefix = fromStore ? "/" : "/org/model/resolve/" + COMMIT + "/";
        String name = path.startsWith(prefix) ? path.substring(prefix.length()) : "";
        byte[] content = files.get(name);
        if (content == null) {
          exchange.getResponseHeaders().set("X-Error-Code", "RepoNotFound");
          exchange.sendResponseHeaders(404, -1);
        } else if (isLarge(name) && !fromStore) {
          elsewhere(exchange, name, content);
        } else {
          file(exchange, content, range, isLarge(name));
        }
      }
    }
  }

  private void model(HttpExchange exchange, String revision) throws IOException {
    if (!revision.equals("main") && !revision.equals(COMMIT) && !revision.equals("v1.0")) {
      exchange.getResponseHeaders().set("X-Error-Code", "RevisionNotFound");
      exchange.sendResponseHeaders(404, -1);
      return;
    }
    ObjectNode model = Json.object();
    model.put("id", "org/model");
    model.put("sha", COMMIT);
    ArrayNode siblings = model.putArray("siblings");
    files.keySet().forEach(name -> siblings.addObject().put("rfilename", name));
    byte[] body = Json.bytes(model);
    if (refusals > 0) {
      refusals--;
      exchange.getResponseHeaders().set("Retry-After", "1");
      exchange.sendResponseHeaders(429, -1);
      return;
    }
    exchange.sendResponseHeaders(200, body.length);
    if (silences > 0) {
      silences--;
      exchange.getResponseBody().write(body, 0, 1);
      exchange.getResponseBody().flush();
      waitUntilClosing(Long.MAX_VALUE);
      return;
    }
    exchange.getResponseBody().write(body);
  }

  private void waitUntilClosing(long millis) {
    try {
      var _ = closing.await(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void elsewhere(HttpExchange exchange, String name, byte[] content) throws IOException {
    exchange.getResponseHeaders().set("X-Repo-Commit", COMMIT);
    exchange.getResponseHeaders().set("X-Linked-Size", Integer.toString(content.length));
    exchange.getResponseHeaders().set("X-Linked-Etag", "\"" + Hashing.sha256(content) + "\"");
    exchange
        .getResponseHeaders()
        .set("Location", "http://127.0.0.1:" + store.getAddress().getPort() + "/" + name);
    exchange.sendResponseHeaders(302, -1);
  }

  private synchronized Fault nextFault(boolean large) {
    if (!large || faults == 0) {
      return Fault.NONE;
    }
    faults--;
    return fault;
  }

  private void file(HttpExchange exchange, byte[] content, String range, boolean large)
      throws IOException {
    exchange.getResponseHeaders().set("X-Repo-Commit", COMMIT);
    exchange.getResponseHeaders().set("ETag", "W/\"" + gitBlob(content) + "\"");
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.getResponseHeaders().set("Content-Length", Integer.toString(content.length));
      exchange.sendResponseHeaders(200, -1);
      return;
    }
    Fault now = nextFault(large);
    int from = range == null ? 0 : Integer.parseInt(range.replace("bytes=", "").replace("-", ""));
    if (range != null) {
      exchange
          .getResponseHeaders()
          .set(
              "Content-Range",
              "bytes %d-%d/%d".formatted(from, content.length - 1, content.length));
    }
    byte[] sent = content.clone();
    if (now == Fault.CORRUPTS) {
      sent[sent.length - 1] ^= 1;
    }
    int until =
        now == Fault.CUTS || now == Fault.STALLS
            ? Math.min(content.length, from + content.length / 3)
            : content.length;
    exchange.sendResponseHeaders(range == null ? 200 : 206, content.length - from);
    OutputStream out = exchange.getResponseBody();
    out.write(sent, from, until - from);
    out.flush();
    if (now == Fault.STALLS || now == Fault.CUTS) {
      // A connection that is closed at once takes along what the client has not read yet.
      waitUntilClosing(now == Fault.CUTS ? 200 : Long.MAX_VALUE);
    }
  }

  @Override
  public void close() {
    closing.countDown();
    hub.stop(0);
    store.stop(0);
  }
}
