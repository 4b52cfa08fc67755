package dev.slipway.platform.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every request that docs/serve.md and docs/tools.md show is answered. */
class ServePageTest {
  private static final Pattern BLOCK = Pattern.compile("```sh\n(.*?)```", Pattern.DOTALL);
  private static final Pattern REQUEST =
      Pattern.compile(
          "curl (?:-N )?http://127\\.0\\.0\\.1:8080(/\\S+)(?: -H 'Content-Type: application/json' \\\\\n"
              + "  -d '([^']*)')?\n");

  @TempDir Path folder;

  @Test
  void everyRequestOfThePageIsAnswered() throws IOException, InterruptedException {
    String page =
        Files.readString(Path.of("../docs/serve.md"))
            + Files.readString(Path.of("../docs/tools.md"));
    int requests = 0;
    try (ModelServer server = TinyModel.serve(folder, ServeOptions.DEFAULT.withPort(0), List.of());
        Http http = new Http(server)) {
      server.awaitReady();
      Matcher blocks = BLOCK.matcher(page);
      while (blocks.find()) {
        Matcher request = REQUEST.matcher(blocks.group(1));
        assertThat(request.matches()).as(blocks.group(1)).isTrue();
        String body = request.group(2);
        HttpResponse<String> answer =
            body == null ? http.get(request.group(1)) : http.post(request.group(1), body);
        assertThat(answer.statusCode()).as(blocks.group(1) + answer.body()).isEqualTo(200);
        requests++;
      }
    }
    assertThat(requests).isEqualTo(13);
  }

  @Test
  void thePageTellsTheDefaultsThatAre() throws IOException {
    String page = Files.readString(Path.of("../docs/serve.md"));
    ServeOptions options = ServeOptions.DEFAULT;
    assertThat(page)
        .contains(options.host() + ":" + options.port())
        .contains(
            String.format(
                Locale.ROOT,
                "%d continuations, or %,d tokens, wait already",
                options.queue().continuations(),
                options.queue().tokens()))
        .contains("(" + options.drain().toSeconds() + " s at most)");
    assertThat(options.maxBodyBytes()).isEqualTo(1 << 20);
    assertThat(page).contains("1 MiB");
  }
}
