package dev.slipway.model.pretrained;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.base.Json;
import dev.slipway.model.CausalAutograd;
import dev.slipway.model.decoder.DecoderConfig;
import dev.slipway.model.decoder.DecoderNetwork;
import dev.slipway.nn.MasterWeights;
import dev.slipway.nn.ParameterSet;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.nn.Projection;
import dev.slipway.nn.ProjectionSlot;
import dev.slipway.nn.ShadowWeights;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Tensor;
import dev.slipway.tokenizer.TokenBatch;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Networks of published models with gradients. */
class DecoderTrainingTest {
  @TempDir private Path temp;

  private static int[] ints(JsonNode array) {
    int[] values = new int[array.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = array.path(i).asInt();
    }
    return values;
  }

  private static CausalAutograd autograd(
      DecoderConfig config, ParameterSet parameters, boolean checkpointing) {
    return new CausalAutograd(
        config.network(new MasterWeights(parameters)), DType.FLOAT32, null, checkpointing);
  }

  /** A row of a case's ids, as several documents. */
  private static TokenBatch batch(OpenModels.Case fixture, int... starts) {
    int length = fixture.ids().length - 1;
    int[] startOf = new int[length];
    for (int start : starts) {
      Arrays.fill(startOf, start, length, start);
    }
    return new TokenBatch(
        1,
        length,
        Arrays.copyOf(fixture.ids(), length),
        Arrays.copyOfRange(fixture.ids(), 1, length + 1),
        startOf);
  }

