package dev.slipway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.base.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code serve} as a process of its own, until this is closed. */
final class ServedProcess implements AutoCloseable {
  private final HttpClient client = HttpClient.newHttpClient();
  private final Cli.Child child;
  private final String address;

  /**
   * @param arguments of {@code serve}, but for {@code --port} and {@code --json}
   */
  ServedProcess(Object... arguments) throws IOException {
    List<Object> line = new ArrayList<>(List.of("serve", "--port", 0, "--json"));
    line.addAll(List.of(arguments));
    child = Cli.start(line.toArray()).awaitErr("Ctrl-C");
    child.await(() -> Cli.text(child.out()).endsWith("\n"));
    address = Json.parse(Files.readString(child.out()), "out").path("address").stringValue();
  }

  Cli.Child child() {
    return child;
  }

  CompletableFuture<HttpResponse<String>> send(String path, ObjectNode body) {
    return client.sendAsync(
        HttpRequest.newBuilder(URI.create(address + path))
            .POST(HttpRequest.BodyPublishers.ofString(Json.line(body)))
            .header("Content-Type", "application/json")
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  /** What it answers, which must be well. */
  JsonNode post(String path, ObjectNode body) {
    HttpResponse<String> answer = send(path, body).join();
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return Json.parse(answer.body(), "answer");
  }

  String get(String path) throws IOException, InterruptedException {
    return client
        .send(
            HttpRequest.newBuilder(URI.create(address + path)).build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }

  @Override
  public void close() {
    client.close();
    Cli.Result ended = child.interrupt().result();
    assertThat(ended.status()).as(ended.err()).isZero();
    assertThat(ended.err()).doesNotContain("\tat ");
  }
}
