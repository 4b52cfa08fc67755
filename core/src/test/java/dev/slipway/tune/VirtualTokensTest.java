package dev.slipway.tune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.Fixtures;
import dev.slipway.infer.Continuation;
import dev.slipway.infer.Decoder;
import dev.slipway.infer.NetworkDecoder;
import dev.slipway.infer.batch.BatchDecoder;
import dev.slipway.infer.batch.SteppedNetwork;
import dev.slipway.model.decoder.DecoderNetwork;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import dev.slipway.tokenizer.TokenBatch;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What virtual tokens are to texts, beside what PEFT's fixtures show. */
class VirtualTokensTest {
  private static final int[] TEXT = {1, 5, 9, 3, 7, 2, 4, 6, 11, 8};

  @TempDir private Path temp;

  @BeforeEach
  void unpack() {
    Fixtures.unpack(getClass(), "peft-methods.zip", temp);
  }

  private Path base(String name) {
    return temp.resolve("base").resolve(name);
  }

  private TunedDecoder answering(String model, String method) {
    String name = model.equals("gpt2") ? method + "-gpt2" : method;
    return TunedDecoder.answering(base(model), temp.resolve(name).resolve("end"), DType.FLOAT32);
  }

  /** Logits (T)(V) of a text in one pass. */
  private static float[] logits(DecoderNetwork network, int... ids) {
    try (Scope _ = Scope.open();
        NoGrad _ = NoGrad.open()) {
      return network
          .logits(network.hidden(Tensor.of(ids, 1, ids.length), network.pass(ids.length)))
          .toFloats();
    }
  }

