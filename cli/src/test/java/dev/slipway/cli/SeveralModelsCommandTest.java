package dev.slipway.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.slipway.base.Json;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
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

  /** Version and choices of an answer. */
  private static List<String> told(ServedProcess served, String model) {
    JsonNode body =
        served.post(
            "/v1/completions",
            Json.object()
                .put("model", model)
                .put("prompt", "What is a slipway?")
                .put("max_tokens", 8)
                .put("temperature", 0)
                .put("logprobs", 1));
    return List.of(body.path("system_fingerprint").asString(), Json.line(body.path("choices")));
  }

  private static void hangUp(ServedProcess served) throws IOException, InterruptedException {
    String pid = Long.toString(served.child().process().pid());
    assertThat(new ProcessBuilder("kill", "-HUP", pid).start().waitFor()).isZero();
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
    assumeFalse(ignoresHup(), "skipped: SIGHUP is ignored here, as under nohup");
    Path gpt2 = copied("gpt2");
    Path llama = copied("llama");
    try (ServedProcess served =
        new ServedProcess(llama, "--model", "other=" + gpt2, "--dtype", "bfloat16")) {
      List<List<String>> before = List.of(told(served, "llama"), told(served, "other"));
      Path aside = temp.resolve("aside.safetensors");
      Files.copy(gpt2.resolve("model.safetensors"), aside);
      for (Path model : List.of(llama, gpt2)) {
        try (FileChannel channel =
            FileChannel.open(model.resolve("model.safetensors"), StandardOpenOption.WRITE)) {
          channel.truncate(0);
        }
      }
      assertThat(List.of(told(served, "llama"), told(served, "other"))).isEqualTo(before);
      hangUp(served);
      served.child().awaitErr("not reloaded: 'llama' answers as before");
      assertThat(List.of(told(served, "llama"), told(served, "other"))).isEqualTo(before);
      Path fresh =
          Cli.root()
              .resolve("core/src/test/resources/dev/slipway/model/published/llama")
              .resolve("model.safetensors");
      Files.copy(fresh, llama.resolve("model.safetensors"), StandardCopyOption.REPLACE_EXISTING);
      Files.move(aside, gpt2.resolve("model.safetensors"), StandardCopyOption.REPLACE_EXISTING);
      Files.writeString(gpt2.resolve("chat_template.jinja"), "{{ messages[0].content }}");
      hangUp(served);
      served.child().awaitErr("reloaded other, version ");
      assertThat(told(served, "llama")).isEqualTo(before.getFirst());
      List<String> after = told(served, "other");
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

  /** Whether what is started from here never hears the signal. */
  private static boolean ignoresHup() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.isReadable(status)) {
      return false;
    }
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith("SigIgn:"))
        .anyMatch(line -> (Long.parseUnsignedLong(line.substring(7).strip(), 16) & 1) != 0);
  }
}
