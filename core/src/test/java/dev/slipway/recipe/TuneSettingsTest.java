package dev.slipway.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.base.binding.Variables;
import dev.slipway.tune.Targets;
import dev.slipway.tune.TuningMethod;
import java.util.List;
import org.junit.jupiter.api.Test;

class TuneSettingsTest {
  private static final String PRETRAINED =
      """
      data: { source: { text: { path: a.txt } } }
      model: { pretrained: models/tiny }
      """;

  private static Recipe parse(String text) {
    return RecipeDocument.parse(text, "test", List.of(), Variables.ofSystem());
  }

  @Test
  void aPretrainedModelIsTunedInFullWithItsOwnTokenizer() {
    Recipe recipe = parse(PRETRAINED);
    assertThat(recipe.tune()).isEqualTo(TuningMethod.Full.ALL);
    assertThat(recipe.tokenizer()).isEqualTo(new TokenizerSettings.OfModel());
    assertThat(((ModelSettings.Pretrained) recipe.model()).path()).isEqualTo("models/tiny");
    assertThat(parse(RecipeDocument.write(recipe))).isEqualTo(recipe);
  }

  @Test
  void loraIsWrittenAsPeftsUsersKnowIt() {
    Recipe recipe =
        parse(
            PRETRAINED
                + """
                tune:
                  lora:
                    rank: 4
                    alpha: 8
                    targets: { named: [q_proj, v_proj] }
                    rank-stabilised: true
                    decomposed: true
                    dropout: 0.1
                    modules-to-save: [lm_head]
                """);
    assertThat(recipe.tune())
        .isEqualTo(
            new TuningMethod.Lora(
                4,
                8,
                new Targets.Named(List.of("q_proj", "v_proj"), List.of()),
                true,
                true,
                0.1,
                List.of("lm_head")));
    assertThat(parse(RecipeDocument.write(recipe))).isEqualTo(recipe);
    assertThat(parse(PRETRAINED + "tune: lora\n").tune())
        .isEqualTo(TuningMethod.Lora.of(8, 16, new Targets.AllLinear(), false, false));
  }

  @Test
  void refusesWhatDoesNotGoTogether() {
    String fresh = "data: { source: { text: { path: a.txt } } }\n";
    assertThatThrownBy(() -> parse(fresh + "tune: lora\n")).hasMessageContaining("pretrained");
    assertThatThrownBy(() -> parse(fresh + "tokenizer: of-model\n")).hasMessageContaining("bpe");
    assertThatThrownBy(() -> parse(PRETRAINED + "tokenizer: { bpe: { vocabulary: 1000 } }\n"))
        .hasMessageContaining("of-model");
    assertThatThrownBy(() -> parse(PRETRAINED + "tune: { lora: { targets: { matching: '(' } } }\n"))
        .hasMessageContaining("regular expression");
  }

  @Test
  void everyMethodIsOneWordOrItsSettings() {
    for (String tune :
        List.of(
            "full",
            "bitfit",
            "ia3",
            "houlsby",
            "pfeiffer",
            "adalora",
            "qlora",
            "prompt",
            "{ prompt: { virtual-tokens: 8, init: { text: Say it in French } } }",
            "{ prefix: { virtual-tokens: 4, init: random } }",
            "{ houlsby: { size: 8, activation: silu } }",
            "{ ia3: { targets: { named: [k_proj] }, feed-forward: { named: [none] } } }",
            "{ adalora: { initial-rank: 6, target-rank: 2, initial-steps: 5 } }",
            "{ qlora: { rank: 4, targets: all-linear } }")) {
      Recipe recipe = parse(PRETRAINED + "tune: " + tune + "\n");
      assertThat(parse(RecipeDocument.write(recipe))).as(tune).isEqualTo(recipe);
    }
    assertThatThrownBy(
            () -> parse(PRETRAINED + "tune: { adalora: { initial-rank: 2, target-rank: 3 } }\n"))
        .hasMessageContaining("at most initial-rank, 2");
  }
}
