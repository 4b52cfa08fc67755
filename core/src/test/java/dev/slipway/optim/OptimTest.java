package dev.slipway.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.base.Json;
import dev.slipway.nn.ParameterSet;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Beside PyTorch: {@code reference/optim.py} made the fixture. */
class OptimTest {
  private static final OptimizerConfig.AdamW ADAMW = OptimizerConfig.AdamW.of(3e-3, 0.1);

  private static final List<ParameterSpec> SPECS =
      List.of(
          new ParameterSpec(
              "embed",
              List.of(7L, 6L),
              ParameterSpec.Role.EMBEDDING,
              new ParameterSpec.Init.Constant(0)),
          ParameterSpec.matrix("wide", 4, 6, 0),
          ParameterSpec.matrix("tall", 10, 6, 0),
          ParameterSpec.vector("bias", 5, 0));

  @Test
  void adamWIsPyTorchs() throws IOException {
    Trained trained = train(ADAMW, 50, 0);
    assertClose(trained.values(), fixture().get("adamw"), 2e-6);
  }

  @Test
  void clippingIsPyTorchs() throws IOException {
    Trained trained = train(ADAMW, 50, 1.5);
    JsonNode expected = fixture().get("adamw_clipped");
    assertClose(trained.values(), expected, 2e-6);
    for (int i = 0; i < 50; i++) {
      assertThat(trained.norms().get(i))
          .isCloseTo(expected.get("norms").get(i).asDouble(), within(1e-5));
    }
  }

  @Test
  void muonIsPyTorchsInFloat32() throws IOException {
    assertClose(
        train(muon(OptimizerConfig.Muon.Scale.SPECTRAL, false), 20, 0).values(),
        fixture().get("muon_spectral"),
        2e-4);
    assertClose(
        train(muon(OptimizerConfig.Muon.Scale.MATCH_ADAMW, false), 20, 0).values(),
        fixture().get("muon_match_adamw"),
        2e-4);
  }

  @Test
  void muonIsNearPyTorchsInBfloat16() throws IOException {
    // PyTorch itself moves by 7.6e-3 between bfloat16 and float32 here; the updates sum to 0.04.
    assertClose(
        train(muon(OptimizerConfig.Muon.Scale.MATCH_ADAMW, true), 3, 0).values(),
        fixture().get("muon_bfloat16"),
        8e-3);
  }

  @Test
  void schedulesArePyTorchs() throws IOException {
    JsonNode schedules = fixture().get("schedules");
    check(new Schedule.Constant(5), schedules.get("constant"));
    check(new Schedule.Linear(5, 0.1), schedules.get("linear"));
    check(new Schedule.Cosine(5, 0.1), schedules.get("cosine"));
    check(new Schedule.WarmupStableDecay(5, 12, 0.1), schedules.get("warmup_stable_decay"));
  }

  @Test
  void plateausArePyTorchs() throws IOException {
    for (JsonNode test : fixture().get("plateaus")) {
      Schedule.ReduceOnPlateau schedule =
          new Schedule.ReduceOnPlateau(
              0,
              test.get("factor").asDouble(),
              test.get("patience").asInt(),
              test.get("threshold").asDouble(),
              test.get("cooldown").asInt(),
              test.get("floor").asDouble());
      Schedule.ReduceOnPlateau.State state = Schedule.ReduceOnPlateau.State.START;
      for (int i = 0; i < test.get("losses").size(); i++) {
        state = schedule.after(state, test.get("losses").get(i).asDouble());
        assertThat(state.factor())
            .as("%s, validation %d", schedule, i)
            .isCloseTo(test.get("rates").get(i).asDouble(), within(1e-12));
      }
    }
  }

  @Test
  void schedulesBearRunsShorterThanTheirParts() {
    for (Schedule schedule :
        List.of(
            new Schedule.Constant(9),
            new Schedule.Linear(9, 0),
            new Schedule.Cosine(9, 0),
            new Schedule.WarmupStableDecay(9, 50, 0))) {
      for (int step = 0; step < 4; step++) {
        assertThat(schedule.factor(step, 4)).isEqualTo((step + 1) / 10.0);
      }
      for (int step = 0; step < 12; step++) {
        assertThat(schedule.factor(step, 12)).isPositive().isLessThanOrEqualTo(1);
      }
    }
  }

