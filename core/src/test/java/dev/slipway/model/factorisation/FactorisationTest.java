package dev.slipway.model.factorisation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.base.SlipwayException;
import dev.slipway.model.LayerTable;
import dev.slipway.model.Pass;
import dev.slipway.nn.Input;
import dev.slipway.nn.InputShape;
import dev.slipway.nn.Inputs;
import dev.slipway.nn.ParameterSet;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;

class FactorisationTest {
  private static final List<InputShape> PAIR =
      List.of(new InputShape("categories", InputShape.Kind.IDS, List.of(2L), List.of(3, 4)));
  private static final List<InputShape> APART =
      List.of(InputShape.ids("user", 3), InputShape.ids("item", 4, 1L));

  private static Factorisation network(int factors, List<InputShape> inputs) {
    FactorisationConfig config =
        Factorisation.config(new FactorisationConfig.Size(factors, 0.5), inputs);
    ParameterSet parameters = ParameterSet.allocate(config.parameters());
    parameters.initialise(1);
    try (Scope _ = Scope.open();
        NoGrad _ = NoGrad.open()) {
      parameters.value("mean").fillInPlace(3);
      parameters.value("user.bias").copyInPlace(Tensor.of(new float[] {0, 1, 2}, 3, 1));
      parameters.value("item.bias").copyInPlace(Tensor.of(new float[] {0, .1f, .2f, .3f}, 4, 1));
      if (factors > 0) {
        parameters
            .value("user.factors")
            .copyInPlace(Tensor.of(new float[] {1, 0, 0, 1, 2, 3}, 3, 2));
        parameters
            .value("item.factors")
            .copyInPlace(Tensor.of(new float[] {1, 1, 1, 2, 3, 4, -1, .5f}, 4, 2));
      }
    }
    return new Factorisation(config, inputs, parameters);
  }

  @Test
  void whatEachPartCosts() {
    FactorisationConfig config = Factorisation.config(new FactorisationConfig.Size(2, 0.5), PAIR);
    LayerTable table = config.table(1);
    assertThat(table.rows())
        .extracting(row -> row.path() + " " + row.kind() + " " + row.output())
        .containsExactly(
            "mean bias (B, 1)",
            "user.bias embedding (B, 1)",
            "item.bias embedding (B, 1)",
            "user.factors embedding (B, 2)",
            "item.factors embedding (B, 2)",
            "score dot-product (B, 1)");
    assertThat(table.parameters()).isEqualTo(config.parameterCount());
    assertThat(table.bytes()).isEqualTo(4 * (1 + 1 + 1 + 2 + 2 + 1));
    assertThat(table.flops()).isEqualTo(2 * 2 + 3);
    LayerTable several = config.table(5);
    assertThat(several.rows().get(4).output()).isEqualTo("(B, 5, 2)");
    assertThat(several.rows().getLast().output()).isEqualTo("(B, 5)");
    assertThat(several.flops()).isEqualTo(5 * 7);
  }

  @Test
  void scoresAreTheFormula() {
    try (Scope _ = Scope.open();
        Factorisation network = network(2, PAIR)) {
      Inputs inputs =
          Inputs.of("categories", Input.of(Tensor.of(new long[] {0, 0, 2, 3, 1, 2}, 3, 2)));
      Tensor output = network.output(inputs, Pass.TRAINING);
      assertThat(output.shape()).containsExactly(3, 1);
      // 3 + 0 + 0 + 1; 3 + 2 + 0.3 + (-2 + 1.5); 3 + 1 + 0.2 + 4
      assertThat(output.toFloats()).containsExactly(new float[] {4, 4.8f, 8.2f}, within(1e-6f));
      output.sum().backward();
      assertThat(network.parameters().gradient("mean").toFloats()).containsExactly(3);
      assertThat(network.parameters().gradient("user.factors").toFloats())
          .containsExactly(new float[] {1, 1, 3, 4, -1, .5f}, within(1e-6f));
    }
  }

  @Test
  void idsMayComeApart() {
    try (Scope _ = Scope.open();
        NoGrad _ = NoGrad.open();
        Factorisation network = network(0, APART)) {
      SequencedMap<String, Input> inputs = new LinkedHashMap<>();
      inputs.put("user", Input.of(Tensor.of(new long[] {1, 2}, 2)));
      inputs.put("item", Input.of(Tensor.of(new long[] {3, 0}, 2, 1)));
      assertThat(network.output(new Inputs(inputs), Pass.INFERENCE).toFloats())
          .containsExactly(new float[] {4.3f, 5}, within(1e-6f));
    }
  }

  @Test
  void allItemsAreThePairsOneByOne() {
    try (Scope _ = Scope.open();
        NoGrad _ = NoGrad.open();
        Factorisation network = network(2, PAIR)) {
      Tensor all = network.allItems(Tensor.of(new long[] {0, 2}, 2));
      assertThat(all.shape()).containsExactly(2, 4);
      float[] pairs =
          network
              .scores(
                  Tensor.of(new long[] {0, 0, 0, 0, 2, 2, 2, 2}, 8),
                  Tensor.of(new long[] {0, 1, 2, 3, 0, 1, 2, 3}, 8))
              .toFloats();
      assertThat(all.toFloats()).containsExactly(pairs, within(1e-5f));
    }
  }

  @Test
  void otherInputsAreRefused() {
    List<List<InputShape>> wrong =
        List.of(
            List.of(InputShape.floats("numbers", 2L)),
            List.of(InputShape.ids("user", 3)),
            List.of(InputShape.ids("words", 3, InputShape.VARIABLE)),
            List.of(
                new InputShape("categories", InputShape.Kind.IDS, List.of(3L), List.of(3, 4, 5))));
    for (List<InputShape> inputs : wrong) {
      assertThatThrownBy(() -> Factorisation.config(new FactorisationConfig.Size(2, 0.1), inputs))
          .isInstanceOfSatisfying(
              SlipwayException.class,
              e -> assertThat(e.code()).isEqualTo("model.factorisation-inputs"));
    }
  }
}
