package dev.slipway.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.base.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code serve} of published encoders with heads, beside transformers' pipelines. */
@Timeout(300)
class PublishedHeadCommandTest {
  @TempDir private Path temp;

  @BeforeEach
  void unpack() throws IOException {
    Path archive =
        Cli.root()
            .resolve("core/src/test/resources/dev/slipway/recipe/examples/published-heads.zip");
    try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(archive))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        Path file = temp.resolve(entry.getName());
        Files.createDirectories(Objects.requireNonNull(file.getParent()));
        Files.write(file, zip.readAllBytes());
      }
    }
  }

  /** What a served folder predicts of all inputs in one request. */
  private static JsonNode predicted(Path folder, ArrayNode inputs) throws Exception {
    Cli.Child child = Cli.start("serve", folder, "--port", 0, "--json").awaitErr("Ctrl-C");
    child.await(() -> child.out().toFile().length() > 0);
    String address = Json.parse(Files.readString(child.out()), "out").path("address").stringValue();
    ObjectNode body = Json.object();
    body.set("inputs", inputs);
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> response =
          client.send(
              HttpRequest.newBuilder(URI.create(address + "/v1/predict"))
                  .POST(HttpRequest.BodyPublishers.ofString(Json.line(body)))
                  .header("Content-Type", "application/json")
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
      return Json.parse(response.body(), "answer").path("data");
    } finally {
      assertThat(child.interrupt().result().status()).isZero();
    }
  }

  @Test
  void classesAreServedAsThePipelineGivesThem() throws Exception {
    Path folder = temp.resolve("bert-classes");
    JsonNode expected = Json.read(folder.resolve("expected.json"));
    ArrayNode inputs = Json.array();
    expected.forEach(one -> inputs.add(one.path("input")));
    JsonNode data = predicted(folder, inputs);
    for (int i = 0; i < expected.size(); i++) {
      JsonNode pipeline = expected.path(i).path("pipeline");
      assertThat(data.path(i).path("label")).isEqualTo(pipeline.path(0).path("label"));
      for (int k = 0; k < pipeline.size(); k++) {
        JsonNode one = data.path(i).path("top").path(k);
        assertThat(one.path("label")).isEqualTo(pipeline.path(k).path("label"));
        assertThat(one.path("probability").doubleValue())
            .isCloseTo(pipeline.path(k).path("score").doubleValue(), within(1e-5));
      }
    }
  }

  /** One label is a cross-encoder's unless the folder says otherwise. */
  @Test
  void aNumberIsServedWhereTheFolderSaysSo() throws Exception {
    Path folder = temp.resolve("bert-number");
    Path config = folder.resolve("config.json");
    ObjectNode json = (ObjectNode) Json.read(config);
    Files.writeString(config, Json.write(json.put("problem_type", "regression")));
    JsonNode expected = Json.read(folder.resolve("expected.json")).path(0);
    JsonNode data = predicted(folder, Json.array().add(expected.path("input")));
    assertThat(data.path(0).path("value").doubleValue())
        .isCloseTo(expected.path("pipeline").path(0).path("score").doubleValue(), within(1e-5));
  }
}
