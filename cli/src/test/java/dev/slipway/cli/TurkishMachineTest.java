package dev.slipway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.base.Hashing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a machine set to Turkish, where i becomes İ and 1.5 is 1,5, commands do what they do. */
class TurkishMachineTest {
  private static final Path ENCODER =
      Cli.root().resolve("core/src/test/resources/dev/slipway/model/pretrained/sentence-several");

  @TempDir private Path temp;

  private static String at(Locale locale, Object... command) {
    Locale before = Locale.getDefault();
    Locale.setDefault(locale);
    try {
      return Cli.run(command).succeeds().out();
    } finally {
      Locale.setDefault(before);
    }
  }

  /** What the commands print, and the sums of what they write. */
  private Map<String, String> outputs(Locale locale) throws IOException {
    Path folder = Files.createDirectories(temp.resolve(locale.toString()));
    Path text =
        TinyRun.write(temp.resolve("text.txt"), "İSTANBUL ILIK ışık, title: index\nI i İ ı 1.5\n");
    Path messages =
        TinyRun.write(
            temp.resolve("messages.json"),
            "[{\"role\": \"user\", \"content\": \"I LIKE İSTANBUL\"}]");
    Path run = TinyRun.finished();
    Path chat = Files.createDirectories(folder.resolve("chat"));
    Files.copy(run.resolve("model/tokenizer.json"), chat.resolve("tokenizer.json"));
    Files.writeString(
        chat.resolve("chat_template.jinja"),
        "{% for m in messages %}{{ m.role | upper }}: {{ m.content | lower | title }}{% endfor %}{{ 1.5 }}");
    Map<String, String> outputs = new LinkedHashMap<>();
    outputs.put("tokenize", at(locale, "tokenize", run, "--text", text, "--json"));
    outputs.put("template", at(locale, "tokenize", chat, "--messages", messages, "--json"));
    outputs.put("words", at(locale, "tokenize", ENCODER, "--text", text, "--json"));
    outputs.put("score", at(locale, "score", run, "--text", text, "--json"));
    outputs.put("told", at(locale, "score", run, "--text", text));
    outputs.put("embed", at(locale, "embed", ENCODER, "--text", text, "--json"));
    outputs.put("mean", at(locale, "embed", run, "--text", text, "--json"));
    outputs.put(
        "generate",
        at(locale, "generate", run, "--prompt", "title", "--max-tokens", 8, "--temperature", 0));
    Path tuned = folder.resolve("tuned");
    assertThat(at(locale, "run", recipe(folder, run), "--out", tuned, "--json")).isNotEmpty();
    outputs.put("tune", sum(tuned.resolve("model/adapter_model.safetensors")));
    outputs.put("adapter", at(locale, "score", tuned, "--text", text, "--json"));
    for (String type : List.of("f16", "q8_0")) {
      Path gguf = folder.resolve(type + ".gguf");
      assertThat(at(locale, "export", run, "--type", type, "--out", gguf, "--json")).isNotEmpty();
      outputs.put(type, sum(gguf));
    }
    Path huggingFace = folder.resolve("out");
    assertThat(at(locale, "export", run, "--format", "huggingface", "--out", huggingFace, "--json"))
        .isNotEmpty();
    outputs.put("config", Files.readString(huggingFace.resolve("config.json")));
    outputs.put("weights", sum(huggingFace.resolve("model.safetensors")));
    return outputs;
  }

  private static Path recipe(Path folder, Path run) {
    return TinyRun.write(
        folder.resolve("tune.yaml"),
        """
        name: tuned
        budget: { time: 60s }
        data:
          source: { text: { path: "%s" } }
          split: { validation: 10%%, test: 10%% }
        model: { pretrained: { path: "%s", context: 32 } }
        tune: { lora: { rank: 4, alpha: 8 } }
        train: { steps: 3, batch: 4, precision: fp32, learning-rate: 1.5e-3 }
        """
            .formatted(TinyRun.text(folder.resolve("learnt.txt"), 60), run));
  }

  private static String sum(Path file) {
    return Hashing.sha256(file);
  }

  @Test
  void commandsGiveTheSameAsElsewhere() throws IOException {
    Map<String, String> english = outputs(Locale.US);
    assertThat(outputs(Locale.of("tr", "TR"))).isEqualTo(english);
    assertThat(english.get("template")).contains("USER: I Like", "1.5");
  }

  @Test
  void aProcessThatIsToldToBeTurkishGivesTheSame() {
    Path text = TinyRun.write(temp.resolve("text.txt"), "İSTANBUL ILIK ışık, title: index\n");
    Map<String, String> turkish =
        Map.of("JAVA_TOOL_OPTIONS", "-Duser.language=tr -Duser.country=TR");
    String told =
        Cli.start(List.of(), turkish, "score", TinyRun.finished(), "--text", text).result().out();
    assertThat(told)
        .isEqualTo(Cli.run("score", TinyRun.finished(), "--text", text).succeeds().out())
        .contains("bits per byte");
  }
}
