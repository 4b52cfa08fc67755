package dev.slipway.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.infer.Generation.FinishReason;
import dev.slipway.infer.GenerationRequest.Prompt;
import dev.slipway.model.gpt.GptAutograd;
import dev.slipway.model.gpt.GptFolder;
import dev.slipway.model.pretrained.PretrainedDecoder;
import dev.slipway.tensor.DType;
import dev.slipway.tokenizer.TokenBatch;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class LanguageModelTest {
  private static final String LLAMA = "llama-gqa";

  private static Path fixture(String name) {
    try {
      return Path.of(
          Objects.requireNonNull(
                  LanguageModelTest.class.getResource("/dev/slipway/model/gpt/" + name), name)
              .toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static LanguageModel open(String name, DType dtype) {
    return LanguageModel.of(
        new LetterTokenizer(),
        PretrainedDecoder.specialIds(fixture(name)),
        () -> decoder(name, dtype));
  }

  private static Decoder decoder(String name, DType dtype) {
    return new NetworkDecoder(PretrainedDecoder.open(fixture(name), dtype));
  }

  private static LanguageModel open(String name) {
    return open(name, DType.FLOAT32);
  }

  private static List<Integer> ids(JsonNode array) {
    List<Integer> ids = new ArrayList<>();
    array.forEach(id -> ids.add(id.asInt()));
    return ids;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "gpt2-tied",
        "gpt2-untied",
        "llama-tied",
        "llama-gqa",
        "qwen3-tied",
        "qwen3-untied"
      })
  void greedyGenerationsEqualTransformers(String name) {
    JsonNode expected = Json.read(fixture(name).resolve("expected.json"));
    try (LanguageModel model = open(name)) {
      Generation generation =
          model.generate(
              GenerationRequest.of(new Prompt.Ids(ids(expected.get("prompt"))), 20, Sampling.GREEDY)
                  .withEosIds(List.of()));
      assertThat(generation.ids()).isEqualTo(ids(expected.get("greedy")));
      assertThat(generation.finishReason()).isEqualTo(FinishReason.LENGTH);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpt2-tied", "llama-gqa", "qwen3-tied"})
  void cachedLogitsInTwoTypesEqualThoseOfTheWholeSequence(String name) {
    try (Decoder decoder = decoder(name, DType.FLOAT32);
        Decoder half = decoder(name, DType.BFLOAT16);
        Decoder.Session whole = decoder.open(32);
        Decoder.Session steps = decoder.open(32);
        Decoder.Session halfSteps = half.open(9)) {
      int[] ids = {3, 1, 4, 1, 5, 9, 2, 6, 5};
      float[][] all = whole.extendAll(ids);
      assertThat(steps.extend(3, 1, 4)).containsExactly(all[2], within(1e-4f));
      assertThat(steps.extend(1)).containsExactly(all[3], within(1e-4f));
      assertThat(steps.extend(5, 9, 2)).containsExactly(all[6], within(1e-4f));
      assertThat(steps.extend(6)).containsExactly(all[7], within(1e-4f));
      assertThat(steps.length()).isEqualTo(8);
      float[] rounded = halfSteps.extend(3, 1, 4);
      assertThat(rounded).containsExactly(all[2], within(0.3f));
      assertThatThrownBy(() -> halfSteps.extend(new int[7]))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void piecesAddUpToTheText() {
    try (LanguageModel model = open(LLAMA)) {
      List<TokenListener.Piece> pieces = new ArrayList<>();
      Generation generation =
          model.generate(
              GenerationRequest.of("Hello", 10)
                  .withSampling(Sampling.GREEDY.withTemperature(1).withSeed(3))
                  .withLogprobs(2)
                  .withEosIds(List.of()),
              piece -> pieces.add(piece));
      assertThat(String.join("", pieces.stream().map(TokenListener.Piece::text).toList()))
          .isEqualTo(generation.text());
      assertThat(generation.promptIds()).hasSize(6).startsWith(0);
      assertThat(generation.ids()).hasSize(10);
      assertThat(generation.logprobs()).hasSize(10);
      TokenLogprob first = generation.logprobs().getFirst();
      assertThat(first.top()).hasSize(2);
      assertThat(first.top().get(0).logprob()).isGreaterThanOrEqualTo(first.top().get(1).logprob());
    }
  }

  @Test
  void aStopStringOverSeveralTokensEndsTheTextBeforeIt() {
    try (LanguageModel model = open(LLAMA)) {
      GenerationRequest request = GenerationRequest.of("Hello", 12).withEosIds(List.of());
      String free = model.generate(request).text();
      String stop = free.substring(4, 7);
      List<String> heard = new ArrayList<>();
      Generation stopped =
          model.generate(
              request.withStop(List.of(stop)),
              piece -> {
                heard.add(piece.text());
                return true;
              });
      assertThat(stopped.finishReason()).isEqualTo(FinishReason.STOP);
      assertThat(stopped.text()).isEqualTo(free.substring(0, free.indexOf(stop)));
      assertThat(String.join("", heard)).isEqualTo(stopped.text());
    }
  }

  @Test
  void anEndTokenEndsAndIsNotPartOfTheAnswer() {
    try (LanguageModel model = open(LLAMA)) {
      GenerationRequest request = GenerationRequest.of("Hello", 12).withEosIds(List.of());
      List<Integer> free = model.generate(request).ids();
      int end = free.get(3);
      Generation ended = model.generate(request.withEosIds(List.of(end)));
      assertThat(ended.finishReason()).isEqualTo(FinishReason.STOP);
      assertThat(ended.ids()).isEqualTo(free.subList(0, free.indexOf(end)));
    }
  }

  @Test
  void aStopTokenEndsItBesideTheModelsOwn() {
    try (LanguageModel model = open(LLAMA)) {
      GenerationRequest request = GenerationRequest.of("Hello", 12).withEosIds(List.of());
      List<Integer> free = model.generate(request).ids();
      int end = free.get(3);
      Generation ended = model.generate(request.withStopIds(List.of(end)));
      assertThat(ended.finishReason()).isEqualTo(FinishReason.STOP);
      assertThat(ended.ids()).isEqualTo(free.subList(0, free.indexOf(end)));
    }
  }

  @Test
  void nothingEndsItBeforeItsLeastNumberOfTokens() {
    try (LanguageModel model = open(LLAMA)) {
      GenerationRequest request = GenerationRequest.of("Hello", 12).withEosIds(List.of());
      Generation free = model.generate(request);
      int end = free.ids().get(1);
      Generation late =
          model.generate(
              request
                  .withEosIds(List.of(end))
                  .withStopIds(free.ids().subList(0, 1))
                  .withMinTokens(5));
      assertThat(late.ids()).hasSizeGreaterThanOrEqualTo(5);
      assertThat(late.ids().subList(0, 5)).doesNotContain(end, free.ids().getFirst());
      String stop = free.text().substring(0, 1);
      assertThat(model.generate(request.withStop(List.of(stop))).ids()).hasSize(1);
      assertThat(model.generate(request.withStop(List.of(stop)).withMinTokens(3)).ids())
          .hasSizeGreaterThan(3);
      assertThatThrownBy(() -> request.withMinTokens(13))
          .hasMessageContaining("min-tokens is 13, expected 0 to max-tokens, which is 12");
    }
  }

  @Test
  void theContextsEndEndsTheAnswer() {
    try (LanguageModel model = open(LLAMA)) {
      Generation generation =
          model.generate(GenerationRequest.of("Hello", 1000).withEosIds(List.of()));
      assertThat(generation.ids()).hasSize(32 - 6);
      assertThat(generation.finishReason()).isEqualTo(FinishReason.LENGTH);
      String longest = "x".repeat(31);
      assertThat(model.generate(GenerationRequest.of(longest, 5)).ids()).isEmpty();
      assertThatThrownBy(() -> model.generate(GenerationRequest.of(longest + "x", 5)))
          .isInstanceOf(SlipwayException.class)
          .hasMessageContaining("33 tokens, expected at most 32");
      assertThatThrownBy(
              () ->
                  model.generate(
                      GenerationRequest.of(new Prompt.Ids(List.of(64)), 1, Sampling.GREEDY)))
          .hasMessageContaining("id 64, expected 0 to 63");
      assertThatThrownBy(
              () ->
                  model.generate(
                      GenerationRequest.of(new Prompt.Ids(List.of()), 1, Sampling.GREEDY)))
          .hasMessageContaining("no tokens");
    }
  }

  @Test
  void echoGivesThePromptWithItsLogprobs() {
    try (LanguageModel model = open(LLAMA)) {
      Generation echoed =
          model.generate(GenerationRequest.of("Hello", 0).withEcho(true).withLogprobs(0));
      assertThat(echoed.text()).isEqualTo("Hello");
      assertThat(echoed.logprobs()).hasSize(6);
      assertThat(echoed.logprobs().getFirst().logprob()).isNull();
      Score score = model.score("Hello");
      for (int i = 0; i < 5; i++) {
        Double logprob = echoed.logprobs().get(i + 1).logprob();
        assertThat(Objects.requireNonNull(logprob))
            .isCloseTo(score.logprobs().get(i), within(1e-5));
      }
    }
  }

  @Test
  void cancelledByTheListenerAndByInterruption() throws Exception {
    try (LanguageModel model = open(LLAMA);
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      GenerationRequest request = GenerationRequest.of("Hello", 20).withEosIds(List.of());
      int[] count = {0};
      Generation refused = model.generate(request, _ -> ++count[0] < 3);
      assertThat(refused.finishReason()).isEqualTo(FinishReason.CANCELLED);
      assertThat(refused.ids()).hasSize(3);
      Future<Generation> waiting =
          threads.submit(
              () -> {
                Thread asking = Thread.currentThread();
                Generation generation =
                    model.generate(
                        request,
                        _ -> {
                          asking.interrupt();
                          while (asking.isInterrupted()) { // until the waiting thread takes it up
                            Thread.onSpinWait();
                          }
                          return true;
                        });
                assertThat(Thread.interrupted()).as("the interruption is not lost").isTrue();
                return generation;
              });
      assertThat(waiting.get().finishReason()).isEqualTo(FinishReason.CANCELLED);
    }
  }

  @Test
  void manyVirtualThreadsGetTheSameAnswer() throws Exception {
    try (LanguageModel model = open("qwen3-untied");
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      GenerationRequest request =
          GenerationRequest.of("Hello", 8)
              .withSampling(new Sampling(0.9, 20, 0.95, 0.01, 1.1, 0.3, 0.2, Map.of(5, 1.5), 42))
              .withEosIds(List.of());
      Generation alone = model.generate(request);
      List<Callable<Generation>> asks = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        asks.add(() -> model.generate(request));
      }
      for (Future<Generation> answer : threads.invokeAll(asks)) {
        assertThat(answer.get()).isEqualTo(alone);
      }
    }
  }

  @Test
  void scoresEqualTheTrainingLossAndWindowsCountEachTokenOnce() {
    GptFolder folder = GptFolder.open(fixture(LLAMA));
    String text = "TheQuickBrownFoxJumpsOver1";
    try (LanguageModel model = open(LLAMA);
        GptAutograd execution =
            new GptAutograd(folder.config(), folder.parameters(), DType.FLOAT32)) {
      Score score = model.score(text);
      int[] ids = score.ids().stream().mapToInt(Integer::intValue).toArray();
      int length = ids.length - 1;
      float[] losses =
          execution.losses(
              new TokenBatch(
                  1,
                  length,
                  java.util.Arrays.copyOf(ids, length),
                  java.util.Arrays.copyOfRange(ids, 1, ids.length),
                  new int[length]),
              new boolean[0]);
      double sum = 0;
      for (float loss : losses) {
        sum += loss;
      }
      assertThat(score.nll()).isCloseTo(sum, within(1e-3));
      assertThat(score.bitsPerByte()).isCloseTo(sum / Math.log(2) / text.length(), within(1e-4));
      assertThat(score.perplexity()).isCloseTo(Math.exp(sum / length), within(0.05));
      String longText = text.repeat(5);
      Score windows = model.score(longText, 8);
      assertThat(windows.logprobs()).hasSize(longText.length()).allMatch(p -> p <= 0);
      Score head = model.score(longText.substring(0, 32));
      assertThat(windows.logprobs().subList(0, 32)).isEqualTo(head.logprobs());
      assertThat(model.score("").logprobs()).isEmpty();
      assertThatThrownBy(() -> model.score(text, 0)).hasMessageContaining("stride");
    } finally {
      folder.parameters().close();
    }
  }
}
