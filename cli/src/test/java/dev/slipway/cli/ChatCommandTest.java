package dev.slipway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.base.Json;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code slipway tokenize --messages}. */
class ChatCommandTest {
  private static final String TEMPLATE =
      "{{ bos_token }}{% for m in messages %}{% if m.role == 'critic' %}{{ raise_exception('No critics!') }}"
          + "{% endif %}{{ m.role }}: {% generation %}{{ m.content }}{% endgeneration %}{{ '\n' }}{% endfor %}"
          + "{% if add_generation_prompt %}assistant:{% endif %}";

  @TempDir private Path folder;
  private Path tokenizer = Path.of("");

  @BeforeEach
  void train() {
    Path text =
        TinyRun.write(
            folder.resolve("text.txt"), "user: Hallo Zürich\nassistant: Grüezi\n".repeat(20));
    tokenizer = folder.resolve("tokenizer");
    Cli.run("tokenizer", "train", "--source", text, "--out", tokenizer, "--vocabulary", 300)
        .succeeds();
  }

  private Path messages(String json) {
    return TinyRun.write(folder.resolve("messages.json"), json);
  }

  private void template(String template) {
    TinyRun.write(tokenizer.resolve("chat_template.jinja"), template);
  }

  @Test
  void aConversationBecomesTextAndIds() {
    template(TEMPLATE);
    Path file =
        messages(
            """
            {"messages": [{"role": "user", "content": "Hallo 🙂"}],
             "chat_template_kwargs": {"add_generation_prompt": true}}
            """);
    JsonNode document =
        Cli.run("tokenize", tokenizer, "--messages", file, "--json").succeeds().json();
    String text = document.path("text").asString();
    assertThat(text).isEqualTo("<|endoftext|>user: Hallo 🙂\nassistant:");
    Path textFile = TinyRun.write(folder.resolve("rendered.txt"), text);
    JsonNode plain =
        Cli.run("tokenize", tokenizer.resolve("tokenizer.json"), "--text", textFile, "--json")
            .succeeds()
            .json();
    assertThat(document.path("ids").size()).isBetween(5, plain.path("ids").size());
    List<Integer> own = new ArrayList<>();
    document.path("ids").forEach(id -> own.add(id.asInt()));
    List<Integer> all = new ArrayList<>();
    plain.path("ids").forEach(id -> all.add(id.asInt()));
    assertThat(all).as("but for what stands around a text").endsWith(own.toArray(Integer[]::new));
    JsonNode mask = document.path("assistant_masks");
    assertThat(mask.size()).isEqualTo(document.path("ids").size());
    StringBuilder marked = new StringBuilder();
    for (int i = 0; i < mask.size(); i++) {
      marked.append(mask.get(i).asInt());
    }
    assertThat(marked.toString()).matches("0+1+0+");
  }

  @Test
  void theTemplateMayStandInTheTokenizersConfiguration() {
    Path config = tokenizer.resolve("tokenizer_config.json");
    ObjectNode with = (ObjectNode) Json.read(config);
    with.putArray("chat_template")
        .add(Json.object().put("name", "default").put("template", "plain"))
        .add(Json.object().put("name", "tool_use").put("template", "{{ tools | length }} tools"));
    TinyRun.write(config, Json.write(with));
    Path plain = messages("[{\"role\": \"user\", \"content\": \"x\"}]");
    assertThat(text(plain)).isEqualTo("plain");
    Path tools =
        messages("{\"messages\": [{\"role\": \"user\", \"content\": \"x\"}], \"tools\": [{}, {}]}");
    assertThat(text(tools)).isEqualTo("2 tools");
  }

  private String text(Path file) {
    return Cli.run("tokenize", tokenizer, "--messages", file, "--json")
        .succeeds()
        .json()
        .path("text")
        .asString();
  }

  @Test
  void problemsAreToldInTheTemplatesWords() {
    Path file = messages("[{\"role\": \"critic\", \"content\": \"x\"}]");
    Cli.run("tokenize", tokenizer, "--messages", file).fails(3, "chat.no-template");
    template(TEMPLATE);
    Cli.run("tokenize", tokenizer, "--messages", file).fails(3, "chat.refused");
    assertThat(Cli.run("tokenize", tokenizer, "--messages", file).err()).contains("No critics!");
    Cli.run("tokenize", tokenizer, "--messages", messages("{}")).fails(3, "chat.malformed");
    Cli.run("tokenize", tokenizer, "--messages", messages("[]")).fails(3, "chat.malformed");
    Cli.run("tokenize", tokenizer, "--messages", messages("[1]")).fails(3, "chat.malformed");
    file = messages("[{\"role\": \"user\", \"content\": \"x\"}]");
    template("{% if %}");
    Cli.run("tokenize", tokenizer, "--messages", file).fails(3, "chat.template-malformed");
    template("{{ nothing.at.all }}");
    Cli.run("tokenize", tokenizer, "--messages", file).fails(3, "chat.template-failed");
    template("{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}");
    Cli.run("tokenize", tokenizer, "--messages", file).fails(3, "chat.template-limit");
  }
}
