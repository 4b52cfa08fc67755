package dev.slipway.optim;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.base.Json;
import dev.slipway.nn.ParameterSet;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.tensor.Functional;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/**
 * The losses of a perceptron from the same start on the same batches, beside PyTorch: {@code
 * reference/optimizers.py} made the fixture.
 */
class OptimizerLossTest {
  private static final int STEPS = 50;
  private static final int ROWS = 16;
  private static final int INPUTS = 9;
  private static final int HIDDEN = 19;
  private static final int CLASSES = 4;

  private static final List<ParameterSpec> SPECS =
      List.of(
          ParameterSpec.matrix("hidden.weight", HIDDEN, INPUTS, 0),
          ParameterSpec.vector("hidden.bias", HIDDEN, 0),
          ParameterSpec.matrix("output.weight", CLASSES, HIDDEN, 0),
          ParameterSpec.vector("output.bias", CLASSES, 0));

  private static final OptimizerConfig.AdamW ADAMW = OptimizerConfig.AdamW.of(0.01, 0.1);

  private static final Map<String, OptimizerConfig> OPTIMIZERS =
      Map.ofEntries(
          Map.entry("sgd", new OptimizerConfig.Sgd(0.3, 0, 0, false, OptimizerConfig.Penalty.NONE)),
          Map.entry("sgd-momentum", new OptimizerConfig.Sgd(0.1, 0.9, 0.2, false, penalty(0.01))),
          Map.entry("sgd-nesterov", new OptimizerConfig.Sgd(0.05, 0.9, 0, true, penalty(0.01))),
          Map.entry(
              "sgd-l1",
              new OptimizerConfig.Sgd(0.3, 0, 0, false, new OptimizerConfig.Penalty(0.003, 0))),
          Map.entry("adam", OptimizerConfig.Adam.of(0.01)),
          Map.entry("adam-l2", new OptimizerConfig.Adam(0.01, 0.9, 0.999, 1e-8, penalty(0.02))),
          Map.entry("adamw", ADAMW),
          Map.entry(
              "rmsprop", new OptimizerConfig.RmsProp(0.003, 0.99, 1e-6, 0, false, penalty(0.01))),
          Map.entry(
              "rmsprop-centered",
              new OptimizerConfig.RmsProp(
                  0.001, 0.9, 1e-3, 0.8, true, OptimizerConfig.Penalty.NONE)),
          Map.entry("adagrad", new OptimizerConfig.Adagrad(0.1, 0.01, 0.05, 1e-10, penalty(0.01))),
          Map.entry(
              "muon",
              new OptimizerConfig.Muon(
                  0.02, 0.95, true, 5, 0.05, OptimizerConfig.Muon.Scale.SPECTRAL, false, ADAMW)));

  private static final Map<String, Schedule> SCHEDULES =
      Map.of(
          "constant", new Schedule.Constant(5),
          "linear", new Schedule.Linear(5, 0.1),
          "cosine", new Schedule.Cosine(5, 0.1),
          "warmup-stable-decay", new Schedule.WarmupStableDecay(5, 12, 0.1));

  private static OptimizerConfig.Penalty penalty(double l2) {
    return new OptimizerConfig.Penalty(0, l2);
  }

  @TestFactory
  Stream<DynamicTest> lossesArePyTorchs() throws IOException {
    JsonNode fixture = fixture();
    assertThat(fixture.propertyNames()).hasSameElementsAs(OPTIMIZERS.keySet());
    return fixture
        .propertyStream()
        .flatMap(
            optimizer ->
                optimizer
                    .getValue()
                    .propertyStream()
                    .map(
                        schedule ->
                            DynamicTest.dynamicTest(
                                optimizer.getKey() + ", " + schedule.getKey(),
                                () ->
                                    check(
                                        Objects.requireNonNull(OPTIMIZERS.get(optimizer.getKey())),
                                        Objects.requireNonNull(SCHEDULES.get(schedule.getKey())),
                                        schedule.getValue()))));
  }

  private static void check(OptimizerConfig config, Schedule schedule, JsonNode expected) {
    assertThat(expected.size()).isEqualTo(STEPS);
    try (ParameterSet parameters = start();
        Optimizer optimizer = config.bind(parameters)) {
      for (int step = 0; step < STEPS; step++) {
        assertThat(step(parameters, optimizer, schedule, step))
            .as("step %d", step)
            .isCloseTo(expected.get(step).asDouble(), within(1e-5));
      }
    }
  }

