package dev.slipway.platform.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.platform.access.KeyFile;
import dev.slipway.platform.access.Limits;
import dev.slipway.platform.access.Scope;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every request that docs/secure-a-service.md and docs/watch-a-service.md show is answered. */
class SecurePageTest {
  private static final Pattern BLOCK = Pattern.compile("```sh\n(.*?)```", Pattern.DOTALL);
  private static final Pattern REQUEST =
      Pattern.compile(
          "curl http://127\\.0\\.0\\.1:8080(/\\S+)(?: -H \"Authorization: Bearer \\$KEY\")?\n");

  @TempDir Path folder;

  @Test
  void everyRequestOfThePageIsAnswered() throws IOException, InterruptedException {
    Path file = folder.resolve("keys.json");
    String key =
        new KeyFile(file)
            .create("laptop", List.of(Scope.INFER, Scope.METRICS), Instant.now(), null, Limits.NONE)
            .secret();
    int requests = 0;
    try (ModelServer server =
            ModelServer.start(
                ServeOptions.DEFAULT.withPort(0).withSafety(Safety.NONE.withKeys(file)),
                "toy",
                FakeEngine::new,
                List.of());
        HttpClient client = HttpClient.newHttpClient()) {
      server.awaitReady();
      Matcher blocks =
          BLOCK.matcher(
              Files.readString(Path.of("../docs/secure-a-service.md"))
                  + Files.readString(Path.of("../docs/watch-a-service.md")));
      while (blocks.find()) {
        Matcher request = REQUEST.matcher(blocks.group(1));
        assertThat(request.matches()).as(blocks.group(1)).isTrue();
        assertThat(
                client
                    .send(
                        HttpRequest.newBuilder(server.address().resolve(request.group(1)))
                            .header("Authorization", "Bearer " + key)
                            .build(),
                        HttpResponse.BodyHandlers.ofString())
                    .statusCode())
            .isEqualTo(200);
        requests++;
      }
    }
    assertThat(requests).isEqualTo(2);
  }
}