  @ParameterizedTest
  @CsvSource({"llama,prompt", "llama,prefix", "gpt2,prompt", "gpt2,prefix"})
  void aTextGivenPieceByPieceIsTheSameText(String name, String method) {
    try (TunedDecoder model = answering(name, method)) {
      DecoderNetwork network = model.network();
      assertThat(network.context()).isEqualTo(32 - 5);
      int vocabulary = network.vocabularySize();
      float[] whole = logits(network, TEXT);
      float[] last =
          Arrays.copyOfRange(whole, (TEXT.length - 1) * vocabulary, TEXT.length * vocabulary);
      Decoder[] decoders = {
        new NetworkDecoder(network), new BatchDecoder(new SteppedNetwork(network, 8, () -> {}))
      };
      for (Decoder decoder : decoders) {
        assertThat(decoder.context()).isEqualTo(32 - 5);
        try (Decoder.Session session = decoder.open(TEXT.length)) {
          session.extend(Arrays.copyOf(TEXT, 4));
          session.extend(TEXT[4]);
          assertThat(session.extend(Arrays.copyOfRange(TEXT, 5, TEXT.length)))
              .containsExactly(last, within(1e-5f));
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"llama,prompt", "llama,prefix", "gpt2,prompt", "gpt2,prefix"})
  void documentsOfOneRowEachFollowTheVirtualTokens(String name, String method) {
    int[] first = Arrays.copyOf(TEXT, 4);
    int[] second = Arrays.copyOfRange(TEXT, 4, TEXT.length);
    int[] targets = new int[TEXT.length];
    Arrays.setAll(targets, i -> (TEXT[i] + 3) % 48);
    int[] starts = {0, 0, 0, 0, 4, 4, 4, 4, 4, 4};
    try (TunedDecoder model = answering(name, method)) {
      float[] together =
          model
              .execution()
              .losses(new TokenBatch(1, TEXT.length, TEXT, targets, starts), new boolean[0]);
      float[] alone = new float[TEXT.length];
      for (int[] part : List.of(first, second)) {
        int from = part == first ? 0 : 4;
        float[] losses =
            model
                .execution()
                .losses(
                    new TokenBatch(
                        1,
                        part.length,
                        part,
                        Arrays.copyOfRange(targets, from, from + part.length),
                        new int[part.length]),
                    new boolean[0]);
        System.arraycopy(losses, 0, alone, from, part.length);
      }
      assertThat(together).containsExactly(alone, within(1e-4f));
      List<Continuation.Likelihood> asked =
          new NetworkDecoder(model.network())
              .likelihoods(List.of(new Continuation(first, new int[] {targets[3]})), _ -> {});
      assertThat(asked.getFirst().logprob()).isCloseTo(-alone[3], within(1e-4));
    }
  }

  @Test
  void bothTeachInBfloat16AsWell() {
    int[] targets = new int[TEXT.length];
    Arrays.setAll(targets, i -> (TEXT[i] + 3) % 48);
    TokenBatch batch = new TokenBatch(1, TEXT.length, TEXT, targets, new int[TEXT.length]);
    TunedDecoder.Way way = new TunedDecoder.Way(DType.BFLOAT16, false);
    TunedDecoder.Way whole = new TunedDecoder.Way(DType.FLOAT32, false);
    for (TuningMethod method :
        List.of(
            new TuningMethod.Prompt(3, new TuningMethod.FirstValues.Vocabulary()),
            new TuningMethod.Prefix(3, new TuningMethod.FirstValues.Vocabulary()))) {
      try (TunedDecoder half = TunedDecoder.open(base("llama"), method, way, 1);
          TunedDecoder full = TunedDecoder.open(base("llama"), method, whole, 1);
          Scope _ = Scope.open()) {
        half.execution().forwardBackward(batch, 0.1);
        full.execution().forwardBackward(batch, 0.1);
        Tensor exact = full.parameters().flatGradients();
        double error = half.parameters().flatGradients().sub(exact).norm().item();
        assertThat(exact.norm().item()).isPositive();
        assertThat(error).isLessThan(0.05 * exact.norm().item());
      }
    }
  }

  /** Li and Liang 2021, §7.4: a prefix that begins as real words is what these would be. */
  @Test
  void aPrefixOfRealTokensAnswersAsThePromptOfThemDoes() {
    TuningMethod.FirstValues words = new TuningMethod.FirstValues.Vocabulary();
    for (String name : List.of("llama", "gpt2", "qwen2")) {
      try (TunedDecoder prompt =
              TunedDecoder.open(
                  base(name),
                  new TuningMethod.Prompt(6, words),
                  new TunedDecoder.Way(DType.FLOAT32, false),
                  7);
          TunedDecoder prefix =
              TunedDecoder.open(
                  base(name),
                  new TuningMethod.Prefix(6, words),
                  new TunedDecoder.Way(DType.FLOAT32, false),
                  7)) {
        assertThat(logits(prefix.network(), TEXT))
            .as(name)
            .containsExactly(logits(prompt.network(), TEXT), within(1e-4f));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"prompt", "prefix"})
  void moreThanTheModelHasPositionsForAreRefused(String which) {
    TuningMethod.FirstValues random = new TuningMethod.FirstValues.Random();
    TuningMethod method =
        which.equals("prompt")
            ? new TuningMethod.Prompt(32, random)
            : new TuningMethod.Prefix(32, random);
    assertThatThrownBy(
            () ->
                TunedDecoder.open(
                    base("llama"), method, new TunedDecoder.Way(DType.FLOAT32, false), 0))
        .hasMessageContaining("32 positions")
        .extracting("code")
        .isEqualTo("tune.virtual-tokens");
  }

  @Test
  void closingLeavesTheNetworkAsItWas() {
    try (TunedDecoder model = answering("llama", "prompt");
        TunedDecoder plain =
            TunedDecoder.open(
                base("llama"),
                TuningMethod.Full.ALL,
                new TunedDecoder.Way(DType.FLOAT32, false),
                0)) {
      float[] untuned = logits(plain.network(), TEXT);
      assertThat(logits(model.network(), TEXT)).isNotEqualTo(untuned);
      Objects.requireNonNull(model.adapter()).close();
      assertThat(logits(model.network(), TEXT)).containsExactly(untuned, within(1e-4f));
    }
  }
}