  private static ParameterSet start() {
    ParameterSet parameters = ParameterSet.allocate(SPECS);
    double[] sizes = {0.5, 0.1, 0.4, 0.1};
    try (Scope _ = Scope.open()) {
      for (int index = 0; index < SPECS.size(); index++) {
        int count = (int) SPECS.get(index).numel();
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
          values[i] = (float) (Math.sin(0.7 * (i + 1) + 0.1 * (index + 1)) * sizes[index]);
        }
        parameters
            .flat()
            .narrow(0, parameters.offset(SPECS.get(index).name()), count)
            .copyInPlace(Tensor.of(values));
      }
    }
    return parameters;
  }

  private static double step(
      ParameterSet parameters, Optimizer optimizer, Schedule schedule, int step) {
    float[] inputs = new float[ROWS * INPUTS];
    long[] classes = new long[ROWS];
    for (int i = 0; i < ROWS; i++) {
      double sum = 0;
      for (int j = 0; j < INPUTS; j++) {
        double value = Math.sin((step * ROWS + i + 1) * (j + 1.3));
        inputs[i * INPUTS + j] = (float) value;
        sum += value;
      }
      classes[i] = Math.floorMod((long) Math.floor(sum * 2), (long) CLASSES);
    }
    try (Scope _ = Scope.open()) {
      parameters.flatGradients().zeroInPlace();
      Tensor hidden =
          Functional.linear(
                  Tensor.of(inputs, ROWS, INPUTS),
                  parameters.value("hidden.weight"),
                  parameters.value("hidden.bias"))
              .tanh();
      Tensor logits =
          Functional.linear(
              hidden, parameters.value("output.weight"), parameters.value("output.bias"));
      Tensor loss =
          Functional.crossEntropySum(logits, Tensor.of(classes, ROWS), -100).div((double) ROWS);
      loss.backward();
      optimizer.step(step, schedule.factor(step, STEPS), 1);
      return loss.item();
    }
  }

  @Test
  void goesOnFromItsStateExactly() {
    for (OptimizerConfig config : OPTIMIZERS.values()) {
      try (ParameterSet undisturbed = start();
          ParameterSet resumed = start();
          Optimizer whole = config.bind(undisturbed);
          Optimizer first = config.bind(resumed);
          Optimizer second = config.bind(resumed)) {
        Schedule schedule = new Schedule.Constant(0);
        for (int step = 0; step < 6; step++) {
          step(undisturbed, whole, schedule, step);
          if (step == 3) {
            Map<String, Tensor> saved = new LinkedHashMap<>(first.state());
            second
                .state()
                .forEach((name, state) -> state.copyInPlace(requireNonNull(saved.get(name))));
          }
          step(resumed, step < 3 ? first : second, schedule, step);
        }
        assertThat(resumed.flat().toFloats())
            .as("%s", config)
            .containsExactly(undisturbed.flat().toFloats());
      }
    }
  }

  @Test
  void penaltiesLeaveVectorsAlone() {
    try (ParameterSet parameters = start();
        Optimizer optimizer =
            new OptimizerConfig.Sgd(1, 0, 0, false, new OptimizerConfig.Penalty(0.25, 0.5))
                .bind(parameters)) {
      parameters.flat().fillInPlace(-1);
      parameters.flatGradients().zeroInPlace();
      optimizer.step(0, 1, 1);
      assertThat(parameters.value("hidden.weight").toFloats()).containsOnly(-0.25f);
      assertThat(parameters.value("output.bias").toFloats()).containsOnly(-1f);
    }
  }

  @Test
  void refusesSettingsThatCannotBe() {
    assertThatThrownBy(() -> new OptimizerConfig.Sgd(1, 0, 0, true, OptimizerConfig.Penalty.NONE))
        .hasMessageContaining("nesterov with momentum 0.0");
    assertThatThrownBy(() -> new OptimizerConfig.Penalty(-1, 0)).hasMessageContaining("l1 is -1");
  }

  private static JsonNode fixture() throws IOException {
    try (InputStream in = OptimizerLossTest.class.getResourceAsStream("optimizers.json")) {
      return Json.parse(
          new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8),
          "optimizers.json");
    }
  }
}
