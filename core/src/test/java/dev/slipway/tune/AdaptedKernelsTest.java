package dev.slipway.tune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.model.Execution;
import dev.slipway.model.RowExecution;
import dev.slipway.model.ScoreExecution;
import dev.slipway.model.pretrained.OpenModels;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Generator;
import dev.slipway.tensor.Scope;
import dev.slipway.tokenizer.TokenBatch;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every tiny published model that kernels cover, beside autograd. */
class AdaptedKernelsTest {
  private static final Targets ALL = new Targets.AllLinear();

  @TempDir private Path temp;

  /** Two rows of several documents, some of whose tokens are not learnt. */
  private static TokenBatch packed(int vocabulary) {
    int[] tokens = new int[24];
    int[] targets = new int[24];
    int[] starts = new int[24];
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = (7 * i + 3) % vocabulary;
      targets[i] = i % 5 == 0 ? TokenBatch.IGNORED : (7 * i + 10) % vocabulary;
      starts[i] = i < 12 ? 0 : i < 17 ? 0 : 5;
    }
    return new TokenBatch(2, 12, tokens, targets, starts);
  }

  private static float[] gradients(TunedDecoder model, Execution execution, TokenBatch batch) {
    model.parameters().flatGradients().zeroInPlace();
    double unused = execution.forwardBackward(batch, 0.5);
    try (Scope _ = Scope.open()) {
      return model.parameters().flatGradients().toFloats();
    }
  }

  private static float[] rowGradients(
      TunedDecoder model, RowExecution execution, TokenBatch batch, RowExecution.RowLoss loss) {
    model.parameters().flatGradients().zeroInPlace();
    execution.forwardBackward(batch, loss);
    try (Scope _ = Scope.open()) {
      return model.parameters().flatGradients().toFloats();
    }
  }

  private static double apart(float[] one, float[] other) {
    double difference = 0;
    double length = 0;
    for (int i = 0; i < one.length; i++) {
      difference += Math.pow(one[i] - other[i], 2);
      length += Math.pow(other[i], 2);
    }
    return Math.sqrt(difference / length);
  }

  private static TuningMethod method(String name, Targets targets) {
    return name.equals("qlora")
        ? new TuningMethod.Qlora(4, 8, targets, false, false, 0, List.of())
        : TuningMethod.Lora.of(4, 8, targets, false, false);
  }

  private static void randomise(TunedDecoder model) {
    try (Scope _ = Scope.open()) {
      model.parameters().flat().normalInPlace(0, 0.1, Generator.seeded(3));
    }
    model.parametersChanged();
  }

  private static void compare(TunedDecoder model) {
    randomise(model);
    TokenBatch batch = packed(model.config().shape().vocabularySize());
    float[] expected = gradients(model, model.byAutograd(), batch);
    assertThat(expected).isNotEmpty();
    // Twice: memory that is used again must not remember.
    assertThat(apart(gradients(model, model.execution(), batch), expected)).isLessThan(2e-5);
    assertThat(apart(gradients(model, model.execution(), batch), expected)).isLessThan(2e-5);
    RowExecution.RowLoss loss = log -> new double[] {0.3 + log[0] / 50, -0.7};
    assertThat(
            apart(
                rowGradients(model, model.execution(), batch, loss),
                rowGradients(model, model.byAutograd(), batch, loss)))
        .isLessThan(2e-5);
    boolean[] right = new boolean[24];
    boolean[] rightByAutograd = new boolean[24];
    float[] losses = model.execution().losses(batch, right);
    float[] byAutograd = model.byAutograd().losses(batch, rightByAutograd);
    for (int i = 0; i < losses.length; i++) {
      assertThat(losses[i]).isCloseTo(byAutograd[i], within(1e-4f));
    }
    assertThat(right).isEqualTo(rightByAutograd);
  }

  /** Both round; kernels must not be further from float32's gradients than autograd is. */
  private static void compareRounded(TunedDecoder model, float[] exact) {
    randomise(model);
    TokenBatch batch = packed(model.config().shape().vocabularySize());
    double byAutograd = apart(gradients(model, model.byAutograd(), batch), exact);
    double byKernels = apart(gradients(model, model.execution(), batch), exact);
    assertThat(byKernels).isLessThan(1.5 * byAutograd + 0.01);
    assertThat(byKernels).isLessThan(0.5);
  }

  @ParameterizedTest
  @CsvSource({
    "lora, FLOAT32, false",
    "lora, FLOAT32, true",
    "lora, BFLOAT16, false",
    "lora, BFLOAT16, true",
    "qlora, FLOAT32, false",
    "qlora, BFLOAT16, true"
  })
  void kernelsGiveAutogradsGradients(String name, DType type, boolean checkpointing) {
    List<String> covered = new ArrayList<>();
    TuningMethod method = method(name, ALL);
    for (OpenModels.Case open : OpenModels.all()) {
      Path folder = open.folder(temp);
      try (TunedDecoder model =
          TunedDecoder.open(folder, method, new TunedDecoder.Way(type, checkpointing), 1)) {
        boolean kernels = model.execution().name().startsWith("kernels");
        assertThat(TunedDecoder.byKernels(method, model.config())).isEqualTo(kernels);
        if (!kernels) {
          continue;
        }
        covered.add(open.name());
        if (type == DType.FLOAT32) {
          compare(model);
          continue;
        }
        try (TunedDecoder exact =
            TunedDecoder.open(folder, method, new TunedDecoder.Way(DType.FLOAT32, false), 1)) {
          randomise(exact);
          TokenBatch batch = packed(model.config().shape().vocabularySize());
          compareRounded(model, gradients(exact, exact.byAutograd(), batch));
        }
      }
    }
    assertThat(covered).hasSizeGreaterThan(10);
    assertThat(covered).anyMatch(one -> one.startsWith("llama"));
    assertThat(covered).anyMatch(one -> one.startsWith("mistral"));
    assertThat(covered).anyMatch(one -> one.startsWith("qwen2"));
    assertThat(covered).anyMatch(one -> one.startsWith("qwen3"));
  }

  private static float[] scoreGradients(
      TunedDecoder model, ScoreExecution execution, TokenBatch batch) {
    model.parameters().flatGradients().zeroInPlace();
    execution.forwardBackward(batch, scores -> new double[] {0.3 + scores[0], scores[0] - 0.7});
    model.collectGradients();
    try (Scope _ = Scope.open()) {
      return model.parameters().flatGradients().toFloats();
    }
  }

  /** The last token of one row, and one within the other, which is filled up behind it. */
  private static TokenBatch scored(int vocabulary) {
    int[] tokens = packed(vocabulary).tokens();
    int[] targets = new int[24];
    Arrays.fill(targets, TokenBatch.IGNORED);
    targets[11] = 0;
    targets[12 + 7] = 0;
    return new TokenBatch(2, 12, tokens, targets, new int[24]);
  }

  @ParameterizedTest
  @CsvSource({
    "lora, FLOAT32, false",
    "lora, FLOAT32, true",
    "lora, BFLOAT16, false",
    "qlora, FLOAT32, false",
    "qlora, BFLOAT16, true"
  })
  void kernelsGiveAutogradsGradientsOfScores(String name, DType type, boolean checkpointing) {
    TuningMethod method = method(name, ALL);
    for (String architecture : List.of("llama", "mistral", "qwen2", "qwen3")) {
      Path folder = OpenModels.named(architecture).folder(temp);
      try (TunedDecoder model =
          TunedDecoder.scoring(folder, method, new TunedDecoder.Way(type, checkpointing), 1)) {
        assertThat(model.scores().name()).as(architecture).startsWith("kernels");
        assertThat(TunedDecoder.byKernels(method, model.config())).isTrue();
        randomise(model);
        TokenBatch batch = scored(model.config().shape().vocabularySize());
        float[] expected = scoreGradients(model, model.scoresByAutograd(), batch);
        double bound = type == DType.FLOAT32 ? 2e-5 : 0.1;
        assertThat(apart(scoreGradients(model, model.scores(), batch), expected))
            .as(architecture)
            .isLessThan(bound);
        assertThat(apart(scoreGradients(model, model.scores(), batch), expected))
            .as("memory that is used again must not remember")
            .isLessThan(bound);
        double[] scores = model.scores().scores(batch);
        double[] byAutograd = model.scoresByAutograd().scores(batch);
        for (int i = 0; i < scores.length; i++) {
          assertThat(scores[i])
              .isCloseTo(byAutograd[i], within(type == DType.FLOAT32 ? 1e-4 : 0.1));
        }
      }
    }
  }

  @Test
  void someProjectionsOfSomeLayersLearn() {
    Path folder = OpenModels.named("llama").folder(temp);
    for (String pattern : List.of(".*layers\\.1\\..*(q_proj|down_proj)", ".*layers\\.0.*k_proj")) {
      for (boolean checkpointing : List.of(false, true)) {
        try (TunedDecoder model =
            TunedDecoder.open(
                folder,
                method("lora", new Targets.Matching(pattern)),
                new TunedDecoder.Way(DType.FLOAT32, checkpointing),
                1)) {
          assertThat(model.execution().name()).startsWith("kernels");
          compare(model);
        }
      }
    }
  }

  @Test
  void whatKernelsDoNotCoverIsAutograds() {
    Path llama = OpenModels.named("llama").folder(temp);
    List<TuningMethod> others =
        List.of(
            TuningMethod.Full.ALL,
            TuningMethod.Lora.of(4, 8, ALL, false, true),
            new TuningMethod.Lora(4, 8, ALL, false, false, 0.1, List.of()),
            new TuningMethod.Lora(4, 8, ALL, false, false, 0, List.of("embed_tokens")),
            new TuningMethod.Pfeiffer(4, TuningMethod.Activation.RELU));
    for (TuningMethod other : others) {
      try (TunedDecoder model =
          TunedDecoder.open(llama, other, new TunedDecoder.Way(DType.FLOAT32, false), 1)) {
        assertThat(model.execution().name()).startsWith("autograd");
        assertThat(TunedDecoder.byKernels(other, model.config())).isFalse();
      }
    }
  }
}
