package dev.slipway.tune;

import static dev.slipway.tune.ReferenceBatches.shifted;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.Fixtures;
import dev.slipway.base.Json;
import dev.slipway.nn.Nf4Projection;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.optim.Optimizer;
import dev.slipway.optim.OptimizerConfig;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Scope;
import dev.slipway.tokenizer.TokenBatch;
import dev.slipway.weights.SafeTensors;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** QLoRA beside PEFT's over bitsandbytes', by {@code reference/qlora.py}. */
class QloraReferenceTest {
  private static final String PREFIX = "base_model.model.";
  private static final String WEIGHTS = "adapter_model.safetensors";

  private final TuningMethod.Qlora method =
      new TuningMethod.Qlora(
          4,
          8,
          new Targets.Named(List.of("q_proj", "v_proj", "down_proj"), List.of()),
          false,
          false,
          0,
          List.of());

  @TempDir private Path temp;

  @BeforeEach
  void unpack() {
    Fixtures.unpack(getClass(), "qlora.zip", temp);
  }

  private TunedDecoder open(DType type, boolean checkpointing) {
    return TunedDecoder.open(
        temp.resolve("base"), method, new TunedDecoder.Way(type, checkpointing), 1);
  }

  private void begin(TunedDecoder model) {
    try (Scope _ = Scope.open();
        NoGrad _ = NoGrad.open();
        SafeTensors start = SafeTensors.open(temp.resolve("start").resolve(WEIGHTS))) {
      for (ParameterSpec spec : model.parameters().specs()) {
        model.parameters().value(spec.name()).copyInPlace(start.tensor(PREFIX + spec.name()));
      }
    }
    model.parametersChanged();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void trainingFollowsPeft(boolean checkpointing) {
    JsonNode expected = Json.read(temp.resolve("expected.json"));
    try (TunedDecoder model = open(DType.FLOAT32, checkpointing);
        Optimizer optimizer =
            new OptimizerConfig.AdamW(0.01, 0.9, 0.999, 1e-8, 0, 0).bind(model.parameters());
        SafeTensors end = SafeTensors.open(temp.resolve("end").resolve(WEIGHTS))) {
      begin(model);
      for (int step = 0; step < 20; step++) {
        TokenBatch batch = shifted(expected.path("batches").path(step));
        double scale = 1.0 / batch.tokens().length;
        model.parameters().flatGradients().zeroInPlace();
        assertThat(model.execution().forwardBackward(batch, scale) * scale)
            .as("step " + step)
            .isCloseTo(expected.path("losses").path(step).asDouble(), within(1e-4));
        optimizer.step(step, 1, 1);
        model.parametersChanged();
      }
      for (ParameterSpec spec : model.parameters().specs()) {
        assertThat(model.parameters().value(spec.name()).toFloats())
            .as(spec.name())
            .containsExactly(end.tensor(PREFIX + spec.name()).toFloats(), within(1e-4f));
      }
    }
  }

  @Test
  void allButTheHeadIsQuantizedAndBfloat16LearnsToo() {
    JsonNode expected = Json.read(temp.resolve("expected.json"));
    try (TunedDecoder model = open(DType.BFLOAT16, false);
        Optimizer optimizer =
            new OptimizerConfig.AdamW(0.01, 0.9, 0.999, 1e-8, 0, 0).bind(model.parameters())) {
      assertThat(model.network().projections().get("model.layers.0.self_attn.k_proj"))
          .matches(slot -> slot.projection() instanceof Nf4Projection);
      assertThat(model.network().projections().get("lm_head"))
          .matches(slot -> !(slot.projection() instanceof Nf4Projection));
      TokenBatch batch = shifted(expected.path("batches").path(0));
      double first = 0;
      double last = 0;
      for (int step = 0; step < 30; step++) {
        model.parameters().flatGradients().zeroInPlace();
        last = model.execution().forwardBackward(batch, 1.0 / batch.tokens().length);
        first = step == 0 ? last : first;
        optimizer.step(step, 1, 1);
        model.parametersChanged();
      }
      assertThat(last).isLessThan(first / 2);
    }
  }
}
