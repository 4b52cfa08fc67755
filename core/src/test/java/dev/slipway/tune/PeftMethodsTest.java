package dev.slipway.tune;

import static dev.slipway.tune.ReferenceBatches.floats;
import static dev.slipway.tune.ReferenceBatches.ids;
import static dev.slipway.tune.ReferenceBatches.logits;
import static dev.slipway.tune.ReferenceBatches.shifted;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.Fixtures;
import dev.slipway.base.Json;
import dev.slipway.base.binding.Auto;
import dev.slipway.model.CausalAutograd;
import dev.slipway.model.Network;
import dev.slipway.model.Pass;
import dev.slipway.model.decoder.DecoderNetwork;
import dev.slipway.model.encoder.Head;
import dev.slipway.model.encoder.TextEncoder;
import dev.slipway.model.pretrained.EncoderFolder;
import dev.slipway.model.pretrained.PretrainedDecoder;
import dev.slipway.nn.Input;
import dev.slipway.nn.Inputs;
import dev.slipway.nn.ParameterSet;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.optim.Optimizer;
import dev.slipway.optim.OptimizerConfig;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Functional;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import dev.slipway.tokenizer.TokenBatch;
import dev.slipway.weights.SafeTensors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Methods beside PEFT's and PyTorch's, by {@code reference/peft_methods.py}. */
class PeftMethodsTest {
  private static final int STEPS = 20;
  private static final TunedDecoder.Way FP32 = new TunedDecoder.Way(DType.FLOAT32, false);

  @TempDir private Path temp;

  @BeforeEach
  void unpack() {
    Fixtures.unpack(getClass(), "peft-methods.zip", temp);
  }

  private JsonNode expected(String name) {
    return Json.read(temp.resolve(name).resolve("expected.json"));
  }

  private Path base(JsonNode expected) {
    return temp.resolve("base").resolve(expected.path("base").asString());
  }

  private static Optimizer optimizer(ParameterSet parameters) {
    return new OptimizerConfig.AdamW(0.01, 0.9, 0.999, 1e-8, 0, 0).bind(parameters);
  }

