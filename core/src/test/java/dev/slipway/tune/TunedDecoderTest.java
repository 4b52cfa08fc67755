package dev.slipway.tune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.Fixtures;
import dev.slipway.model.Execution;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.optim.Optimizer;
import dev.slipway.optim.OptimizerConfig;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import dev.slipway.tokenizer.TokenBatch;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TunedDecoderTest {
  private static final TunedDecoder.Way FP32 = new TunedDecoder.Way(DType.FLOAT32, false);

  @TempDir private Path temp;

  /** Tiny published models that transformers made. */
  @BeforeEach
  void unpack() {
    Fixtures.unpack(getClass(), "peft.zip", temp);
  }

  private Path base() {
    return temp.resolve("base").resolve("llama");
  }

  private static TokenBatch batch() {
    int[] tokens = {1, 5, 9, 3, 7, 2, 4, 6, 8, 1, 3, 5, 2, 4, 6, 8};
    int[] targets = {5, 9, 3, 7, 2, 4, 6, 8, 3, 3, 5, 2, 4, 6, 8, 1};
    return new TokenBatch(2, 8, tokens, targets, new int[16]);
  }

  /** Loss before each of so many steps of AdamW. */
  private static double[] learn(TunedDecoder model, int steps) {
    double[] losses = new double[steps];
    Execution execution = model.execution();
    try (Optimizer optimizer =
        new OptimizerConfig.AdamW(0.01, 0.9, 0.999, 1e-8, 0, 0).bind(model.parameters())) {
      for (int step = 0; step < steps; step++) {
        model.parameters().flatGradients().zeroInPlace();
        losses[step] = execution.forwardBackward(batch(), 1 / 16.0) / 16;
        optimizer.step(step, 1, 1);
        model.parametersChanged();
      }
    }
    return losses;
  }

  private static List<String> learning(TunedDecoder model) {
    return model.parameters().specs().stream().map(ParameterSpec::name).toList();
  }

  @ParameterizedTest
  @CsvSource({"FLOAT32,false", "BFLOAT16,false", "FLOAT32,true", "BFLOAT16,true"})
  void everyWayLearns(DType type, boolean checkpointing) {
    TuningMethod.Lora lora = TuningMethod.Lora.of(4, 8, new Targets.AllLinear(), false, false);
    for (TuningMethod method : List.of(TuningMethod.Full.ALL, lora)) {
      try (TunedDecoder model =
          TunedDecoder.open(base(), method, new TunedDecoder.Way(type, checkpointing), 1)) {
        double[] losses = learn(model, 30);
        assertThat(losses[29]).isLessThan(losses[0] - 1);
      }
    }
  }

  @Test
  void onlyWhatIsNotFrozenLearns() {
    TuningMethod.Full method =
        TuningMethod.Full.freezing(List.of("model.embed_tokens.*", "model.layers.0.*"));
    try (TunedDecoder model = TunedDecoder.open(base(), method, FP32, 1)) {
      assertThat(learning(model))
          .isNotEmpty()
          .allMatch(name -> !name.startsWith("model.layers.0.") && !name.contains("embed"));
      double[] losses = learn(model, 30);
      assertThat(losses[29]).isLessThan(losses[0] - 0.3);
    }
    assertThatThrownBy(
            () ->
                TunedDecoder.open(
                    base(), TuningMethod.Full.freezing(List.of("transformer.*")), FP32, 1))
        .extracting("code")
        .isEqualTo("tune.freeze");
    assertThatThrownBy(
            () -> TunedDecoder.open(base(), TuningMethod.Full.freezing(List.of("*")), FP32, 1))
        .extracting("code")
        .isEqualTo("tune.freeze");
  }

  @Test
  void modulesToSaveLearnBesideTheMatrices() {
    TuningMethod.Lora method =
        new TuningMethod.Lora(
            2,
            4,
            new Targets.Named(List.of("q_proj"), List.of()),
            false,
            false,
            0,
            List.of("lm_head", "norm"));
    try (TunedDecoder model = TunedDecoder.open(base(), method, FP32, 1)) {
      assertThat(learning(model))
          .contains("lm_head.weight", "model.norm.weight")
          .contains("model.layers.0.self_attn.q_proj.lora_A.weight")
          .noneMatch(name -> name.contains("input_layernorm"));
      float[] before = model.parameters().value("lm_head.weight").toFloats();
      learn(model, 3);
      assertThat(model.parameters().value("lm_head.weight").toFloats()).isNotEqualTo(before);
    }
  }

  @Test
  void dropoutDropsOnlyWhileItLearns() {
    TuningMethod.Lora method =
        new TuningMethod.Lora(4, 8, new Targets.AllLinear(), false, false, 0.5, List.of());
    try (TunedDecoder model = TunedDecoder.open(base(), method, FP32, 1)) {
      learn(model, 5);
      assertThat(logits(model)).isEqualTo(logits(model));
      model.training(true);
      assertThat(logits(model)).isNotEqualTo(logits(model));
      model.training(false);
    }
  }

  private static float[] logits(TunedDecoder model) {
    try (Scope _ = Scope.open();
        NoGrad _ = NoGrad.open()) {
      Tensor ids = Tensor.of(batch().tokens(), 2, 8);
      return model
          .network()
          .logits(model.network().hidden(ids, model.network().pass(8)))
          .toFloats();
    }
  }
}
