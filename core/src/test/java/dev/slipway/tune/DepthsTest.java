package dev.slipway.tune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.base.SlipwayException;
import dev.slipway.nn.ParameterSet;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.optim.Optimizer;
import dev.slipway.optim.OptimizerConfig;
import dev.slipway.tensor.Scope;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DepthsTest {
  private static final List<ParameterSpec> MODEL =
      List.of(
          ParameterSpec.vector("model.embed_tokens.weight", 2, 1),
          ParameterSpec.vector("model.layers.0.mlp.down_proj.weight", 2, 1),
          ParameterSpec.vector("model.layers.1.mlp.down_proj.weight", 2, 1),
          ParameterSpec.vector("model.norm.weight", 2, 1));
  private static final List<String> NAMES = MODEL.stream().map(ParameterSpec::name).toList();

  private static List<Integer> depths(String... names) {
    List<ParameterSpec> specs =
        List.of(names).stream().map(name -> ParameterSpec.vector(name, 1, 0)).toList();
    Depths depths = Depths.of(specs);
    return List.of(names).stream().map(depths::of).toList();
  }

  @Test
  void everyFamilysBlocksAreCounted() {
    assertThat(NAMES.stream().map(Depths.of(MODEL)::of)).containsExactly(0, 1, 2, 3);
    assertThat(depths("wte.weight", "h.0.ln_1.bias", "h.11.ln_1.bias", "ln_f.bias"))
        .containsExactly(0, 1, 12, 13);
    assertThat(
            depths(
                "bert.embeddings.LayerNorm.weight",
                "bert.encoder.layer.0.output.dense.bias",
                "bert.pooler.dense.weight",
                "classifier.weight"))
        .containsExactly(0, 1, 2, 2);
    assertThat(Depths.of(MODEL).of("a.head.of.ones.own")).isEqualTo(3);
  }

  @Test
  void eachBlockLearnsSlowerThanTheOneAboveIt() {
    Map<String, Double> rates =
        Depths.of(MODEL).rates(new TuningMethod.Full(List.of(), 0, 0.5, 0), NAMES, 7);
    assertThat(NAMES.stream().map(rates::get)).containsExactly(0.125, 0.25, 0.5, 1.0);
    assertThat(Depths.of(MODEL).rates(TuningMethod.Full.ALL, NAMES, 7)).isEmpty();
  }

  @Test
  void blocksBeginToLearnFromTheLastDown() {
    Depths depths = Depths.of(MODEL);
    TuningMethod.Full method = new TuningMethod.Full(List.of(), 0, 1, 10);
    for (long step : new long[] {0, 9, 10, 19, 20, 1000}) {
      Map<String, Double> rates = depths.rates(method, NAMES, step);
      assertThat(NAMES.stream().map(rates::get))
          .containsExactly(step < 20 ? 0.0 : 1, step < 10 ? 0.0 : 1, 1.0, 1.0);
    }
  }

  @Test
  void theFirstBlocksAndTheEmbeddingsAreFrozen() {
    TuningMethod.Full method = new TuningMethod.Full(List.of(), 1, 1, 0);
    assertThat(FrozenNames.learning(MODEL, method)).containsExactlyElementsOf(MODEL.subList(2, 4));
    assertThatThrownBy(() -> FrozenNames.learning(MODEL, new TuningMethod.Full(List.of(), 3, 1, 0)))
        .isInstanceOfSatisfying(
            SlipwayException.class,
            e -> assertThat(e.line()).contains("freeze-layers is 3").contains("2 blocks"));
  }

  /** A step of Adam is the learning rate long, whatever the gradient. */
  @Test
  void adamwTakesEachParametersShare() {
    try (Scope _ = Scope.open();
        ParameterSet parameters = ParameterSet.allocate(MODEL)) {
      parameters.learnAt(Map.of(NAMES.get(0), 0.0, NAMES.get(1), 0.5));
      OptimizerConfig.AdamW adamw = new OptimizerConfig.AdamW(0.1, 0.9, 0.999, 1e-12, 0, 0);
      try (Optimizer optimizer = adamw.bind(parameters)) {
        parameters.flatGradients().fillInPlace(3);
        optimizer.step(0, 1, 1);
        float[] values = parameters.flat().toFloats();
        assertThat(values).hasSize(8);
        assertThat(values[0] - values[7]).isCloseTo(0.1f, within(1e-5f)); // 0 and all of it
        assertThat(values[2] - values[7]).isCloseTo(0.05f, within(1e-5f));
        float[] before = values.clone();
        parameters.learnAt(Map.of());
        optimizer.step(1, 1, 1);
        for (int i = 0; i < 8; i++) {
          float moved = before[i] - parameters.flat().toFloats()[i];
          assertThat(moved).isCloseTo(0.1f, within(1e-4f));
        }
      }
    }
  }

  @Test
  void optimizersOfOneRateRefuse() {
    try (ParameterSet parameters = ParameterSet.allocate(MODEL)) {
      parameters.learnAt(Map.of(NAMES.get(0), 0.5));
      assertThatThrownBy(() -> OptimizerConfig.Adam.of(0.1).bind(parameters))
          .extracting("code")
          .isEqualTo("train.rates");
    }
  }
}
