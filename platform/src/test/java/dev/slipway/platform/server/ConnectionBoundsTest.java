package dev.slipway.platform.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.platform.Eventually;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients that keep the service waiting are left, and nobody else waits for them. */
@Timeout(120)
class ConnectionBoundsTest {
  private static final String ASK =
      "{\"model\":\"toy\",\"prompt\":\"a\",\"max_tokens\":3,\"temperature\":0}";
  private static final ConnectionBounds SHORT =
      new ConnectionBounds(
          Duration.ofMillis(600),
          Duration.ofMillis(1200),
          Duration.ofMillis(600),
          1 << 20,
          100,
          16);

  private final Semaphore permits = new Semaphore(0);

  private ModelServer serve(ConnectionBounds bounds) throws InterruptedException {
    ModelServer server =
        ModelServer.start(
            ServeOptions.DEFAULT.withPort(0).withSafety(Safety.NONE.withBounds(bounds)),
            "toy",
            () -> new FakeEngine(permits, "x".repeat(1000)),
            List.of());
    server.awaitReady();
    return server;
  }

  private static Socket connect(ModelServer server) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
    socket.setSoTimeout(20_000);
    return socket;
  }

  private static void send(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    socket.getOutputStream().flush();
  }

  /** What comes until the service ends the connection, by whatever means. */
  private static String rest(Socket socket) {
    StringBuilder all = new StringBuilder();
    try {
      for (int c = socket.getInputStream().read(); c >= 0; c = socket.getInputStream().read()) {
        all.append((char) c);
      }
    } catch (SocketTimeoutException e) {
      throw new AssertionError("the connection was not ended", e);
    } catch (IOException e) {
      all.append("[reset]");
    }
    return all.toString();
  }

  private static String head(int length) {
    return "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        + "Content-Length: "
        + length
        + "\r\n\r\n";
  }

  @Test
  void connectionsThatSendNothingOrHalfAreEnded() throws Exception {
    permits.release(1000);
    try (ModelServer server = serve(SHORT);
        Socket silent = connect(server);
        Socket half = connect(server);
        Socket noBody = connect(server);
        Socket idle = connect(server)) {
      send(half, "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nX-Slow: ");
      send(noBody, head(ASK.length()) + "{\"model\"");
      send(idle, head(ASK.length()) + ASK);
      assertThat(rest(idle)).startsWith("HTTP/1.1 200");
      rest(silent);
      rest(half);
      rest(noBody);
      try (Socket after = connect(server)) {
        send(after, head(ASK.length()) + ASK);
        assertThat(after.getInputStream().read()).isEqualTo('H');
      }
    }
  }

  @Test
  void aHeaderThatComesByteForByteIsEnded() throws Exception {
    try (ModelServer server = serve(SHORT);
        Socket slow = connect(server)) {
      CompletableFuture<String> end = CompletableFuture.supplyAsync(() -> rest(slow));
      String line = "GET /health HTTP/1.1\r\nX-A: " + "a".repeat(10_000);
      int sent = 0;
      try {
        while (!end.isDone()) {
          send(slow, String.valueOf(line.charAt(sent++)));
          Thread.sleep(20); // a thousand bytes would take 20 seconds, far beyond the bound
        }
      } catch (IOException endedWhileAByteWasOnItsWay) {
        // told by what was sent, below
      }
      end.join();
      assertThat(sent).isLessThan(1000);
    }
  }

  @Test
  void aRequestThatTakesLongIsLeftInPeace() throws Exception {
    try (ModelServer server = serve(SHORT);
        Socket socket = connect(server)) {
      send(socket, head(ASK.length()) + ASK);
      Thread.sleep(2500); // longer than every bound
      permits.release(1000);
      assertThat(socket.getInputStream().read()).isEqualTo('H');
    }
  }

  @Test
  void aConnectionTooManyEndsTheOldestWithoutARequest() throws Exception {
    ConnectionBounds few =
        new ConnectionBounds(
            Duration.ofSeconds(50), Duration.ofSeconds(50), Duration.ofSeconds(50), 1, 20, 16);
    List<Socket> open = new ArrayList<>();
    try (ModelServer server = serve(few);
        Socket working = connect(server)) {
      send(working, head(ASK.length()) + ASK);
      Eventually.holds("the request is computed", permits::hasQueuedThreads);
      for (int i = 0; i < 60; i++) {
        open.add(connect(server));
      }
      for (Socket socket : open.subList(0, 30)) {
        rest(socket);
      }
      permits.release(1000);
      assertThat(working.getInputStream().read()).isEqualTo('H');
      send(open.getLast(), head(ASK.length()) + ASK);
      assertThat(open.getLast().getInputStream().read()).isEqualTo('H');
    } finally {
      for (Socket socket : open) {
        socket.close();
      }
    }
  }

  @Test
  void aClientThatDoesNotReadHoldsNobodyUp() throws Exception {
    String stream =
        "{\"model\":\"toy\",\"prompt\":\"a\",\"max_tokens\":1000,\"temperature\":0,\"stream\":true,\"logprobs\":5}";
    try (ModelServer server = serve(SHORT);
        Http http = new Http(server)) {
      List<Socket> slow = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(4096);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()));
        send(socket, head(stream.length()) + stream);
        slow.add(socket);
      }
      permits.release(1 << 20);
      assertThat(http.post(ASK).statusCode()).isEqualTo(200);
      String alone = "slipway_connections{model_name=\"toy\"} 1.0";
      Eventually.holds(alone, () -> http.get("/metrics").body().contains(alone));
      for (Socket socket : slow) {
        socket.close();
      }
    }
  }
}
