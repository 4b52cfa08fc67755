package dev.slipway.recipe.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.base.SlipwayException;
import dev.slipway.base.binding.Auto;
import dev.slipway.data.example.Field;
import dev.slipway.data.example.MemoryExamples;
import dev.slipway.data.example.Splits;
import dev.slipway.data.example.Value;
import dev.slipway.data.feature.Augmented;
import dev.slipway.data.feature.FeatureConfig;
import dev.slipway.model.sequential.Activation;
import dev.slipway.model.sequential.BasicLayer.Dense;
import dev.slipway.model.sequential.NormLayer;
import dev.slipway.model.sequential.Sequential;
import dev.slipway.model.sequential.SequentialConfig;
import dev.slipway.optim.Optimizer;
import dev.slipway.optim.OptimizerConfig;
import dev.slipway.task.ExampleObjective;
import dev.slipway.task.TaskConfig;
import dev.slipway.task.TaskData;
import dev.slipway.tensor.Scope;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FrozenTest {
  private static TaskData data() {
    List<MemoryExamples.Row> rows =
        IntStream.range(0, 64)
            .mapToObj(
                i ->
                    new MemoryExamples.Row(
                        "row-" + i,
                        1,
                        Map.of(
                            "x", new Value.Number(Math.sin(i)),
                            "y", new Value.Number(Math.cos(3 * i)))))
            .toList();
    return TaskData.prepare(
        new MemoryExamples(
            List.of(new Field("x", Field.Kind.NUMBER), new Field("y", Field.Kind.NUMBER)), rows),
        new Splits(IntStream.range(0, 64).toArray(), new int[0], new int[0], List.of()),
        Auto.of(List.of(FeatureConfig.Numbers.of(List.of("x")))),
        Augmented.NOT,
        TaskConfig.Regression.of("y"));
  }

  private static Sequential network(TaskData data) {
    return Sequential.create(
        SequentialConfig.of(
            data.inputs(),
            List.of(
                new Dense(8, Optional.of(Activation.RELU), true),
                new NormLayer.BatchNorm(0.1, 1e-5),
                new Dense(8, Optional.of(Activation.RELU), true),
                new Dense(1, Optional.empty(), true))),
        3);
  }

  @Test
  void whatIsFrozenStaysToTheLastBitAndTheRestIsLearnt() {
    TaskData data = data();
    try (Scope _ = Scope.open();
        Sequential network = network(data);
        ExampleObjective objective =
            new ExampleObjective(
                network, data.task(), data.training(16, 1), null, ExampleObjective.Options.PLAIN);
        Optimizer optimizer = OptimizerConfig.AdamW.of(1e-2, 0.5).bind(network.parameters())) {
      Frozen.apply(network.parameters(), List.of("0.*", "1.weight", "2.bias"));
      Map<String, float[]> before = new HashMap<>();
      network
          .parameters()
          .specs()
          .forEach(
              spec -> before.put(spec.name(), network.parameters().value(spec.name()).toFloats()));
      float[] statistics = network.buffers().flat().toFloats();
      for (int step = 0; step < 8; step++) {
        network.parameters().flatGradients().zeroInPlace();
        objective.forwardBackward(step, 1.0 / 16);
        assertThat(network.parameters().gradient("0.weight").toFloats()).containsOnly(0);
        optimizer.step(step, 1, 1);
        objective.parametersChanged();
      }
      for (String name : List.of("0.weight", "0.bias", "1.weight", "2.bias")) {
        assertThat(network.parameters().value(name).toFloats()).isEqualTo(before.get(name));
      }
      for (String name : List.of("1.bias", "2.weight", "3.weight", "3.bias")) {
        assertThat(network.parameters().value(name).toFloats()).isNotEqualTo(before.get(name));
      }
      // The batch norm goes by what it knew.
      assertThat(network.buffers().flat().toFloats()).isEqualTo(statistics);
    }
  }

  @Test
  void namesThatAreNobodysAreRefusedAndSoIsAllOfThem() {
    TaskData data = data();
    try (Scope _ = Scope.open();
        Sequential network = network(data)) {
      assertThatThrownBy(() -> Frozen.apply(network.parameters(), List.of("trunk.*")))
          .isInstanceOfSatisfying(
              SlipwayException.class, e -> assertThat(e.code()).isEqualTo("model.freeze"))
          .hasMessageContaining("0.weight");
      assertThatThrownBy(() -> Frozen.apply(network.parameters(), List.of("*")))
          .hasMessageContaining("all 8 parameters are frozen");
    }
  }
}