  @Test
  void refusesSettingsThatCannotBe() {
    assertThatThrownBy(() -> new Schedule.Cosine(-1, 0)).hasMessageContaining("warmup is -1");
    assertThatThrownBy(() -> new Schedule.Linear(0, 1.5)).hasMessageContaining("floor is 1.5");
    assertThatThrownBy(() -> new Schedule.ReduceOnPlateau(0, 1, 2, 0, 0, 0))
        .hasMessageContaining("factor 1.0");
    assertThatThrownBy(() -> OptimizerConfig.AdamW.of(Double.NaN, 0))
        .hasMessageContaining("learningRate is NaN");
    assertThatThrownBy(() -> new OptimizerConfig.AdamW(1, 1, 0.9, 1e-8, 0, 0))
        .hasMessageContaining("beta1 is 1.0");
  }

  @Test
  void neitherDecaysVectorsNorTheirNeighbours() {
    try (ParameterSet parameters = ParameterSet.allocate(SPECS);
        Optimizer optimizer = OptimizerConfig.AdamW.of(0.5, 0.5).bind(parameters)) {
      parameters.flat().fillInPlace(1);
      optimizer.step(0, 1, 1); // no gradient: decay alone
      assertThat(parameters.value("tall").toFloats()).containsOnly(0.75f);
      assertThat(parameters.value("embed").toFloats()).containsOnly(0.75f);
      assertThat(parameters.value("bias").toFloats()).containsOnly(1f);
    }
  }

  private static OptimizerConfig.Muon muon(OptimizerConfig.Muon.Scale scale, boolean bfloat16) {
    return new OptimizerConfig.Muon(0.02, 0.95, true, 5, 0.05, scale, bfloat16, ADAMW);
  }

  private record Trained(float[] values, List<Double> norms) {}

  private static Trained train(OptimizerConfig config, int steps, double clip) {
    try (Scope _ = Scope.open();
        ParameterSet parameters = ParameterSet.allocate(SPECS);
        Optimizer optimizer = config.bind(parameters)) {
      fill(parameters.flat(), (index, i) -> Math.cos(0.37 * (i + 1) + index));
      List<Double> norms = new ArrayList<>();
      for (int step = 0; step < steps; step++) {
        int now = step;
        fill(
            parameters.flatGradients(),
            (index, i) -> Math.sin(0.1 * (i + 1) * (now + 1) + index) * 0.5);
        double norm = GradientClipping.globalNorm(parameters);
        norms.add(norm);
        optimizer.step(step, 1, GradientClipping.scale(norm, clip));
      }
      return new Trained(parameters.flat().toFloats(), norms);
    }
  }

  private interface Formula {
    double of(int parameter, int element);
  }

  private static void fill(Tensor flat, Formula formula) {
    float[] values = new float[(int) flat.numel()];
    int next = 0;
    for (int index = 0; index < SPECS.size(); index++) {
      for (int i = 0; i < SPECS.get(index).numel(); i++) {
        values[next++] = (float) formula.of(index, i);
      }
    }
    flat.copyInPlace(Tensor.of(values));
  }

  private static void check(Schedule schedule, JsonNode expected) {
    assertThat(expected.size()).isEqualTo(40);
    for (int step = 0; step < 40; step++) {
      assertThat(schedule.factor(step, 40))
          .as("%s at %d", schedule, step)
          .isCloseTo(expected.get(step).asDouble(), within(1e-9));
    }
  }

  private static void assertClose(float[] actual, JsonNode expected, double tolerance) {
    JsonNode values = expected.get("values");
    assertThat(actual).hasSize(values.size());
    for (int i = 0; i < actual.length; i++) {
      assertThat((double) actual[i])
          .as("value %d", i)
          .isCloseTo(values.get(i).asDouble(), within(tolerance));
    }
  }

  private static JsonNode fixture() throws IOException {
    try (InputStream in = OptimTest.class.getResourceAsStream("optim.json")) {
      return Json.parse(
          new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8),
          "optim.json");
    }
  }
}
