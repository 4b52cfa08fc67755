package dev.slipway.platform.server;

import dev.slipway.base.Json;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Real HTTP against a server of a test. */
final class Http implements AutoCloseable {
  private final HttpClient client = HttpClient.newHttpClient();
  private final URI address;

  private final String path;
  private final @Nullable String key;

  Http(ModelServer server) {
    this(server, "/v1/completions");
  }

  /**
   * @param path that is posted to
   */
  Http(ModelServer server, String path) {
    this.address = server.address();
    this.path = path;
    this.key = server.sessionKey();
  }

  HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(address.resolve(path)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  HttpResponse<String> post(String body) throws IOException, InterruptedException {
    return post("application/json", body.getBytes(StandardCharsets.UTF_8));
  }

  HttpResponse<String> post(String to, String body) throws IOException, InterruptedException {
    return key == null
        ? post(to, body, "X-Key", "none")
        : post(to, body, "Authorization", "Bearer " + key);
  }

  /** With a header of its own in the place of the key, if the service told one. */
  HttpResponse<String> post(String to, String body, String header, String value)
      throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(address.resolve(to))
            .header("Content-Type", "application/json")
            .header(header, value)
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  HttpResponse<String> post(String type, byte[] body) throws IOException, InterruptedException {
    return client.send(request(type, body), HttpResponse.BodyHandlers.ofString());
  }

  /** A request whose answer is read line by line as it comes. */
  Stream<String> lines(String body) throws IOException, InterruptedException {
    return client
        .send(
            request("application/json", body.getBytes(StandardCharsets.UTF_8)),
            HttpResponse.BodyHandlers.ofLines())
        .body();
  }

  /** The documents of a whole stream, {@code [DONE]} left out after it was seen. */
  List<JsonNode> stream(String body) throws IOException, InterruptedException {
    List<String> data =
        lines(body).filter(line -> !line.isEmpty()).map(line -> line.substring(6)).toList();
    if (!data.getLast().equals("[DONE]")) {
      throw new AssertionError("the stream ends with " + data.getLast());
    }
    return data.subList(0, data.size() - 1).stream().map(Http::json).toList();
  }

  JsonNode ask(String body) throws IOException, InterruptedException {
    HttpResponse<String> response = post(body);
    if (response.statusCode() != 200) {
      throw new AssertionError(response.statusCode() + " " + response.body());
    }
    return json(response.body());
  }

  /** Bytes as they are, on a connection of their own; gives what comes back until its end. */
  String raw(byte[] bytes) throws IOException {
    try (Socket socket = new Socket(address.getHost(), address.getPort())) {
      socket.setSoTimeout(30_000);
      socket.getOutputStream().write(bytes);
      socket.getOutputStream().flush();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private HttpRequest request(String type, byte[] body) {
    return HttpRequest.newBuilder(address.resolve(path))
        .header("Content-Type", type)
        .POST(HttpRequest.BodyPublishers.ofByteArray(body))
        .build();
  }

  static JsonNode json(String text) {
    return Json.parse(text, "answer");
  }

  @Override
  public void close() {
    client.shutdownNow(); // a failed test must not wait for answers that never come
    client.close();
  }
}
