package dev.slipway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.base.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** {@code serve} of several models as a process, and what befalls their files. */
@Timeout(300)
class SeveralModelsCommandTest {
  @TempDir Path temp;

  /** A service until this is closed. */
  private static final class Served implements AutoCloseable {
    private final Cli.Child child;
    private final HttpClient client = HttpClient.newHttpClient();
    private final String address;

    Served(Object... arguments) throws IOException {
      List<Object> line = new ArrayList<>(List.of("serve", "--port", 0, "--json"));
      line.addAll(List.of(arguments));
      child = Cli.start(line.toArray()).awaitErr("Ctrl-C");
      child.await(() -> child.out().toFile().length() > 0);
      address = Json.parse(Files.readString(child.out()), "out").path("address").stringValue();
    }

    private HttpResponse<String> answer(String model) throws IOException, InterruptedException {
      String body =
          Json.line(
              Json.object()
                  .put("model", model)
                  .put("prompt", "What is a slipway?")
                  .put("max_tokens", 8)
                  .put("temperature", 0)
                  .put("logprobs", 1));
      return client.send(
          HttpRequest.newBuilder(URI.create(address + "/v1/completions"))
              .POST(HttpRequest.BodyPublishers.ofString(body))
              .header("Content-Type", "application/json")
              .build(),
          HttpResponse.BodyHandlers.ofString());
    }

    /** Version and choices. */
    List<String> told(String model) throws IOException, InterruptedException {
      HttpResponse<String> answer = answer(model);
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      JsonNode body = Json.parse(answer.body(), "answer");
      return List.of(body.path("system_fingerprint").asString(), Json.line(body.path("choices")));
    }

    void hangUp() throws IOException, InterruptedException {
      Process kill =
          new ProcessBuilder("kill", "-HUP", Long.toString(child.process().pid())).start();
      assertThat(kill.waitFor()).isZero();
    }

    @Override
    public void close() {
      client.close();
      assertThat(child.interrupt().result().status()).isZero();
    }
  }

  private Path copied(String name) throws IOException {
    Path from = Cli.root().resolve("core/src/test/resources/dev/slipway/model/published/" + name);
    Path to = Files.createDirectories(temp.resolve(name));
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(String.valueOf(file.getFileName())));
      }
    }
    return to;
  }

  /**
   * GPT-2 is computed by libtorch, which reads weights all the time, from the file itself where it
   * has them in the type of products; Llama by kernels.
   */
  @Test
  void weightsThatAreCutOffWhileItServesChangeNothingAndANewFolderComesWithHup() throws Exception {
    Path gpt2 = copied("gpt2");
    Path llama = copied("llama");
    try (Served served = new Served(llama, "--model", "other=" + gpt2, "--dtype", "bfloat16")) {
      List<List<String>> before = List.of(served.told("llama"), served.told("other"));
      Path aside = temp.resolve("aside.safetensors");
      Files.copy(gpt2.resolve("model.safetensors"), aside);
      for (Path model : List.of(llama, gpt2)) {
        try (FileChannel channel =
            FileChannel.open(model.resolve("model.safetensors"), StandardOpenOption.WRITE)) {
          channel.truncate(0);
        }
      }
      assertThat(List.of(served.told("llama"), served.told("other"))).isEqualTo(before);
      served.hangUp();
      served.child.awaitErr("not reloaded: 'llama' answers as before");
      assertThat(List.of(served.told("llama"), served.told("other"))).isEqualTo(before);
      Path fresh =
          Cli.root()
              .resolve("core/src/test/resources/dev/slipway/model/published/llama")
              .resolve("model.safetensors");
      Files.copy(fresh, llama.resolve("model.safetensors"), StandardCopyOption.REPLACE_EXISTING);
      Files.move(aside, gpt2.resolve("model.safetensors"), StandardCopyOption.REPLACE_EXISTING);
      Files.writeString(gpt2.resolve("chat_template.jinja"), "{{ messages[0].content }}");
      served.hangUp();
      served.child.awaitErr("reloaded other, version ");
      assertThat(served.told("llama")).isEqualTo(before.getFirst());
      List<String> after = served.told("other");
      assertThat(after.getFirst()).isNotEqualTo(before.getLast().getFirst());
      assertThat(after.getLast()).isEqualTo(before.getLast().getLast());
    }
  }

  @Test
  void namesAndSharesThatCantBeAreRefusedBeforeAnythingListens() throws IOException {
    Path model = copied("llama");
    Cli.run("serve", model, "--model", "llama=" + model).fails(2, "serve.models", "'llama'");
    Cli.run("serve", model, "--model", "nameless").fails(2, "serve.models", "NAME=DIR");
    Cli.run("serve", model, "--split", "ab=llama:0.5,other:0.5")
        .fails(2, "serve.models", "'other'");
    Cli.run("serve", model, "--split", "ab=llama:-1").fails(2, "serve.models", "above 0");
    Cli.run("serve", model, "--split", "ab=llama:much").fails(2, "serve.models", "chat=old:0.9");
  }
}
