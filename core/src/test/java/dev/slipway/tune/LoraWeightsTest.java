package dev.slipway.tune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.base.Json;
import dev.slipway.model.decoder.DecoderNetwork;
import dev.slipway.model.pretrained.PretrainedDecoder;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Adapters that PEFT saved with the logits that it gives: {@code reference/peft_folders.py}. */
class LoraWeightsTest {
  @TempDir private Path temp;

  @BeforeEach
  void unpack() throws IOException {
    try (InputStream stream =
            Objects.requireNonNull(getClass().getResourceAsStream("peft-folders.zip"));
        ZipInputStream zip = new ZipInputStream(stream)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        Path file = temp.resolve(entry.getName());
        Files.createDirectories(Objects.requireNonNull(file.getParent()));
        Files.write(file, zip.readAllBytes());
      }
    }
  }

  private JsonNode expected(String name) {
    for (JsonNode one : Json.read(temp.resolve("cases.json"))) {
      if (one.path("name").asString().equals(name)) {
        return one;
      }
    }
    throw new AssertionError(name);
  }

  private Path base(String name) {
    return temp.resolve("bases").resolve(expected(name).path("base").asString());
  }

  private Path adapter(String name) {
    return temp.resolve("adapters").resolve(name);
  }

  private float[] expectedLogits(String name) throws IOException {
    byte[] bytes = Files.readAllBytes(temp.resolve("logits").resolve(name + ".bin"));
    float[] logits = new float[bytes.length / Float.BYTES];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(logits);
    return logits;
  }

  private float[] logits(String name, DecoderNetwork network) {
    JsonNode ids = expected(name).path("ids");
    long[] values = new long[ids.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = ids.path(i).asLong();
    }
    try (Scope _ = Scope.open();
        NoGrad _ = NoGrad.open()) {
      Tensor input = Tensor.of(values, 1, values.length);
      return network.logits(network.hidden(input, network.pass(values.length))).toFloats();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "patterns",
        "patterns-dora",
        "bias-all",
        "bias-lora-only",
        "lora-bias",
        "embedding-saved-tied",
        "embedding-saved-tying",
        "embedding-and-head",
        "embedding-tied",
        "norms-saved",
        "tokens",
        "tokens-tied",
        "excluded",
        "layers",
        "p-tuning",
        "adalora-target-above-first",
        "experts",
        "experts-one",
        "experts-and-router"
      })
  void answersAsPeftDoes(String name) throws IOException {
    try (TunedDecoder model = TunedDecoder.answering(base(name), adapter(name), DType.FLOAT32)) {
      assertThat(logits(name, model.network()))
          .containsExactly(expectedLogits(name), within(1e-4f));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "patterns-dora",
        "bias-all",
        "embedding-saved-tied",
        "embedding-and-head",
        "experts"
      })
  void mergesIntoAModelThatAnswersTheSame(String name) throws IOException {
    Path merged = temp.resolve("merged");
    TunedFolder.merge(base(name), adapter(name), merged);
    try (PretrainedDecoder model = PretrainedDecoder.open(merged, DType.FLOAT32)) {
      assertThat(logits(name, model.network()))
          .containsExactly(expectedLogits(name), within(1e-4f));
    }
  }

  /**
   * A batch takes one rank and one scale for an adapter: what has several is a model of its own.
   */
  @Test
  void isNothingThatRowsOfABatchCanHave() {
    assertThat(LowRankAdapter.is(adapter("patterns"))).isFalse();
    assertThatThrownBy(() -> LowRankAdapter.open(base("patterns"), adapter("patterns")))
        .hasMessageContaining("patterns of ranks");
  }

  @Test
  void refusesFirstValuesThatChangedTheModel() throws IOException {
    Path config = adapter("excluded").resolve("adapter_config.json");
    ObjectNode json = (ObjectNode) Json.read(config);
    Files.writeString(config, Json.write(json.put("init_lora_weights", "pissa")));
    assertThatThrownBy(
            () -> TunedDecoder.answering(base("excluded"), adapter("excluded"), DType.FLOAT32))
        .hasMessageContaining("init_lora_weights pissa")
        .hasMessageContaining("path_initial_model_for_weight_conversion");
  }

  @Test
  void refusesAPatternThatIsNoRegularExpression() throws IOException {
    Path config = adapter("patterns").resolve("adapter_config.json");
    ObjectNode json = (ObjectNode) Json.read(config);
    json.putObject("alpha_pattern").put("(q_proj", 3);
    Files.writeString(config, Json.write(json));
    assertThatThrownBy(
            () -> TunedDecoder.answering(base("patterns"), adapter("patterns"), DType.FLOAT32))
        .hasMessageContaining("no regular expression");
  }

  @Test
  void refusesExpertsOfAnotherModel() {
    assertThatThrownBy(
            () -> TunedDecoder.answering(base("patterns"), adapter("experts"), DType.FLOAT32))
        .hasMessageContaining("experts.base_layer.weight, which the model has not");
  }

  @Test
  void refusesWhatTheModelHasNoPlaceFor() {
    assertThatThrownBy(
            () -> TunedDecoder.answering(base("patterns"), adapter("bias-all"), DType.FLOAT32))
        .hasMessageContaining("_proj.bias, which the model has not");
  }
}
