package dev.slipway.tune;

import static dev.slipway.tune.ReferenceBatches.floats;
import static dev.slipway.tune.ReferenceBatches.logits;
import static dev.slipway.tune.ReferenceBatches.shifted;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.Fixtures;
import dev.slipway.base.Json;
import dev.slipway.model.CausalAutograd;
import dev.slipway.model.decoder.DecoderNetwork;
import dev.slipway.model.pretrained.PretrainedDecoder;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.nn.ProjectionSlot;
import dev.slipway.optim.Optimizer;
import dev.slipway.optim.OptimizerConfig;
import dev.slipway.tensor.DType;
import dev.slipway.tokenizer.TokenBatch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Adapters beside PEFT's, by {@code reference/peft_training.py}. */
class PeftReferenceTest {
  private static final int VOCABULARY = 48;

  @TempDir private Path temp;

  @BeforeEach
  void unpack() {
    Fixtures.unpack(getClass(), "peft.zip", temp);
  }

  private PretrainedDecoder base(JsonNode expected) {
    return PretrainedDecoder.open(
        temp.resolve("base").resolve(expected.path("base").asString()), DType.FLOAT32);
  }

  @ParameterizedTest
  @ValueSource(strings = {"lora", "rslora", "dora", "layer", "gpt2", "gpt2-dora"})
  void openedMergedAndWrittenAdaptersGivePeftsLogits(String name) {
    JsonNode expected = Json.read(temp.resolve(name).resolve("expected.json"));
    JsonNode batch = expected.path("batches").path(0);
    float[] theirs = floats(expected.path("logits"));
    assertThat(theirs).hasSize(2 * 12 * VOCABULARY);
    try (PretrainedDecoder model = base(expected)) {
      DecoderNetwork network = model.network();
      float[] plain = logits(network, batch);
      assertThat(plain).isNotEqualTo(theirs);
      Path written = temp.resolve("written");
      try (Adapter adapter =
          PeftFolder.open(temp.resolve(name).resolve("end"), network.projections().values())) {
        assertThat(logits(network, batch)).containsExactly(theirs, within(1e-4f));
        PeftFolder.write(written, adapter, "base");
        assertThat(adapter.merge()).isNotEmpty();
        assertThat(logits(network, batch)).containsExactly(theirs, within(1e-4f));
      }
      assertThat(logits(network, batch)).isEqualTo(plain);
      try (Adapter _ = PeftFolder.open(written, network.projections().values())) {
        assertThat(logits(network, batch)).containsExactly(theirs, within(1e-4f));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"lora", "rslora", "dora", "layer", "gpt2", "gpt2-dora"})
  void trainingFollowsPeft(String name) {
    JsonNode expected = Json.read(temp.resolve(name).resolve("expected.json"));
    try (PretrainedDecoder model = base(expected);
        Adapter adapter =
            PeftFolder.open(
                temp.resolve(name).resolve("start"), model.network().projections().values());
        Optimizer optimizer =
            new OptimizerConfig.AdamW(0.01, 0.9, 0.999, 1e-8, 0, 0).bind(adapter.parameters());
        CausalAutograd execution =
            new CausalAutograd(model.network(), DType.FLOAT32, null, false)) {
      for (int step = 0; step < 20; step++) {
        TokenBatch batch = shifted(expected.path("batches").path(step));
        double scale = 1.0 / batch.tokens().length;
        double loss = execution.forwardBackward(batch, scale) * scale;
        assertThat(loss)
            .as("step " + step)
            .isCloseTo(expected.path("losses").path(step).asDouble(), within(1e-4));
        optimizer.step(step, 1, 1);
        adapter.parameters().flatGradients().zeroInPlace();
      }
      try (PretrainedDecoder other = base(expected);
          Adapter end =
              PeftFolder.open(
                  temp.resolve(name).resolve("end"), other.network().projections().values())) {
        for (ParameterSpec spec : end.parameters().specs()) {
          assertThat(adapter.parameters().value(spec.name()).toFloats())
              .as(spec.name())
              .containsExactly(end.parameters().value(spec.name()).toFloats(), within(1e-4f));
        }
      }
    }
  }

  @Test
  void newAdaptersChangeNothingUntilTheyAreTrained() {
    JsonNode expected = Json.read(temp.resolve("lora").resolve("expected.json"));
    JsonNode batch = expected.path("batches").path(0);
    for (boolean decomposed : new boolean[] {false, true}) {
      try (PretrainedDecoder model = base(expected)) {
        float[] plain = logits(model.network(), batch);
        TuningMethod.Lora method =
            TuningMethod.Lora.of(3, 6, new Targets.AllLinear(), false, decomposed);
        try (Adapter adapter = Adapters.attach(method, model.network().projections().values(), 5)) {
          assertThat(logits(model.network(), batch)).containsExactly(plain, within(1e-5f));
          assertThat(adapter.parameters().has("lm_head.lora_A.weight")).isFalse();
        }
      }
    }
  }

  @Test
  void refusesWhatDoesNotFit() throws IOException {
    JsonNode expected = Json.read(temp.resolve("lora").resolve("expected.json"));
    Path folder = temp.resolve("lora").resolve("end");
    Path config = folder.resolve("adapter_config.json");
    String text = Files.readString(config);
    try (PretrainedDecoder model = base(expected)) {
      Collection<ProjectionSlot> slots = model.network().projections().values();
      for (String[] change :
          new String[][] {
            {"\"q_proj\"", "\"k_proj\"", "weights.missing-tensor"},
            {"\"q_proj\"", "\"v_proj\"", "weights.surplus-tensor"},
            {"\"r\": 4", "\"r\": 3", "weights.wrong-shape"},
            {"\"r\": 4", "\"r\": 0", "adapter.bad-config"},
            {"\"LORA\"", "\"VERA\"", "adapter.unsupported"},
            {"\"rank_pattern\": {}", "\"rank_pattern\": {\"q\": 1}", "adapter.unsupported"},
            {"\"lora_bias\": false", "\"lora_bias\": true", "adapter.unsupported"}
          }) {
        assertThat(text).contains(change[0]);
        Files.writeString(config, text.replace(change[0], change[1]));
        assertThatThrownBy(() -> PeftFolder.open(folder, slots))
            .extracting("code")
            .isEqualTo(change[2]);
      }
      Files.delete(config);
      assertThatThrownBy(() -> PeftFolder.open(folder, slots))
          .extracting("code")
          .isEqualTo("adapter.missing-file");
      TuningMethod.Lora none =
          TuningMethod.Lora.of(1, 1, new Targets.Named(List.of("c_attn"), List.of()), false, false);
      assertThatThrownBy(() -> Adapters.attach(none, slots, 0))
          .extracting("code")
          .isEqualTo("tune.no-target");
    }
  }
}
