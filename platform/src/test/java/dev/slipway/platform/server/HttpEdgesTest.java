package dev.slipway.platform.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** What clients send that is not quite HTTP/1.1, or leave half done, and what they are told. */
@Timeout(60)
class HttpEdgesTest {
  private static final String ASK = "{\"prompt\":\"a\",\"max_tokens\":3,\"temperature\":0}";
  private static final Logger ALL = Logger.getLogger("");

  private final List<String> logged = Collections.synchronizedList(new ArrayList<>());
  private final Handler log =
      new Handler() {
        @Override
        public void publish(LogRecord entry) {
          logged.add(entry.getLevel() + " " + entry.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };
  private ModelServer server;

  @BeforeEach
  void serve() throws InterruptedException {
    server =
        ModelServer.start(
            ServeOptions.DEFAULT.withPort(0),
            "toy",
            () -> new FakeEngine(new Semaphore(1000)),
            List.of());
    server.awaitReady();
    ALL.addHandler(log);
  }

  @AfterEach
  void stop() {
    ALL.removeHandler(log);
    server.close();
  }

  /** What comes back until the service ends the connection. */
  private String ask(String request) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static String post(String headers, String body) {
    return "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n\r\n" + body;
  }

  private static String length() {
    return "Content-Type: application/json\r\nContent-Length: " + ASK.length();
  }

  private static JsonNode error(String answer) {
    return Http.json(answer.substring(answer.indexOf("\r\n\r\n") + 4)).get("error");
  }

  @Test
  void whatIsNoRequestIsToldWhy() throws Exception {
    List<List<String>> asked =
        List.of(
            List.of("GET /health HTTP/1.0\r\nHost: localhost\r\n\r\n", "505", "proxy_http_version"),
            List.of("GET /health HTTP/1.1\r\n\r\n", "400", "Host"),
            List.of("GET /" + "a".repeat(20_000) + " HTTP/1.1\r\n\r\n", "414", "URI"),
            List.of("GET /%zz HTTP/1.1\r\nHost: localhost\r\n\r\n", "400", "no HTTP/1.1 request"),
            List.of(post(length() + "\r\nContent-Encoding: gzip", ASK), "415", "gzip"),
            List.of(post(length() + "\r\nTransfer-Encoding: chunked", ASK), "400", "combined"),
            List.of(post("Content-Length: many", ASK), "400", "number"));
    for (List<String> one : asked) {
      String answer = ask(one.get(0));
      assertThat(answer)
          .startsWith("HTTP/1.1 " + one.get(1))
          .contains("X-Request-Id: req-", "X-Content-Type-Options: nosniff");
      assertThat(error(answer).get("message").asString("")).contains(one.get(2));
      assertThat(error(answer).get("type").asString("")).isEqualTo("invalid_request_error");
    }
    assertThat(logged).isEmpty();
  }

  @Test
  void refusalsToThoseWhoCloseAreNotLoggedAndEndTheConnection() throws Exception {
    String close = "\r\nConnection: close";
    assertThat(ask("GET /nothing HTTP/1.1\r\nHost: localhost" + close + "\r\n\r\n"))
        .startsWith("HTTP/1.1 404");
    assertThat(ask("GET /v1/models HTTP/1.1\r\nHost: evil.example" + close + "\r\n\r\n"))
        .startsWith("HTTP/1.1 403");
    assertThat(ask(post(length().replace("json", "xml") + close, ASK))).startsWith("HTTP/1.1 415");
    assertThat(ask(post(length() + close, ASK.replace("3", "-3")))).startsWith("HTTP/1.1 400");
    assertThat(ask(post(length() + close, ASK))).startsWith("HTTP/1.1 200");
    assertThat(logged).isEmpty();
  }

  @Test
  void chunksThatCannotBeReadAreTheClientsMistake() throws Exception {
    String chunked = "Content-Type: application/json\r\nTransfer-Encoding: chunked";
    String size = Integer.toHexString(ASK.length());
    String right = size + "\r\n" + ASK + "\r\n0\r\n\r\n";
    assertThat(ask(post(chunked + "\r\nConnection: close", right))).startsWith("HTTP/1.1 200");
    List<String> wrong =
        List.of(
            "zz\r\n" + right,
            right.replace(size, size + ";a=b"),
            right.replace("0\r\n\r\n", "0\r\nA: b\r\n\r\n"));
    for (String body : wrong) {
      String answer = ask(post(chunked, body));
      assertThat(answer).startsWith("HTTP/1.1 400");
      assertThat(error(answer).get("code").asString("")).isEqualTo("invalid_body");
    }
    assertThat(logged).isEmpty();
  }

  @Test
  void whoLeavesWithinTheBodyIsNoFailure() throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket
          .getOutputStream()
          .write(post(length(), ASK.substring(5)).getBytes(StandardCharsets.UTF_8));
      socket.shutdownOutput();
      assertThat(socket.getInputStream().readAllBytes()).isEmpty();
    }
    try (Http http = new Http(server)) {
      assertThat(http.get("/metrics").body())
          .contains("path=\"/v1/completions\",status=\"499\"} 1");
    }
    assertThat(logged).isEmpty();
  }

  @Test
  void mediaTypesHaveNoCaseAndTextsMayBeginWithAMark() throws Exception {
    try (Http http = new Http(server)) {
      byte[] marked = ("\uFEFF" + ASK).getBytes(StandardCharsets.UTF_8);
      assertThat(http.post("Application/JSON; charset=UTF-8", marked).statusCode()).isEqualTo(200);
      assertThat(http.post(ASK.replace("3", "99999999999")).body()).contains("expected at most");
      assertThat(http.post(ASK.replace("3", "-99999999999")).body()).contains("expected at least");
    }
  }
}
