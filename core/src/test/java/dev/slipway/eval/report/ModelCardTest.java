package dev.slipway.eval.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.eval.report.ReportData.Fact;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

class ModelCardTest {
  @Test
  void theHubReadsItsFrontMatter() {
    String text = card("java-2.6m", null).markdown();
    JsonNode front = frontMatter(text);
    assertThat(front.get("license").asString()).isEqualTo("other");
    assertThat(front.get("library_name").asString()).isEqualTo("transformers");
    assertThat(front.get("pipeline_tag").asString()).isEqualTo("text-generation");
    assertThat(front.get("tags").get(0).asString()).isEqualTo("slipway");
    JsonNode result = front.get("model-index").get(0).get("results").get(0);
    assertThat(result.get("metrics").get(0).get("type").asString()).isEqualTo("bits-per-byte");
    assertThat(result.get("metrics").get(0).get("value").asDouble()).isBetween(0.8, 1.0);
    assertThat(text)
        .contains(
            "## Data",
            "## Figures",
            "| 16-gram of bytes | 0.9940 | 0.9510 to 1.0410 |",
            "## Limits",
            "## How it was made",
            "AutoModelForCausalLM.from_pretrained",
            "slipway serve .",
            "settles the licence");
  }

  @Test
  void whateverItIsNamedItStaysYamlAndOneTag() {
    String name = "a\"b: [c]\n---\n<script>|`";
    String text = card(name, "apache-2.0").markdown();
    JsonNode front = frontMatter(text);
    assertThat(front.get("model-index").get(0).get("name").asString()).isEqualTo(name);
    assertThat(front.get("license").asString()).isEqualTo("apache-2.0");
    assertThat(text).contains("\n# a\"b: [c] --- &lt;script>|`\n").doesNotContain("\n<script>");
  }

  private static JsonNode frontMatter(String text) {
    assertThat(text).startsWith("---\n");
    return new YAMLMapper().readTree(text.substring(4, text.indexOf("\n---\n", 4)));
  }

  private static ModelCard card(String name, @Nullable String license) {
    ReportData report = SampleReport.data();
    return new ModelCard(
        name,
        "LlamaForCausalLM",
        license,
        List.of("slipway", "code"),
        "JDK sources",
        List.of("Java sources of a JDK, one document a file."),
        report.evaluation(),
        List.of("It continues Java; it answers no questions."),
        List.of(new Fact("parameters", "2,603,712"), new Fact("a|b", "c")),
        report.samples(),
        report.recipe(),
        "public int size() {");
  }
}