  /** By {@code reference/transformers_logits.py}: each gradient's norm and a product with it. */
  @ParameterizedTest
  @ValueSource(strings = {"gpt2-tied", "gpt2-untied", "llama-gqa", "llama-tied", "qwen3-untied"})
  void lossAndGradientsEqualTransformers(String name) throws URISyntaxException {
    Path folder =
        Path.of(
            Objects.requireNonNull(getClass().getResource("/dev/slipway/model/gpt/" + name))
                .toURI());
    JsonNode expected = Json.read(folder.resolve("expected.json"));
    int[] first = ints(expected.path("ids").path(0));
    TokenBatch batch =
        new TokenBatch(
            1, first.length, first, ints(expected.path("targets").path(0)), new int[first.length]);
    TokenBatch second =
        new TokenBatch(
            1,
            first.length,
            ints(expected.path("ids").path(1)),
            ints(expected.path("targets").path(1)),
            new int[first.length]);
    DecoderConfig config = PretrainedDecoder.config(folder);
    try (ParameterSet parameters = PretrainedDecoder.trainable(folder).parameters();
        CausalAutograd execution = autograd(config, parameters, false)) {
      double loss = execution.forwardBackward(batch, 1) + execution.forwardBackward(second, 1);
      assertThat(loss).isCloseTo(expected.path("loss").asDouble(), within(1e-3));
      for (ParameterSpec spec : parameters.specs()) {
        float[] gradient = parameters.gradient(spec.name()).toFloats();
        double squares = 0;
        double product = 0;
        for (int i = 0; i < gradient.length; i++) {
          squares += (double) gradient[i] * gradient[i];
          product += gradient[i] * Math.cos(i);
        }
        JsonNode theirs = expected.path("gradients").path(spec.name());
        double norm = theirs.path(0).asDouble();
        double tolerance = 1e-4 * norm + 1e-5;
        assertThat(Math.sqrt(squares)).as(spec.name()).isCloseTo(norm, within(tolerance));
        assertThat(product).as(spec.name()).isCloseTo(theirs.path(1).asDouble(), within(tolerance));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "gpt2-scaled-by-layer",
        "llama-attention-bias",
        "mistral-window",
        "qwen3-moe-normalised",
        "gemma3-softcap"
      })
  void everyParameterLearnsAndRecomputedBlocksGiveTheSame(String name) {
    OpenModels.Case fixture = OpenModels.named(name);
    Path folder = fixture.folder(temp);
    DecoderConfig config = PretrainedDecoder.config(folder);
    TokenBatch batch = batch(fixture, 17);
    try (ParameterSet kept = PretrainedDecoder.trainable(folder).parameters();
        ParameterSet again = PretrainedDecoder.trainable(folder).parameters();
        CausalAutograd plain = autograd(config, kept, false);
        CausalAutograd checkpointing = autograd(config, again, true)) {
      double loss = plain.forwardBackward(batch, 1);
      assertThat(checkpointing.forwardBackward(batch, 1)).isEqualTo(loss);
      assertThat(again.flatGradients().toFloats())
          .containsExactly(kept.flatGradients().toFloats(), within(1e-4f));
      for (ParameterSpec spec : kept.specs()) {
        boolean idleExpert = spec.name().contains(".experts.");
        assertThat(kept.gradient(spec.name()).norm().item() > 1e-4 || idleExpert)
            .as(spec.name())
            .isTrue();
      }
      float[] losses = plain.losses(batch, new boolean[0]);
      double sum = 0;
      for (float l : losses) {
        sum += l;
      }
      assertThat(sum).isCloseTo(loss, within(1e-3));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpt2", "llama", "mistral-window", "gemma3-rope"})
  void documentsOfARowDoNotSeeEachOther(String name) {
    OpenModels.Case fixture = OpenModels.named(name);
    Path folder = fixture.folder(temp);
    try (ParameterSet parameters = PretrainedDecoder.trainable(folder).parameters();
        CausalAutograd execution = autograd(PretrainedDecoder.config(folder), parameters, false)) {
      TokenBatch packed = batch(fixture, 13);
      float[] together = execution.losses(packed, new boolean[0]);
      int length = packed.columns() - 13;
      TokenBatch alone =
          new TokenBatch(
              1,
              length,
              Arrays.copyOfRange(packed.tokens(), 13, packed.columns()),
              Arrays.copyOfRange(packed.targets(), 13, packed.columns()),
              new int[length]);
      assertThat(Arrays.copyOfRange(together, 13, packed.columns()))
          .containsExactly(execution.losses(alone, new boolean[0]), within(1e-4f));
      assertThat(together[20])
          .isNotCloseTo(execution.losses(batch(fixture, 0), new boolean[0])[20], within(1e-4f));
    }
  }

  @Test
  void roundedProductsComeCloseToExactOnes() {
    for (String name : List.of("llama-attention-bias", "gemma3", "qwen3-moe", "gpt2")) {
      OpenModels.Case fixture = OpenModels.named(name);
      Path folder = fixture.folder(temp);
      DecoderConfig config = PretrainedDecoder.config(folder);
      TokenBatch batch = batch(fixture, 0);
      try (ParameterSet exact = PretrainedDecoder.trainable(folder).parameters();
          ParameterSet rounded = PretrainedDecoder.trainable(folder).parameters();
          CausalAutograd full = autograd(config, exact, false)) {
        ShadowWeights shadow = new ShadowWeights(rounded, DType.BFLOAT16);
        try (CausalAutograd half =
            new CausalAutograd(config.network(shadow), DType.BFLOAT16, shadow, true)) {
          double loss = full.forwardBackward(batch, 1);
          assertThat(half.forwardBackward(batch, 1)).isCloseTo(loss, within(0.05 * loss));
          double norm = exact.flatGradients().norm().item();
          double apart = exact.flatGradients().sub(rounded.flatGradients()).norm().item();
          assertThat(apart).as(name).isLessThan(0.2 * norm);
        }
      }
    }
  }

  /** {@code W x + B A x} around what stands in a slot, as low-rank adapters do. */
  private record Adapted(Projection inner, Tensor a, Tensor b) implements Projection {
    @Override
    public Tensor apply(Tensor x) {
      return inner.apply(x).add(x.matmul(a.transpose(0, 1)).matmul(b.transpose(0, 1)));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpt2", "qwen2-tied", "qwen3-moe", "gemma3"})
  void projectionsAreReplacedFromOutsideAndLearnAroundAFrozenFile(String name) {
    OpenModels.Case fixture = OpenModels.named(name);
    TokenBatch batch = batch(fixture, 0);
    try (PretrainedDecoder model = PretrainedDecoder.open(fixture.folder(temp), DType.FLOAT32)) {
      DecoderNetwork network = model.network();
      SequencedMap<String, ProjectionSlot> slots = network.projections();
      assertThat(slots.lastEntry().getKey()).isEqualTo("lm_head");
      for (CausalAutograd execution :
          List.of(
              new CausalAutograd(network, DType.FLOAT32, null, false),
              new CausalAutograd(network, DType.FLOAT32, null, true))) {
        float[] before = execution.losses(batch, new boolean[0]);
        String place =
            slots.keySet().stream()
                .filter(key -> key.endsWith("q_proj") || key.endsWith("c_attn"))
                .findFirst()
                .orElseThrow();
        ProjectionSlot slot = Objects.requireNonNull(slots.get(place));
        Projection dense = slot.projection();
        Tensor a = Tensor.full(0.1, DType.FLOAT32, 2, slot.in()).setRequiresGrad(true);
        Tensor b = Tensor.full(0.1, DType.FLOAT32, slot.out(), 2).setRequiresGrad(true);
        slot.replace(inner -> new Adapted(inner, a, b));
        assertThat(execution.losses(batch, new boolean[0])).isNotEqualTo(before);
        execution.forwardBackward(batch, 1);
        assertThat(Objects.requireNonNull(a.grad()).norm().item()).isPositive();
        assertThat(Objects.requireNonNull(b.grad()).norm().item()).isPositive();
        slot.replace(_ -> dense);
        assertThat(execution.losses(batch, new boolean[0])).isEqualTo(before);
      }
    }
  }
}