  private static void assertSame(Adapter adapter, Adapter end) {
    try (Scope _ = Scope.open()) {
      assertThat(adapter.tensors().keySet())
          .containsExactlyInAnyOrderElementsOf(end.tensors().keySet());
      adapter
          .tensors()
          .forEach(
              (name, tensor) ->
                  assertThat(tensor.toFloats())
                      .as(name)
                      .containsExactly(end.parameters().value(name).toFloats(), within(1e-4f)));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "adalora",
        "adalora-gpt2",
        "ia3",
        "ia3-gpt2",
        "houlsby",
        "houlsby-gpt2",
        "pfeiffer"
      })
  void trainingOfDecodersFollowsTheReference(String name) {
    JsonNode expected = expected(name);
    Path folder = temp.resolve(name);
    try (PretrainedDecoder model = PretrainedDecoder.open(base(expected), DType.FLOAT32);
        Adapter adapter =
            PeftFolder.open(folder.resolve("start"), model.network().projections().values());
        Optimizer optimizer = optimizer(adapter.parameters());
        CausalAutograd execution =
            new CausalAutograd(model.network(), DType.FLOAT32, null, false)) {
      adapter.begin(STEPS);
      for (int step = 0; step < STEPS; step++) {
        TokenBatch batch = shifted(expected.path("batches").path(step));
        double scale = 1.0 / batch.tokens().length;
        double loss = execution.forwardBackward(batch, scale) * scale + adapter.regularise();
        assertThat(loss)
            .as("step " + step)
            .isCloseTo(expected.path("losses").path(step).asDouble(), within(1e-4));
        optimizer.step(step, 1, 1);
        adapter.stepped(step + 1, 1);
        adapter.parameters().flatGradients().zeroInPlace();
      }
      adapter.finish();
      try (PretrainedDecoder other = PretrainedDecoder.open(base(expected), DType.FLOAT32);
          Adapter end =
              PeftFolder.open(folder.resolve("end"), other.network().projections().values())) {
        assertSame(adapter, end);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "adalora",
        "adalora-gpt2",
        "ia3",
        "ia3-gpt2",
        "houlsby",
        "houlsby-gpt2",
        "pfeiffer"
      })
  void openedMergedAndWrittenAdaptersGiveTheReferencesLogits(String name) {
    JsonNode expected = expected(name);
    JsonNode batch = expected.path("batches").path(0);
    float[] theirs = floats(expected.path("logits"));
    Path written = temp.resolve("written");
    try (PretrainedDecoder model = PretrainedDecoder.open(base(expected), DType.FLOAT32)) {
      DecoderNetwork network = model.network();
      float[] plain = logits(network, batch);
      assertThat(plain).isNotEqualTo(theirs);
      try (Adapter adapter =
          PeftFolder.open(temp.resolve(name).resolve("end"), network.projections().values())) {
        assertThat(logits(network, batch)).containsExactly(theirs, within(1e-4f));
        PeftFolder.write(written, adapter, "base");
        if (adapter.mergeable()) {
          assertThat(adapter.merge()).isNotEmpty();
          assertThat(logits(network, batch)).containsExactly(theirs, within(1e-4f));
        } else {
          assertThatThrownBy(adapter::merge).isInstanceOf(UnsupportedOperationException.class);
        }
      }
      assertThat(logits(network, batch)).isEqualTo(plain);
      try (Adapter _ = PeftFolder.open(written, network.projections().values())) {
        assertThat(logits(network, batch)).containsExactly(theirs, within(1e-4f));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"prompt", "prompt-gpt2", "prefix", "prefix-gpt2"})
  void virtualTokensLearnAsInPeft(String name) {
    JsonNode expected = expected(name);
    Path folder = temp.resolve(name);
    JsonNode batch = expected.path("batches").path(0);
    float[] theirs = floats(expected.path("logits"));
    Path written = temp.resolve("written");
    for (boolean checkpointing : new boolean[] {false, true}) {
      TunedDecoder.Way way = new TunedDecoder.Way(DType.FLOAT32, checkpointing);
      try (TunedDecoder model =
              TunedDecoder.open(
                  base(expected), PeftFolder.method(folder.resolve("start")), way, 0);
          Optimizer optimizer = optimizer(model.parameters())) {
        PeftFolder.load(folder.resolve("start"), model.parameters());
        model.parametersChanged();
        for (int step = 0; step < STEPS; step++) {
          TokenBatch rows = shifted(expected.path("batches").path(step));
          double scale = 1.0 / rows.tokens().length;
          model.parameters().flatGradients().zeroInPlace();
          assertThat(model.execution().forwardBackward(rows, scale) * scale)
              .as("step " + step)
              .isCloseTo(expected.path("losses").path(step).asDouble(), within(1e-4));
          optimizer.step(step, 1, 1);
          model.parametersChanged();
        }
        assertThat(logits(model.network(), batch)).containsExactly(theirs, within(1e-3f));
        PeftFolder.write(written, Objects.requireNonNull(model.adapter()), "base");
      }
      try (TunedDecoder end =
              TunedDecoder.answering(base(expected), folder.resolve("end"), DType.FLOAT32);
          TunedDecoder ours = TunedDecoder.answering(base(expected), written, DType.FLOAT32)) {
        assertThat(logits(end.network(), batch)).containsExactly(theirs, within(1e-4f));
        assertThat(ours.parameters().value("prompt_embeddings").toFloats())
            .containsExactly(end.parameters().value("prompt_embeddings").toFloats(), within(1e-4f));
        assertThatThrownBy(ours::merge).extracting("code").isEqualTo("adapter.not-mergeable");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"bitfit-gpt2", "bitfit-qwen2"})
  void biasesAloneLearnAsInPyTorch(String name) {
    JsonNode expected = expected(name);
    try (TunedDecoder model =
            TunedDecoder.open(base(expected), new TuningMethod.Bitfit(), FP32, 0);
        Optimizer optimizer = optimizer(model.parameters());
        SafeTensors end =
            SafeTensors.open(temp.resolve(name).resolve("end").resolve("biases.safetensors"))) {
      for (int step = 0; step < STEPS; step++) {
        TokenBatch batch = shifted(expected.path("batches").path(step));
        double scale = 1.0 / batch.tokens().length;
        model.parameters().flatGradients().zeroInPlace();
        assertThat(model.execution().forwardBackward(batch, scale) * scale)
            .as("step " + step)
            .isCloseTo(expected.path("losses").path(step).asDouble(), within(1e-4));
        optimizer.step(step, 1, 1);
        model.parametersChanged();
      }
      List<String> names = model.parameters().specs().stream().map(ParameterSpec::name).toList();
      assertThat(names).containsExactlyInAnyOrderElementsOf(end.names());
      for (String bias : names) {
        assertThat(withoutKeys(bias, model.parameters().value(bias)))
            .as(bias)
            .containsExactly(withoutKeys(bias, end.tensor(bias)), within(1e-4f));
      }
    }
  }

  /** GPT-2's keys' biases change nothing, by the softmax: their gradients are noise alone. */
  private static float[] withoutKeys(String name, Tensor bias) {
    float[] values = bias.toFloats();
    if (name.endsWith("c_attn.bias")) {
      Arrays.fill(values, values.length / 3, 2 * values.length / 3, 0);
    }
    return values;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "lora-bert",
        "adalora-bert",
        "ia3-bert",
        "houlsby-bert",
        "pfeiffer-bert",
        "bitfit-bert"
      })
  void trainingOfEncodersFollowsTheReference(String name) {
    JsonNode expected = expected(name);
    Path folder = temp.resolve(name);
    Head head = new Head.SequenceClassification(List.of("a", "b", "c"));
    boolean biases = name.startsWith("bitfit");
    boolean bottleneck = name.startsWith("houlsby") || name.startsWith("pfeiffer");
    try (TextEncoder network = EncoderFolder.openTrainable(base(expected), head, 0).network();
        Adapter adapter = biases ? null : opened(folder.resolve("start"), network, bottleneck);
        Optimizer ofAdapter = adapter == null ? null : optimizer(adapter.parameters());
        Optimizer ofModel = optimizer(network.parameters())) {
      network
          .parameters()
          .freeze(
              parameter ->
                  biases
                      ? !parameter.endsWith("bias")
                      : bottleneck || !parameter.startsWith("classifier"));
      if (adapter != null) {
        adapter.begin(STEPS);
      }
      for (int step = 0; step < STEPS; step++) {
        double loss = learn(network, expected, step);
        loss += adapter == null ? 0 : adapter.regularise();
        assertThat(loss)
            .as("step " + step)
            .isCloseTo(expected.path("losses").path(step).asDouble(), within(1e-4));
        if (adapter != null && ofAdapter != null) {
          ofAdapter.step(step, 1, 1);
          adapter.stepped(step + 1, 1);
          adapter.parameters().flatGradients().zeroInPlace();
        }
        ofModel.step(step, 1, 1);
        network.parameters().restoreFrozen();
        network.parameters().flatGradients().zeroInPlace();
      }
      if (adapter == null) {
        try (Scope _ = Scope.open();
            NoGrad _ = NoGrad.open()) {
          assertThat(output(network, expected.path("batches").path(0)).toFloats())
              .containsExactly(floats(expected.path("logits")), within(1e-3f));
        }
        return;
      }
      adapter.finish();
      try (TextEncoder other = EncoderFolder.openTrainable(base(expected), head, 0).network();
          Adapter end = opened(folder.resolve("end"), other, bottleneck)) {
        assertSame(adapter, end);
        try (Scope _ = Scope.open();
            NoGrad _ = NoGrad.open()) {
          Tensor logits = output(other, expected.path("batches").path(0));
          assertThat(logits.toFloats())
              .containsExactly(floats(expected.path("logits")), within(1e-4f));
        }
      }
    }
  }

  /** PEFT saves the head beside what it adds. */
  private static Adapter opened(Path folder, TextEncoder network, boolean alone) {
    return alone
        ? PeftFolder.open(folder, network.projections().values())
        : PeftFolder.open(folder, network);
  }

  private static double learn(TextEncoder network, JsonNode expected, int step) {
    try (Scope _ = Scope.open()) {
      JsonNode classes = expected.path("labels").path(step);
      long[] labels = new long[classes.size()];
      for (int i = 0; i < labels.length; i++) {
        labels[i] = classes.path(i).asLong();
      }
      Tensor loss =
          Functional.crossEntropySum(
                  output(network, expected.path("batches").path(step)),
                  Tensor.of(labels, labels.length),
                  -100)
              .div(labels.length);
      loss.backward();
      return loss.item();
    }
  }

  private static Tensor output(TextEncoder network, JsonNode batch) {
    Tensor ids = Tensor.of(ids(batch), batch.size(), batch.path(0).size());
    return Objects.requireNonNull(
        network
            .forward(Inputs.of(TextEncoder.IDS, Input.of(ids)), Pass.TRAINING)
            .get(Network.OUTPUT));
  }

  /** Trained here, opened there. */
  @ParameterizedTest
  @ValueSource(strings = {"lora", "dora", "adalora", "ia3", "prompt", "prefix"})
  @EnabledIfEnvironmentVariable(
      named = "SLIPWAY_PYTHON",
      matches = ".+",
      disabledReason = "needs a Python with reference/requirements.txt")
  void peftOpensWhatIsWritten(String name) throws Exception {
    Targets all = new Targets.AllLinear();
    TuningMethod method =
        switch (name) {
          case "lora" -> TuningMethod.Lora.of(4, 8, all, true, false);
          case "dora" -> TuningMethod.Lora.of(4, 8, all, false, true);
          case "adalora" ->
              new TuningMethod.Adalora(
                  6, 1, 8, all, 0, Auto.of(1), Auto.of(2), 1, 0.85, 0.85, 0.5, List.of());
          case "prompt" -> new TuningMethod.Prompt(5, new TuningMethod.FirstValues.Vocabulary());
          case "prefix" -> new TuningMethod.Prefix(5, new TuningMethod.FirstValues.Vocabulary());
          default -> PeftFolder.method(temp.resolve("ia3").resolve("start"));
        };
    JsonNode expected = expected("ia3");
    Path written = temp.resolve("written");
    String ids = "1 5 9 3 7 2 4 6";
    float[] ours;
    try (TunedDecoder model = TunedDecoder.open(base(expected), method, FP32, 3);
        Optimizer optimizer = optimizer(model.parameters())) {
      Adapter adapter = Objects.requireNonNull(model.adapter());
      adapter.begin(6);
      for (int step = 0; step < 6; step++) {
        TokenBatch batch = shifted(expected.path("batches").path(step));
        model.parameters().flatGradients().zeroInPlace();
        model.execution().forwardBackward(batch, 1.0 / batch.tokens().length);
        adapter.regularise();
        optimizer.step(step, 1, 1);
        adapter.stepped(step + 1, 1);
        model.parametersChanged();
      }
      adapter.finish();
      PeftFolder.write(written, adapter, base(expected).toString());
      ours = logits(model.network(), Json.parse("[[" + ids.replace(' ', ',') + "]]", "ids"));
    }
    Process python =
        new ProcessBuilder(
                Objects.requireNonNull(System.getenv("SLIPWAY_PYTHON")),
                Path.of("..", "reference", "check_adapter.py").toString(),
                base(expected).toString(),
                written.toString(),
                ids)
            .redirectError(ProcessBuilder.Redirect.to(temp.resolve("errors").toFile()))
            .start();
    String output = new String(python.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(python.waitFor()).as(Files.readString(temp.resolve("errors"))).isZero();
    float[] theirs = floats(Json.parse(output.strip().lines().toList().getLast(), "check_adapter"));
    assertThat(ours).containsExactly(theirs, within(1e-4f));
  }

  @Test
  void unknownTypesAreRefusedWithThoseThatWork() throws IOException {
    Path folder = temp.resolve("ia3").resolve("end");
    Path config = folder.resolve("adapter_config.json");
    Files.writeString(config, Files.readString(config).replace("\"IA3\"", "\"VERA\""));
    assertThatThrownBy(() -> PeftFolder.method(folder))
        .hasMessageContaining("VERA")
        .hasMessageContaining("LORA, ADALORA, IA3")
        .extracting("code")
        .isEqualTo("adapter.unsupported");
  }
}
