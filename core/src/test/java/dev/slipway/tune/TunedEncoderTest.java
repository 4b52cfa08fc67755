package dev.slipway.tune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.Fixtures;
import dev.slipway.base.binding.Auto;
import dev.slipway.model.Network;
import dev.slipway.model.Pass;
import dev.slipway.model.encoder.Head;
import dev.slipway.model.encoder.TextEncoder;
import dev.slipway.model.pretrained.EncoderFolder;
import dev.slipway.nn.Input;
import dev.slipway.nn.Inputs;
import dev.slipway.tensor.Generator;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Encoders that learnt something: what is written answers as they do. */
class TunedEncoderTest {
  private static final Head HEAD = new Head.SequenceClassification(List.of("a", "b", "c"));
  private static final Targets ALL = new Targets.AllLinear();

  @TempDir private Path temp;

  @BeforeEach
  void unpack() {
    Fixtures.unpack(getClass(), "peft-methods.zip", temp);
  }

  private static float[] logits(Network network) {
    try (Scope _ = Scope.open();
        NoGrad _ = NoGrad.open()) {
      Tensor ids = Tensor.of(new int[] {1, 5, 9, 3, 7, 2, 4, 6}, 2, 4);
      return network.output(Inputs.of(TextEncoder.IDS, Input.of(ids)), Pass.INFERENCE).toFloats();
    }
  }

  static Stream<TuningMethod> methods() {
    return Stream.of(
        TuningMethod.Full.ALL,
        new TuningMethod.Bitfit(),
        TuningMethod.Lora.of(2, 4, ALL, false, false),
        TuningMethod.Lora.of(2, 4, ALL, true, true),
        new TuningMethod.Ia3(
            new Targets.Named(List.of("key", "value", "output.dense"), List.of()),
            new Targets.Named(List.of("output.dense"), List.of()),
            List.of()),
        new TuningMethod.Houlsby(3, TuningMethod.Activation.GELU),
        new TuningMethod.Pfeiffer(3, TuningMethod.Activation.RELU));
  }

  @ParameterizedTest
  @MethodSource("methods")
  void whatIsWrittenAnswersAsWhatWasLearnt(TuningMethod method) throws IOException {
    Path base = temp.resolve("base/bert");
    Path written = Files.createDirectory(temp.resolve("written"));
    float[] learnt;
    try (TunedEncoder model = TunedEncoder.open(base, HEAD, method, 1)) {
      float[] before = logits(model);
      try (Scope _ = Scope.open();
          NoGrad _ = NoGrad.open()) {
        Tensor noise =
            Tensor.zeros(model.parameters().flat().dtype(), model.parameters().numel())
                .normalInPlace(0, 0.1, Generator.seeded(3));
        model.parameters().flat().addInPlace(noise, 1);
      }
      learnt = logits(model);
      assertThat(learnt).isNotEqualTo(before);
      model.write(written);
    }
    try (Network answering = TunedEncoder.answering(written)) {
      assertThat(logits(answering)).containsExactly(learnt, within(1e-5f));
    }
    assertThat(EncoderFolder.isAdapted(written)).isEqualTo(!TunedEncoder.becomesWhole(method));
    if (EncoderFolder.isAdapted(written)) {
      assertThatThrownBy(() -> EncoderFolder.open(written))
          .extracting("code")
          .isEqualTo("model.adapter");
      assertThatThrownBy(() -> TunedEncoder.open(written, HEAD, method, 1))
          .extracting("code")
          .isEqualTo("model.adapter");
    }
  }

  static Stream<TuningMethod> others() {
    return Stream.of(
        new TuningMethod.Full(List.of(), 0, 1, 10),
        new TuningMethod.Qlora(2, 4, ALL, false, false, 0, List.of()),
        new TuningMethod.Adalora(
            4, 2, 8, ALL, 0, Auto.of(1), Auto.of(1), 1, 0.85, 0.85, 0.5, List.of()),
        new TuningMethod.Prompt(4, new TuningMethod.FirstValues.Random()),
        new TuningMethod.Prefix(4, new TuningMethod.FirstValues.Random()));
  }

  @ParameterizedTest
  @MethodSource("others")
  void whatEncodersDoNotHaveIsRefusedByName(TuningMethod method) {
    assertThatThrownBy(() -> TunedEncoder.open(temp.resolve("base/bert"), HEAD, method, 1))
        .hasMessageContaining("houlsby, pfeiffer or bitfit")
        .extracting("code")
        .isEqualTo("tune.encoder-method");
  }
}
