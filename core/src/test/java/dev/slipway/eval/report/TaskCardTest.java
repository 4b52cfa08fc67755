package dev.slipway.eval.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.eval.analysis.CrossValidation;
import dev.slipway.eval.analysis.Fairness;
import dev.slipway.eval.report.ReportData.Fact;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

class TaskCardTest {
  @Test
  void tellsDataFiguresYardsticksGroupsAndLimits() {
    String text = card("digits").markdown();
    JsonNode front = frontMatter(text);
    assertThat(front.get("pipeline_tag").asString()).isEqualTo("image-classification");
    JsonNode result = front.get("model-index").get(0).get("results").get(0);
    assertThat(result.get("metrics").get(0).get("type").asString()).isEqualTo("accuracy");
    assertThat(result.get("metrics").get(0).get("value").asDouble()).isBetween(0.9, 1.0);
    assertThat(text)
        .contains(
            "\n# digits\n\nThe model's accuracy on 600 held-out examples",
            "## Data",
            "| picture | 28 × 28, grey |",
            "| logistic regression on pixels | 0.9040 | 0.8980 to 0.9100 |",
            "## Over 2 folds",
            "| accuracy | 0.8000 | 0.1414 | 0.7000 | 0.9000 |",
            "## By sex",
            "| f | 2 | 50.0 % (",
            "## Limits",
            "slipway predict . --input '{\"picture\": \"four.png\"}'",
            "settles the licence")
        .doesNotContain("NaN", "recall of 3");
  }

  @Test
  void whateverItIsNamedItStaysYamlAndOneTag() {
    String name = "a\"b: [c]\n---\n<script>|`";
    String text = card(name).markdown();
    assertThat(frontMatter(text).get("model-index").get(0).get("name").asString()).isEqualTo(name);
    assertThat(text).doesNotContain("\n<script>");
  }

  private static JsonNode frontMatter(String text) {
    return new YAMLMapper().readTree(text.substring(4, text.indexOf("\n---\n", 4)));
  }

  private static TaskCard card(String name) {
    return new TaskCard(
        name,
        "multi-class classification",
        "image-classification",
        "a convolutional network of 54,410 parameters",
        null,
        List.of("slipway"),
        "MNIST",
        List.of("Pictures of handwritten digits."),
        List.of(new Fact("picture", "28 × 28, grey")),
        List.of("The digit with its probability."),
        SampleTaskReport.evaluation(),
        new CrossValidation(
            "stratified",
            List.of("accuracy"),
            List.of(
                new CrossValidation.Fold("1", 8, 2, new double[] {0.7}),
                new CrossValidation.Fold("2", 8, 2, new double[] {0.9}))),
        List.of(
            Fairness.of(
                "sex",
                "told to be a bad risk",
                new int[] {0, 1, 1},
                new int[] {0, 1, 1},
                List.of("f", "m"),
                new int[] {0, 0, 1})),
        List.of("It knows digits alone."),
        List.of(new Fact("epochs", "10")),
        "name: digits\n",
        "{\"picture\": \"four.png\"}");
  }
}
